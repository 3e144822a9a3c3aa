#pragma once
// One pass over a service: who supervises it and lives, what the record says, what is wished of it, its log, and for which
// family it was written. What shows services, counts them or finds them by name stands on this.
//
// What lies below a service directory belongs to the service's owner: nothing there is waited for, little of it is read,
// and what makes no sense becomes an error of that service.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/client/service_directory.h"
#include "core/dialect/dialect.h"

namespace kindred {

enum class Supervision : std::uint8_t {
  Unknown,  ///< it could not be found out; ServiceSurvey::troubles says why
  None,     ///< nobody supervises, and no record says that anybody did
  Stale,    ///< a record, but no living supervisor: what it says was true once
  Live,
};

/// What was seen of one process, main or log.
struct ProcessSurvey {
  Supervision supervision = Supervision::Unknown;
  const Dialect* supervisor = nullptr;  ///< whose record it is; null: there is none, or it speaks for nobody
  std::optional<DecodedStatus> status;  ///< nullopt: there is none, or it could not be read
  std::optional<bool> normally_up;
};

struct ServiceSurvey {
  DirectoryId id;
  DirectoryShape shape;  ///< all false where the directory may be entered but not listed
  ProcessSurvey main;
  std::optional<ProcessSurvey> log;  ///< nullopt: the service has none
  /// Where the log is, below the service; empty: the record of main tells of it.
  std::string log_place;
  std::vector<Error> troubles;  ///< objects are paths below the service
};

/// Fifteen system calls for a process that has a supervise directory, its directory opened and closed.
class Surveyor {
 public:
  explicit Surveyor(std::span<const Dialect* const> families);

  /// The directory in which the services that are looked at from now on are listed: AT_FDCWD, or one that stays open.
  /// Doors beside them are looked for there, once. For AT_FDCWD they are looked for beside each service.
  void enter(int parent);

  /// `name` is relative to what was entered. Errors: open's, operation "open"; ENOTDIR where it is no directory.
  [[nodiscard]] Result<ServiceSurvey> look(const char* name) const;

  [[nodiscard]] const KnownFamilies& families() const { return families_; }

 private:
  void look_at_log(ServiceSurvey& survey, const ServiceDirectory& service, bool below_main) const;
  [[nodiscard]] static ProcessSurvey judge(const SuperviseLook& look, const std::string& place,
                                           std::vector<Error>& troubles);

  KnownFamilies families_;
  int parent_;
  std::vector<const Dialect*> doors_;
};

/// The family for which a directory of this shape was clearly written; null where it could be several families'.
[[nodiscard]] const Dialect* written_for(std::span<const Dialect* const> families,
                                         const DirectoryShape& shape);

}  // namespace kindred
