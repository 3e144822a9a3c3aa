#include "core/definition/procfile.h"

#include <algorithm>

#include "core/definition/text_lines.h"
#include "core/definition/unit_words.h"

namespace kindred {
namespace {

bool is_name(std::string_view name) {
  constexpr std::string_view kBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name[0] != '-' && name.find_first_not_of(kBytes) == std::string_view::npos;
}

/// The value of a line of .env: in quotes as it is, in "…" with escapes.
std::string value_of(std::string_view text) {
  if (text.size() > 1 && text.front() == '\'' && text.back() == '\'')
    return std::string(text.substr(1, text.size() - 2));
  if (text.size() > 1 && text.front() == '"' && text.back() == '"')
    if (const auto words = split_unit_words(text); words && words->size() == 1) return words->front();
  return std::string(text);
}

struct Variables {
  std::vector<definition::Step> steps;
  std::vector<Loss> losses;
  bool has_port = false;
};

void read_variables(const SourceFile& file, Variables& variables) {
  for_each_line(file.bytes, [&](std::string_view line, unsigned number) {
    if (line.starts_with("export ")) line = without_blanks_around(line.substr(7));
    const std::size_t equals = line.find('=');
    const std::string name(without_blanks_around(line.substr(0, equals)));
    if (equals == std::string_view::npos || name.empty())
      return variables.losses.push_back({file.path, number, std::string(line), "it is no variable", ""});
    variables.has_port |= name == "PORT";
    variables.steps.emplace_back(
        definition::SetVariable{name, value_of(without_blanks_around(line.substr(equals + 1)))});
  });
}

/// Words, where no shell is needed to read them.
std::vector<std::string> program_of(const std::string& command) {
  const bool plain = command.find_first_of("$`|&;<>()*?[]{}~#\\\"'=!") == std::string::npos;
  if (plain)
    if (auto words = split_unit_words(command); words && !words->empty()) return *words;
  // A list of commands is the shell's to stay for.
  const bool list =
      command.find_first_of("|&;\n(") != std::string::npos || command.find('=') < command.find(' ');
  return {"sh", "-c", (list ? "" : "exec ") + command};
}

}  // namespace

std::vector<ReadDefinition> read_procfiles(std::span<const SourceFile> files) {
  Variables variables;
  for (const SourceFile& file : files)
    if (file_name(file.path).starts_with(".env")) read_variables(file, variables);
  std::vector<ReadDefinition> all;
  for (const SourceFile& file : files) {
    if (file_name(file.path).starts_with(".env")) continue;
    for_each_line(file.bytes, [&](std::string_view line, unsigned number) {
      const std::size_t colon = line.find(':');
      const std::string_view name = line.substr(0, colon);
      const std::string command(colon == std::string_view::npos
                                    ? std::string_view()
                                    : without_blanks_around(line.substr(colon + 1)));
      if (!is_name(name) || command.empty())
        return variables.losses.push_back(
            {file.path, number, std::string(line), "it is no NAME: COMMAND", ""});
      ReadDefinition& read = all.emplace_back();
      read.definition.name = name;
      definition::Command run;
      run.steps = variables.steps;
      run.steps.emplace_back(definition::CopyDescriptor{2, 1});
      const std::string directory(directory_of(file.path));
      run.steps.emplace_back(definition::EnterDirectory{directory.empty() ? "." : directory});
      run.program = program_of(command);
      if (directory.empty() || directory[0] != '/')
        read.losses.push_back({file.path, number, std::string(name),
                               "it runs in the Procfile's directory, which is not known in full",
                               "write its path in full in run"});
      if (!variables.has_port && command.find("$PORT") != std::string::npos)
        read.losses.push_back({file.path, number, "$PORT", "nobody chooses a port", "set PORT in run"});
      read.definition.run = definition::Body{std::move(run), {}, file.path};
    });
  }
  if (all.empty()) all.emplace_back();
  all.front().losses.insert(all.front().losses.end(), variables.losses.begin(), variables.losses.end());
  if (!all.front().definition.run)
    all.front().losses.push_back(
        {files.empty() ? "" : files.front().path, 0, "NAME: COMMAND", "there is no command to run", ""});
  return all;
}

}  // namespace kindred
