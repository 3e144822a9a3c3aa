#include "core/chain/namespace_step.h"

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>

namespace kindred {

Status apply_step(const LeaveNamespaces& step, ProcessState&) {
  if (step.kinds != 0 && ::unshare(step.kinds) == -1) return error_here("unshare", "");
  return ok();
}

Status apply_step(const SetPropagation& step, ProcessState&) {
  const unsigned long flags = step.recursive ? step.kind | MS_REC : step.kind;
  if (::mount("none", step.path.c_str(), nullptr, flags, nullptr) == -1)
    return error_here("change the mount", step.path);
  return ok();
}

}  // namespace kindred
