#include "core/native/command_line.h"

#include <algorithm>
#include <sstream>

#include "core/cli/output.h"

namespace kindred {

namespace options = boost::program_options;
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::string_view kUsage = "usage: ";

std::string folded_paragraph(std::string_view text, std::size_t begins_at, std::size_t indent) {
  std::string out;
  std::size_t at = begins_at;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = text.find_first_of(" \n");
    if (end == std::string_view::npos) end = text.size();
    if (end == 0) continue;
    if (!out.empty() && at + 1 + end > kColumns) {
      out.append("\n").append(indent, ' ');
      at = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++at;
    }
    out += text.substr(0, end);
    at += end;
  }
  return out;
}

}  // namespace

std::string folded(std::string_view text, std::size_t begins_at, std::size_t indent) {
  std::string out;
  for (std::size_t end = 0;; text.remove_prefix(end)) {
    end = std::min(text.find("\n\n"), text.size());
    const std::string_view paragraph = text.substr(0, end);
    bool fits = true;
    std::size_t width = begins_at;
    for (const char c : paragraph) {
      width = c == '\n' ? 0 : width + 1;
      fits = fits && width <= kColumns;
    }
    out += fits ? std::string(paragraph) : folded_paragraph(paragraph, begins_at, indent);
    if (end == text.size()) return out;
    end += 2;
    out += "\n\n";
  }
}

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
  text << kUsage << folded(line.usage, kUsage.size(), kUsage.size()) << "\n\n"
       << folded(line.purpose) << "\n\n"
       << line.options << common;
  Output out;
  out.add(text.str());
  const Status written = out.flush();
  return written ? 0 : fatal(line.program, written.error());
}

int usage_error(const CommandLine& line, const std::string& problem) {
  print_error({line.program, ": ", problem});
  print_error({kUsage, folded(line.usage, kUsage.size(), kUsage.size())});
  return kExitUsage;
}

}  // namespace kindred
