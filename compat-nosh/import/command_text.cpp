#include "compat-nosh/import/command_text.h"

namespace kindred::nosh {
namespace {

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// Calls `use(byte, quote)` for each byte that no backslash comes before, and no other; quotes are not counted as
/// bytes. A NUL stands for "unquoted".
template <class Use>
void for_each_bare_byte(std::string_view text, Use use) {
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && quote != '\'')
      ++at;
    else if (quote != 0 && c == quote)
      quote = 0;
    else if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else
      use(at, quote);
  }
}

/// A mark that says a failure is none has no counterpart.
std::string_view without_mark(std::string_view command) {
  if (command.starts_with('-')) command.remove_prefix(1);
  return command;
}

}  // namespace

std::string script_word(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.";
  const bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(word) : in_quotes(word);
}

std::string shell_command(std::string_view command) {
  command = without_mark(command);
  std::string escaped;
  std::size_t copied = 0;
  for_each_bare_byte(command, [&](std::size_t at, char quote) {
    if (quote != 0 || std::string_view(";|&").find(command[at]) == std::string_view::npos) return;
    escaped.append(command.substr(copied, at - copied)).append("\\");
    copied = at;
  });
  return escaped.append(command.substr(copied));
}

std::string script_command(std::string_view command) {
  bool variables = false;
  for_each_bare_byte(command,
                     [&](std::size_t at, char quote) { variables |= quote != '\'' && command[at] == '$'; });
  if (!variables) return std::string(without_mark(command));
  return "sh -c " + in_quotes("exec " + shell_command(command));
}

}  // namespace kindred::nosh
