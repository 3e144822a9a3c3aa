#pragma once
// What the words of all subcommands have in common.

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

/// How a subcommand presents itself.
struct CommandLine {
  std::string program;  ///< "kindred log"
  std::string usage;    ///< after "usage: "
  std::string purpose;  ///< what --help says before the options
  boost::program_options::options_description options{"Options"};
};

/// Reads the words; the operands go to `operands`. Returns an exit code where that is all there is to do: help was asked
/// for, or the words are wrong, which has been said.
[[nodiscard]] std::optional<int> read_words(const CommandLine& line, int argc, char** argv,
                                            std::vector<std::string>& operands);

/// Paragraphs that have a line longer than 80 columns, folded at blanks; the others as they are. `begins_at`: the column of
/// the first; `indent`: of what is folded. Pure.
[[nodiscard]] std::string folded(std::string_view text, std::size_t begins_at = 0, std::size_t indent = 0);

/// Says what is wrong with the words, and how they go.
int usage_error(const CommandLine& line, const std::string& problem);

}  // namespace kindred
