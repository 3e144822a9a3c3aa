#pragma once
// One service as a client from outside sees it: a directory that somebody may supervise. Nothing here knows a
// family; names and codecs come from the dialects that the caller brings.
//
// What lies below a service directory belongs to the service's owner, the client may be root: no link in the
// place of a file is followed but for the record, no FIFO in the place of a file is waited for, and control bytes go into FIFOs
// only.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// The families a client can talk to. `home` is the one whose words it speaks, and whose files it expects
/// where the evidence speaks for no family at all, or for none more than for it.
struct KnownFamilies {
  const Dialect& home;
  std::span<const Dialect* const> all;
};

/// A home for clients that guess nothing: it stands in where the evidence speaks for no family. No record is
/// its own, and it can say nothing.
[[nodiscard]] const Dialect& no_family();

/// Why a command for a process group was not given: see ServiceDirectory::lacks_group().
inline constexpr const char* kLacksGroup = "its process leads no process group";

/// What one look at a supervised service tells.
struct Observation {
  const Dialect* supervisor = nullptr;  ///< the family that supervises; never null
  DecodedStatus status;
};

/// In an Error: what was read is no record of the family ("bad format").
inline constexpr int kBadFormat = 74;  // EBADMSG

/// All that one look at a service's supervision tells.
struct SuperviseLook {
  const Dialect* supervisor = nullptr;  ///< never null
  /// As ServiceDirectory::supervised().
  Result<bool> supervised = false;
  /// Nobody but a supervisor can have made it look so: what tells of it is a FIFO, a lock on an ordinary file, or an
  /// answer at a door, and nothing that somebody put in its place.
  bool genuine = false;
  /// There is a `log` in the supervise directory.
  bool log_below = false;
  /// As ServiceDirectory::observe().
  Result<DecodedStatus> status = DecodedStatus{};
};

/// What whoever has listed a service directory knows already.
struct Surroundings {
  bool has_event_directory = false;
  /// The directory in which it is listed, and the families whose doors there are there.
  int parent = -1;
  std::span<const Dialect* const> doors{};
};

class ServiceDirectory {
 public:
  /// `path` is relative to `at`, AT_FDCWD or an earlier directory's fd(). Needs what chdir(2) needs: search
  /// permission, not read. Errors: chdir's, operation "chdir to", object `path`.
  static Result<ServiceDirectory> open(int at, const char* path);
  /// One that is open, for reading or by path only.
  explicit ServiceDirectory(UniqueFd fd) : fd_(std::move(fd)) {}

  /// For *at() calls and fchdir(2) only.
  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Whether anything is there under `name`, links followed. Errors: stat's, other than ENOENT.
  [[nodiscard]] Result<bool> has(const char* name) const;

  /// What is the service directory of its log where that is supervised apart: beside the record of main where the log
  /// has no directory, `log` otherwise. Errors: as open().
  [[nodiscard]] Result<ServiceDirectory> open_log(const SuperviseLayout& layout) const;

  /// The file by which the service is not started by itself, as the family of its supervisor calls it; empty
  /// where it has none.
  [[nodiscard]] std::string down_file(const Dialect& supervisor) const;

  /// Whether the service is not to be started by itself, by the file that the family of its supervisor looks
  /// for. Errors: has()'s; object the file.
  [[nodiscard]] Result<bool> normally_down(const Dialect& supervisor) const;

  /// Whether a supervisor lives: whether the FIFO `ok` has a reader or, in a family that has no `ok`, whether
  /// somebody holds the record lock. Asking leaves no trace there.
  /// Errors: any failure to open it other than ENXIO; object "supervise/ok" or "supervise/lock".
  [[nodiscard]] Result<bool> supervised(const SuperviseLayout& layout) const;

  /// Likewise, as the family that supervises shows it.
  [[nodiscard]] Result<bool> supervised(const KnownFamilies& families) const {
    return supervised(supervisor(families)->layout);
  }

  /// Which family supervises, and its status record, decoded. It does not ask whether the supervisor lives:
  /// see supervised(). Errors: operation "open" or "read", object "supervise/status"; code kBadFormat for
  /// what the family does not read.
  [[nodiscard]] Result<Observation> observe(const KnownFamilies& families) const;

  /// Whether the supervisor lives, which family it is of and what its record says, from one pass over the files.
  [[nodiscard]] SuperviseLook look(const KnownFamilies& families) const;
  [[nodiscard]] SuperviseLook look(const KnownFamilies& families, const Surroundings& around) const;

  /// Whether one of these is for the process group of one that leads none: it must not be said to a supervisor that
  /// cannot answer. As far as can be seen: a process that has ended has no group, and needs none.
  [[nodiscard]] bool lacks_group(const KnownFamilies& families,
                                 std::span<const ControlCommand> commands) const;

  /// Which family supervises, where the record itself does not matter. Never null.
  [[nodiscard]] const Dialect* supervisor(const KnownFamilies& families) const;

 private:
  [[nodiscard]] Surroundings surroundings(const KnownFamilies& families, UniqueFd& parent,
                                          std::vector<const Dialect*>& doors) const;

  UniqueFd fd_;
};

/// The way to a supervisor's control FIFO, or through the door at which it answers.
class ControlChannel {
 public:
  enum class WhenFull : std::uint8_t {
    Wait,    ///< until the supervisor reads, however long
    Refuse,  ///< fail with EAGAIN
  };

  /// Errors: ENXIO where no supervisor reads; EINVAL for anything but a FIFO; otherwise open's. Object
  /// "supervise/control".
  static Result<ControlChannel> open(const ServiceDirectory& service, const SuperviseLayout& layout);

  /// All bytes in one write, so that no other client's come in between. The caller has SIGPIPE ignored.
  /// Errors: write's; object "supervise/control".
  Status send(std::string_view bytes, WhenFull when_full);

  /// How many bytes, whoever sent them, the supervisor has not read yet.
  [[nodiscard]] std::size_t unread() const;

 private:
  explicit ControlChannel(UniqueFd fd, std::string path, const DoorCodec* door = nullptr)
      : fd_(std::move(fd)), path_(std::move(path)), door_(door) {}

  UniqueFd fd_;  ///< the FIFO, or the service directory beside a door
  std::string path_;
  const DoorCodec* door_;
};

/// A client that writes to a FIFO must not die of a reader that leaves.
void ignore_sigpipe();

/// The reason in a few words: the family's phrase for the errno, or "bad format".
[[nodiscard]] std::string_view why(const Error& error);

}  // namespace kindred
