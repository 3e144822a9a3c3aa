#include "compat-s6/execline/variable_file.h"

#include <string>

namespace kindred::execline {
namespace {

bool is_blank(char byte) { return byte == ' ' || byte == '\t' || byte == '\f' || byte == '\r'; }

std::optional<unsigned> digit(char byte, unsigned base) {
  const unsigned value = byte >= '0' && byte <= '9'   ? static_cast<unsigned>(byte - '0')
                         : byte >= 'a' && byte <= 'f' ? static_cast<unsigned>(byte - 'a') + 10
                         : byte >= 'A' && byte <= 'F' ? static_cast<unsigned>(byte - 'A') + 10
                                                      : base;
  if (value >= base) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  VariableFile read() {
    VariableFile file;
    while (!at_end()) {
      skip_blanks();
      if (at_end()) break;
      if (peek() == '#') {
        skip_line();
      } else if (peek() != '\n') {
        VariableChange change;
        if (!read_name(change.name) || !read_value(change.value.emplace())) {
          file.wrong_line = line_;
          return file;
        }
        file.changes.push_back(std::move(change));
      }
      if (!at_end()) take();
    }
    return file;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  void skip_blanks() {
    while (!at_end() && is_blank(peek())) take();
  }
  void skip_line() {
    while (!at_end() && peek() != '\n') take();
  }

  bool read_name(std::string& name) {
    while (!at_end() && !is_blank(peek()) && peek() != '=') {
      const char byte = peek();
      if (byte == '\n' || byte == '\\' || byte == '"' || byte == '\0') return false;
      name += take();
    }
    skip_blanks();
    if (name.empty() || at_end() || peek() != '=') return false;
    take();
    skip_blanks();
    return true;
  }

  bool read_value(std::string& value) {
    std::size_t kept = 0;  // blanks after it are at the end, until something follows
    bool quoted = false;
    while (!at_end() && (quoted || peek() != '\n')) {
      const char byte = peek();
      if (byte == '\0' || byte == '\n') return false;
      take();
      if (byte == '"') {
        quoted = !quoted;
      } else if (byte == '\\') {
        if (!(quoted ? escaped_in_quotes(value) : escaped(value))) return false;
      } else {
        value += byte;
        if (!quoted && is_blank(byte)) continue;
      }
      kept = value.size();
    }
    value.resize(kept);
    return !quoted;
  }

  bool escaped(std::string& value) {
    if (at_end()) return false;
    const char byte = peek();
    if (byte == '\n') {
      take();
      return true;
    }
    if (!is_blank(byte) && byte != '\\' && byte != '"') return false;
    value += take();
    return true;
  }

  bool escaped_in_quotes(std::string& value) {
    constexpr std::string_view kLetters = "abfnrtv", kMeanings = "\a\b\f\n\r\t\v";
    if (at_end()) return false;
    const char byte = peek();
    if (byte == '\0') return false;
    if (digit(byte, 8)) return number(value, 8, 1, 3);
    take();
    if (byte == 'x') return number(value, 16, 2, 2);
    const std::size_t letter = kLetters.find(byte);
    if (letter != std::string_view::npos)
      value += kMeanings[letter];
    else if (byte != '\n')
      value += byte;
    return true;
  }

  bool number(std::string& value, unsigned base, unsigned least, unsigned most) {
    constexpr unsigned kMost = 255;
    unsigned result = 0, digits = 0;
    for (; digits < most && !at_end(); ++digits) {
      const auto next = digit(peek(), base);
      if (!next) break;
      result = result * base + *next;
      take();
    }
    if (digits < least || result == 0 || result > kMost) return false;
    value += static_cast<char>(result);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
};

}  // namespace

VariableFile read_variables(std::string_view text) { return Reader(text).read(); }

}  // namespace kindred::execline
