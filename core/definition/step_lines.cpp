#include "core/definition/step_lines.h"

#include <algorithm>
#include <span>

namespace kindred {

std::vector<std::string> comments_of(std::string_view script) {
  std::vector<std::string> comments;
  std::string_view rest = script.substr(std::min(script.find('\n'), script.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size(), rest.size()));
    if (line.starts_with('#')) comments.emplace_back(line.substr(1));
  }
  return comments;
}

std::string write_step_lines(const definition::Command& command, const StepLines& language,
                             const std::function<void(const definition::Step&)>& lost) {
  std::string text(language.first_line);
  text += "\n";
  for (const std::string& comment : command.comments) text += "#" + comment + "\n";
  const auto line = [&](const std::vector<std::string>& words) {
    for (std::size_t at = 0; at < words.size(); ++at)
      text += (at == 0 ? "" : " ") + language.write_word(words[at]);
    text += "\n";
  };
  const ChainWriter say_nothing = [](std::span<const definition::Step>,
                                     std::vector<std::string>&) -> std::size_t { return 0; };
  std::span<const definition::Step> steps(command.steps);
  while (!steps.empty()) {
    std::vector<std::string> words;
    const std::size_t taken = std::max<std::size_t>(1, language.write_step(steps, words));
    line(words.empty() ? write_chain(steps.first(1), {}, say_nothing, lost) : words);
    steps = steps.subspan(taken);
  }
  line(command.program.empty() ? std::vector<std::string>{"true"} : command.program);
  return text;
}

}  // namespace kindred
