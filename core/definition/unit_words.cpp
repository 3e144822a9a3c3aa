#include "core/definition/unit_words.h"

#include <algorithm>
#include <charconv>

namespace kindred {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";

bool is_name_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// A number of `digits` in `base` behind the backslash and its letter.
std::optional<unsigned> take_code(std::string_view& text, std::size_t digits, int base) {
  unsigned code = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, code, base);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  text.remove_prefix(digits);
  return code;
}

void add_utf8(std::string& word, unsigned code) {
  const auto add = [&](unsigned byte) { word += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

/// What stands behind a backslash.
bool take_escape(std::string_view& text, std::string& word) {
  constexpr std::string_view kLetters = "abfnrtvs\\\"'; ", kBytes = "\a\b\f\n\r\t\v \\\"'; ";
  constexpr unsigned kLastCode = 0x10ffff, kLastByte = 0xff;
  if (text.empty()) return false;
  const char letter = text[0];
  if (const std::size_t at = kLetters.find(letter); at != std::string_view::npos) {
    text.remove_prefix(1);
    word += kBytes[at];
    return true;
  }
  std::optional<unsigned> code;
  const bool octal = letter >= '0' && letter <= '7';
  if (!octal) text.remove_prefix(1);
  if (octal)
    code = take_code(text, 3, 8);
  else if (letter == 'x')
    code = take_code(text, 2, 16);
  else if (letter == 'u' || letter == 'U')
    code = take_code(text, letter == 'u' ? 4 : 8, 16);
  const bool byte = octal || letter == 'x';
  if (!code || *code == 0 || *code > (byte ? kLastByte : kLastCode)) return false;
  if (byte)
    word += static_cast<char>(*code);
  else
    add_utf8(word, *code);
  return true;
}

/// Off the front of the text, which begins with no blank and is not empty.
bool take_word(std::string_view& text, std::string& word) {
  char quote = 0;
  while (!text.empty()) {
    const char c = text[0];
    if (quote == 0 && kBlanks.find(c) != std::string_view::npos) break;
    text.remove_prefix(1);
    if (c == '\\') {
      if (!take_escape(text, word)) return false;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      word += c;
    }
  }
  return quote == 0;
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
}

/// The marks in front of the program.
void take_marks(UnitCommand& command, bool& named) {
  std::string& program = command.words[0];
  std::size_t at = 0;
  for (; at < program.size() && std::string_view("-@:+!").find(program[at]) != std::string_view::npos; ++at) {
    if (program[at] == '-') command.ignores_failure = true;
    if (program[at] == '@') named = true;
    if (program[at] == ':') command.expands = false;
    if (program[at] == '+' || program[at] == '!') command.privileged = true;
  }
  program.erase(0, at);
}

bool finish_command(UnitCommand& command) {
  if (command.words.empty()) return false;
  bool named = false;
  take_marks(command, named);
  if (command.words[0].empty()) return false;
  if (named) {
    if (command.words.size() < 2) return false;
    command.program_name = command.words[1];
    command.words.erase(command.words.begin() + 1);
  }
  return true;
}

/// The end of "${NAME}" that begins at `at`; npos where none does.
std::size_t braced_end(std::string_view word, std::size_t at) {
  if (word.substr(at, 2) != "${") return std::string_view::npos;
  std::size_t end = at + 2;
  while (end < word.size() && is_name_byte(word[end])) ++end;
  return end < word.size() && end > at + 2 && word[end] == '}' ? end : std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::string>> split_unit_words(std::string_view text) {
  std::vector<std::string> words;
  for (skip_blanks(text); !text.empty(); skip_blanks(text))
    if (!take_word(text, words.emplace_back())) return std::nullopt;
  return words;
}

std::optional<std::vector<UnitCommand>> parse_unit_commands(std::string_view line) {
  std::vector<UnitCommand> commands(1);
  for (skip_blanks(line); !line.empty(); skip_blanks(line)) {
    // Only bare it parts commands; behind a backslash it is a word.
    const std::size_t end = std::min(line.size(), line.find_first_of(kBlanks));
    if (line.substr(0, end) == ";") {
      line.remove_prefix(1);
      if (!finish_command(commands.back())) return std::nullopt;
      commands.emplace_back();
    } else if (!take_word(line, commands.back().words.emplace_back())) {
      return std::nullopt;
    }
  }
  if (commands.size() > 1 && commands.back().words.empty()) commands.pop_back();
  if (commands.size() > 0 && (commands.back().words.empty() || !finish_command(commands.back())))
    return std::nullopt;
  return commands;
}

std::string unit_command_text(const UnitCommand& command) {
  const auto quoted = [](std::string_view word) {
    if (!word.empty() && word != ";" && word.find_first_of(" \t\n\r\"'\\") == std::string_view::npos)
      return std::string(word);
    std::string text = "\"";
    for (const char c : word) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    return text + '"';
  };
  std::string text = command.ignores_failure ? "-" : "";
  if (command.program_name) text += '@';
  if (!command.expands) text += ':';
  if (command.privileged) text += '+';
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    text += (i == 0 ? "" : " ") + quoted(command.words[i]);
    if (i == 0 && command.program_name) text += " " + quoted(*command.program_name);
  }
  return text;
}

bool has_variable(std::string_view word) {
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (word[at] != '$') continue;
    if (word.substr(at, 2) == "$$")
      ++at;
    else if (braced_end(word, at) != std::string_view::npos)
      return true;
  }
  return word.size() > 1 && word[0] == '$' && std::all_of(word.begin() + 1, word.end(), is_name_byte);
}

std::string without_doubled_dollars(std::string_view word) {
  std::string text;
  for (std::size_t at = 0; at < word.size(); ++at) {
    text += word[at];
    if (word.substr(at, 2) == "$$") ++at;
  }
  return text;
}

std::string with_doubled_dollars(std::string_view word) {
  std::string text;
  for (const char c : word) text.append(c == '$' ? 2 : 1, c);
  return text;
}

}  // namespace kindred
