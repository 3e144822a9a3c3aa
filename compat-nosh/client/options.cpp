#include "compat-nosh/client/options.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/client/service_directory.h"

namespace kindred::nosh {
namespace {

const Option* by_letter(std::span<const Option> options, char letter) {
  for (const Option& option : options)
    if (letter != 0 && option.letter == letter) return &option;
  return nullptr;
}

const Option* by_name(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options)
    if (name == option.name) return &option;
  return nullptr;
}

std::string help(std::string_view program, std::span<const Option> options, std::string_view operands,
                 bool in_full) {
  std::string text("Usage: ");
  text.append(program).append(" [-?");
  for (const Option& option : options)
    if (option.letter != 0) text += option.letter;
  text += "] [--help] [--usage]";
  for (const Option& option : options) {
    text.append(" [--").append(option.name).append(option.takes_value ? " VALUE]" : "]");
  }
  text.append(" ").append(operands).append("\n");
  if (in_full) {
    text += "\n";
    for (const Option& option : options) {
      text += option.letter != 0 ? std::string("  -") + option.letter + ", --" : std::string("      --");
      text.append(option.name).append("\n          ").append(option.help).append("\n");
    }
  }
  return text;
}

}  // namespace

void complain(std::string_view program, std::string_view severity,
              std::initializer_list<std::string_view> parts) {
  std::string text(program);
  text.append(": ").append(severity).append(": ");
  for (const std::string_view part : parts) text += part;
  print_error({text});
}

int fail(std::string_view program, std::initializer_list<std::string_view> parts, int exit_code) {
  complain(program, "FATAL", parts);
  return exit_code;
}

std::string_view reason(const Error& error) {
  return error.code == kBadFormat ? "bad format" : system_error_text(error.code);
}

std::optional<long> parse_number(const char* text) {
  char* end = nullptr;
  errno = 0;
  const long value = std::strtol(text, &end, 0);
  if (end == text || *end != '\0' || errno != 0) return std::nullopt;
  return value;
}

Arguments read_arguments(int argc, char* const* argv, std::span<const Option> options,
                         std::string_view operands) {
  const std::string_view program = base_name(argv[0]);
  Arguments arguments;
  int next = 1;
  const auto wrong = [&](std::string_view culprit, const char* what) {
    arguments.exit = kExitFailed;
    arguments.text = std::string(culprit) + ": " + what;
  };
  const auto show = [&](bool in_full) {
    arguments.exit = 0;
    arguments.text = help(program, options, operands, in_full);
  };
  const auto value_of = [&](const Option& option) -> const char* {
    if (!option.takes_value) return nullptr;
    if (next < argc) return argv[next++];
    wrong(option.name, "missing option argument");
    return nullptr;
  };
  const auto short_options = [&](const char* word) {
    for (const char* at = word + 1; *at != '\0' && !arguments.exit; ++at) {
      if (*at == '?') return show(true);
      const Option* option = by_letter(options, *at);
      if (option == nullptr) return wrong(word, "unrecognized option(s)");
      const bool attached = option->takes_value && at[1] != '\0';
      arguments.options.push_back({option, attached ? at + 1 : value_of(*option)});
      if (attached) return;
    }
  };
  const auto long_option = [&](const char* word) {
    const std::string_view name(word + 2);
    if (name == "help" || name == "usage") {
      show(name == "help");
    } else if (const Option* option = by_name(options, name)) {
      arguments.options.push_back({option, value_of(*option)});
    } else {
      wrong(word, "unrecognized option");
    }
  };
  while (next < argc && argv[next][0] == '-' && !arguments.exit) {
    const char* word = argv[next++];
    if (std::string_view(word) == "--") break;
    if (word[1] == '-')
      long_option(word);
    else
      short_options(word);
  }
  arguments.operands = {argv + next, static_cast<std::size_t>(argc - next)};
  return arguments;
}

Arguments parse_arguments(int argc, char** argv, std::span<const Option> options, std::string_view operands) {
  Arguments arguments = read_arguments(argc, argv, options, operands);
  if (arguments.exit == kExitFailed) {
    static_cast<void>(fail(base_name(argv[0]), {arguments.text}));
  } else if (arguments.exit) {
    Output out;
    if (!out.add(arguments.text).flush()) arguments.exit = kExitFailed;
  }
  return arguments;
}

}  // namespace kindred::nosh
