#pragma once
// A resource limit, hard or soft or both, which fails where it cannot be set as it is asked for.

#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace kindred {

struct ProcessState;

struct ChangeLimit {
  enum class Which : std::uint8_t {
    Soft,
    Hard,  ///< the soft one goes down with it, where it has to
    Both,
  };
  enum class Value : std::uint8_t { Number, HardLimit, SoftLimit };

  int resource = 0;
  std::string name;  ///< in errors
  Which which = Which::Soft;
  Value value = Value::Number;
  rlim_t number = 0;    ///< RLIM_INFINITY: none
  bool clamps = false;  ///< a soft limit beyond the hard one is the hard one
};

/// Errors: operation "set limit", object the name.
[[nodiscard]] Status apply_step(const ChangeLimit& step, ProcessState& state);

/// Pure: what becomes of `present`. False where the soft limit would exceed the hard one.
[[nodiscard]] bool change_limit(const ChangeLimit& step, rlimit& present);

}  // namespace kindred
