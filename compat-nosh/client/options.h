#pragma once
/// nosh's option grammar.
///
///   -dx           short options combine; one with a value takes the rest of its word, or the next one
///   --name        in full; a value is the next word, never after `=`
///   -             nothing
///   --            ends the options, as does the first word that does not begin with `-`
///   -? --help     the options, on standard output; --usage: one line
///
/// Source: interfaces/nosh.md section 2.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred::nosh {

/// Usage errors and most failures.
inline constexpr int kExitFailed = 1;

struct Option {
  char letter;  ///< 0: it has none
  const char* name;
  const char* help;
  bool takes_value = false;
};

struct Arguments {
  struct Given {
    const Option* option;
    const char* value;  ///< null where it takes none
  };
  std::vector<Given> options;  ///< in order
  std::span<char* const> operands;
  std::optional<int> exit;  ///< there is nothing left to do: help is asked for, or a usage error
  std::string text;         ///< the help; or the error, without "PROG: FATAL: "

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The last one counts; null: not given.
  [[nodiscard]] const char* value(std::string_view name) const {
    const Given* const given = find(name);
    return given != nullptr ? given->value : nullptr;
  }

 private:
  [[nodiscard]] const Given* find(std::string_view name) const {
    const Given* found = nullptr;
    for (const Given& given : options)
      if (name == given.option->name) found = &given;
    return found;
  }
};

/// Pure. `operands` is for the usage line.
[[nodiscard]] Arguments read_arguments(int argc, char* const* argv, std::span<const Option> options,
                                       std::string_view operands);
/// Likewise; help is shown, and errors are said as "PROG: FATAL: …".
[[nodiscard]] Arguments parse_arguments(int argc, char** argv, std::span<const Option> options,
                                        std::string_view operands);

/// "PROG: FATAL: …" on standard error; returns `exit_code`, for `return fail(…)`.
int fail(std::string_view program, std::initializer_list<std::string_view> parts,
         int exit_code = kExitFailed);
/// "PROG: ERROR: …", "PROG: INFO: …"
void complain(std::string_view program, std::string_view severity,
              std::initializer_list<std::string_view> parts);

/// Why, in the C library's words.
[[nodiscard]] std::string_view reason(const Error& error);

/// A number as the family reads it: 0x and 0 mean base 16 and 8. nullopt unless all of the text is one.
[[nodiscard]] std::optional<long> parse_number(const char* text);

}  // namespace kindred::nosh
