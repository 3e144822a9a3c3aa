#pragma once
// An original's supervisor that is to be taken over from: found by what the kernel tells of processes, held still, and
// put into the words in which kindred finds what an earlier kindred has left.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/engine/process_table.h"
#include "core/native/foreign_process.h"
#include "core/native/takeover_plan.h"
#include "core/sys/unique_fd.h"

namespace kindred {

struct OldSupervisor {
  std::string name;  ///< of the service, as messages have it
  const Dialect* family = nullptr;
  UniqueFd directory;  ///< the service's, whose log it may look after
  Role role = Role::Main;
  bool has_log = false;  ///< it looks after service and log
  pid_t pid = 0, parent = 0;
  UniqueFd process;
  std::optional<FileId> scanners_pipe;

  [[nodiscard]] std::string label() const;
};

/// Those of a service: one, or a second for a log that is a service of its own. None where an original's supervisor is not
/// there.
[[nodiscard]] std::vector<OldSupervisor> old_supervisors_of(const std::string& name, int directory,
                                                            const std::vector<NamedProcess>& processes);

/// Held still at a moment when nothing is under way, with what is to be done then. Errors: plan_takeover()'s, when what
/// passes did not; HeldStill's.
struct HeldSupervisor {
  HeldStill still;
  TakeoverPlan plan;
};
[[nodiscard]] Result<HeldSupervisor> hold(const OldSupervisor& old);

/// What of its descriptors its successor needs, opened anew.
[[nodiscard]] Result<std::vector<UniqueFd>> open_fifos(const OldSupervisor& old, const TakeoverPlan& plan);
/// What the table of processes is to say of it. Errors: a directory that is not there.
[[nodiscard]] Result<std::vector<ForeignRole>> roles_of(const OldSupervisor& old, const TakeoverPlan& plan);

}  // namespace kindred
