#pragma once
// Scripts of an interpreter whose words are a chain: comments, then each step in a line of its own. Pure.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/chain.h"
#include "core/definition/service_definition.h"

namespace kindred {

/// Where the words of one step go: what a family's writer of steps is made from.
struct StepWords {
  std::vector<std::string>& words;

  /// True: the step has been said.
  bool add(std::initializer_list<std::string> more) const {
    words.insert(words.end(), more);
    return true;
  }
};

/// The lines after the first that are comments, without their sign.
[[nodiscard]] std::vector<std::string> comments_of(std::string_view script);

struct StepLines {
  std::string_view first_line;                    ///< that names the interpreter
  ChainWriter write_step;                         ///< in the family's tools
  std::string (*write_word)(const std::string&);  ///< as the interpreter reads it
};
/// The script. What nobody can say is told to `lost`, and left out.
[[nodiscard]] std::string write_step_lines(const definition::Command& command, const StepLines& language,
                                           const std::function<void(const definition::Step&)>& lost);

}  // namespace kindred
