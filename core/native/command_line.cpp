#include "core/native/command_line.h"

#include <sstream>

#include "core/cli/output.h"

namespace kindred {

namespace options = boost::program_options;

std::optional<int> read_words(const CommandLine& line, int argc, char** argv,
                              std::vector<std::string>& operands) {
  bool help = false;
  options::options_description all;
  options::options_description common;
  common.add_options()("help", options::bool_switch(&help), "this text");
  all.add(line.options).add(common).add_options()("operand", options::value(&operands));
  options::positional_options_description positions;
  positions.add("operand", -1);
  // An option that is guessed today may be another one tomorrow.
  using namespace options::command_line_style;
  try {
    options::variables_map given;
    options::store(options::command_line_parser(argc, argv)
                       .options(all)
                       .positional(positions)
                       .style(unix_style & ~allow_guessing)
                       .run(),
                   given);
    options::notify(given);
  } catch (const options::error& problem) {
    return usage_error(line, problem.what());
  }
  if (!help) return std::nullopt;
  std::ostringstream text;
  text << "usage: " << line.usage << "\n\n" << line.purpose << "\n\n" << line.options << common;
  Output out;
  out.add(text.str());
  const Status written = out.flush();
  return written ? 0 : fatal(line.program, written.error());
}

int usage_error(const CommandLine& line, const std::string& problem) {
  print_error({line.program, ": ", problem});
  print_error({"usage: ", line.usage});
  return kExitUsage;
}

}  // namespace kindred
