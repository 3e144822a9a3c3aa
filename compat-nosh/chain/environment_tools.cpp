// Tools of the environment. Source: interfaces/nosh-system.md section 4.3.

#include <algorithm>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {
namespace {

ChainRequest extend_path(int argc, char** argv, const Environment& environment, bool in_front) {
  ToolWords words(argc, argv, {}, "VARIABLE DIRECTORY PROGRAM...");
  VariableChange change;
  change.name = words.take("variable name");
  const std::string directory = words.take("directory name");
  const auto old = environment.value(change.name);
  if (!old)
    change.value = directory;
  else
    change.value = in_front ? directory + ":" + std::string(*old) : std::string(*old) + ":" + directory;
  return words.then(SetVariable{std::move(change)});
}

}  // namespace

ChainRequest parse_setenv(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "VARIABLE VALUE PROGRAM...");
  VariableChange change;
  change.name = words.take("variable name");
  change.value = words.take("variable value");
  return words.then(SetVariable{std::move(change)});
}

ChainRequest parse_unsetenv(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "VARIABLE PROGRAM...");
  return words.then(SetVariable{{words.take("variable name"), std::nullopt}});
}

ChainRequest parse_prependpath(int argc, char** argv, const Environment& environment) {
  return extend_path(argc, argv, environment, true);
}

ChainRequest parse_appendpath(int argc, char** argv, const Environment& environment) {
  return extend_path(argc, argv, environment, false);
}

ChainRequest parse_clearenv(int argc, char** argv, const Environment& environment) {
  struct Kept {
    const char* option;
    std::string_view variable;
  };
  constexpr Option kOptions[] = {
      {'p', "keep-path", "but PATH and LD_LIBRARY_PATH"},
      {'h', "keep-user", "but HOME, USER and LOGNAME"},
      {'s', "keep-shell", "but SHELL"},
      {'t', "keep-term", "but TERM, COLORTERM, XTERM_VERSION, VTE_VERSION and TTY"},
      {'l', "keep-locale", "but LANG and LC_..."},
  };
  constexpr Kept kKept[] = {
      {"keep-path", "PATH"},          {"keep-path", "LD_LIBRARY_PATH"},
      {"keep-user", "HOME"},          {"keep-user", "USER"},
      {"keep-user", "LOGNAME"},       {"keep-shell", "SHELL"},
      {"keep-term", "TERM"},          {"keep-term", "COLORTERM"},
      {"keep-term", "XTERM_VERSION"}, {"keep-term", "VTE_VERSION"},
      {"keep-term", "TTY"},           {"keep-locale", "LANG"},
      {"keep-locale", "LC_ALL"},      {"keep-locale", "LC_COLLATE"},
      {"keep-locale", "LC_CTYPE"},    {"keep-locale", "LC_MESSAGES"},
      {"keep-locale", "LC_MONETARY"}, {"keep-locale", "LC_NUMERIC"},
      {"keep-locale", "LC_TIME"},
  };
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  SetEnvironment step;
  for (const std::string& entry : environment.entries()) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    if (std::ranges::any_of(
            kKept, [&](const Kept& kept) { return kept.variable == name && words.has(kept.option); }))
      step.entries.push_back(entry);
  }
  return words.then(std::move(step));
}

ChainRequest parse_machineenv(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "PROGRAM...");
  return words.then(TellMachine{});
}

ChainRequest parse_envdir(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{'i', "ignore-nodir", "a directory that cannot be opened is an empty one"},
                                 {'f', "full", "the whole of each file, not its first line"},
                                 {'c', "chomp", "no blanks at the ends of lines"}};
  ToolWords words(argc, argv, kOptions, "DIRECTORY PROGRAM...");
  ReadEnvDirectory step;
  step.path = words.take("directory name");
  step.rules.unopened_is_empty = words.has("ignore-nodir");
  step.rules.skips_directories = true;
  step.rules.skips_special = true;
  step.rules.value.whole_file = words.has("full");
  step.rules.value.chomps = false;
  step.rules.value.trims_lines = words.has("chomp");
  return words.then(std::move(step));
}

}  // namespace kindred::nosh
