#include "core/chain/limit_step.h"

#include <algorithm>
#include <cerrno>

namespace kindred {

bool change_limit(const ChangeLimit& step, rlimit& present) {
  rlim_t wanted = step.number;
  if (step.value == ChangeLimit::Value::HardLimit) wanted = present.rlim_max;
  if (step.value == ChangeLimit::Value::SoftLimit) wanted = present.rlim_cur;
  if (step.which != ChangeLimit::Which::Soft) {
    present.rlim_max = wanted;
    present.rlim_cur = std::min(present.rlim_cur, wanted);
  }
  if (step.which != ChangeLimit::Which::Hard)
    present.rlim_cur = step.clamps ? std::min(wanted, present.rlim_max) : wanted;
  return present.rlim_cur <= present.rlim_max;
}

Status apply_step(const ChangeLimit& step, ProcessState&) {
  const auto resource = static_cast<__rlimit_resource_t>(step.resource);
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return error_here("get limit", step.name);
  if (!change_limit(step, limit)) return error_here("set limit", step.name, EINVAL);
  if (::setrlimit(resource, &limit) != 0) return error_here("set limit", step.name);
  return ok();
}

}  // namespace kindred
