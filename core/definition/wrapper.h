#pragma once
// Small shell scripts that stand before a script which was written for another family: they tell it what it looks for,
// and say its family's way what its exit decides. Pure. A wrapper names itself in its second line, so that a later
// conversion takes it away again instead of wrapping it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/service_definition.h"

namespace kindred {

struct Wrapper {
  std::vector<Word> told = {};                                 ///< by the supervisor that runs the wrapper
  std::vector<Word> wanted = {};                               ///< by what it runs
  std::string name = {};                                       ///< of the service, where it is wanted
  std::string enter = {};                                      ///< a directory; empty: it stays where it is
  std::string file = {};                                       ///< what it runs, from there; empty: nothing
  definition::Verdict verdict = definition::Verdict::Nothing;  ///< what that one's exit decides
  definition::Verdict verdict_to = definition::Verdict::Nothing;  ///< what the wrapper's does
  definition::Restart restart = definition::Restart::Always;      ///< what run's end decides
  std::string stay_down = {};  ///< a command for a supervisor that asks no exit; empty: there is none

  friend bool operator==(const Wrapper&, const Wrapper&) = default;
};

/// Whether the wrapper can do all that it is to do.
[[nodiscard]] bool is_possible(const Wrapper& wrapper);
[[nodiscard]] std::string wrapper_text(const Wrapper& wrapper);

/// nullopt: the text is none that wrapper_text() makes for a supervisor that tells `told`, asks `verdict_to` and has
/// `stay_down`.
[[nodiscard]] std::optional<Wrapper> read_wrapper(std::string_view text, const std::vector<Word>& told,
                                                  definition::Verdict verdict_to,
                                                  const std::string& stay_down);

}  // namespace kindred
