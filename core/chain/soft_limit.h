#pragma once
// Soft resource limits by the letters that the whole family gives them.
//
//   a  address space    f  file size        p  processes       t  CPU seconds
//   c  core file        l  locked memory    r  resident set
//   d  data             o  open files       s  stack
//   P  real-time priority (the newest tools; not among soft_limit_letters())
//   m  all of data, stack, locked memory and address space
//
// Source: interfaces/daemontools.md section 10.2.

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

struct SoftLimit {
  char letter;
  rlim_t value;  ///< lowered to the hard limit
  enum class Which : std::uint8_t {
    Soft,
    Hard,  ///< the soft one stays
    Both,
  };
  Which which = Which::Soft;
};

/// How a family writes a limit.
struct SoftLimitRules {
  bool equals_is_hard = true;      ///< "=": all that the hard limit allows
  bool dash_is_unlimited = false;  ///< "-": no limit at all, soft or hard
  bool empty_is_zero = true;
  bool too_great_is_hard =
      true;  ///< a number that no limit can be: all that the hard limit allows; else it is none
};

/// For getopt(3): each takes an argument.
[[nodiscard]] std::string soft_limit_letters();

/// `value`: decimal digits, or what the rules have besides. nullopt: neither, or a letter that limits nothing.
[[nodiscard]] std::optional<SoftLimit> parse_soft_limit(char letter, std::string_view value,
                                                        const SoftLimitRules& rules = {});

/// Whether it is more than a hard limit allows.
[[nodiscard]] bool is_cut(const SoftLimit& limit);

/// Errors: operation "set limit", object the letter.
[[nodiscard]] Status apply(const SoftLimit& limit);

}  // namespace kindred
