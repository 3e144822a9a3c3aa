#include "compat-s6/execline/lexer.h"

#include <optional>
#include <utility>

namespace kindred::execline {
namespace {

bool is_white(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value >= 1 && value <= ' ';
}

std::optional<unsigned> digit(char byte, unsigned base) {
  unsigned value = base;
  if (byte >= '0' && byte <= '9') value = static_cast<unsigned>(byte - '0');
  if (byte >= 'a' && byte <= 'f') value = static_cast<unsigned>(byte - 'a') + 10;
  if (byte >= 'A' && byte <= 'F') value = static_cast<unsigned>(byte - 'A') + 10;
  if (value >= base) return std::nullopt;
  return value;
}

}  // namespace

bool Lexer::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '\0') ended_ = true;
    if (ended_ || fault_ != Fault::None) return false;
    take(byte);
  }
  return fault_ == Fault::None;
}

Lexer::Fault Lexer::finish() {
  if (fault_ != Fault::None) return fault_;
  switch (state_) {
    case State::Between:
    case State::BetweenBackslash:
    case State::Comment:
      break;
    case State::CloseBrace:
      close_block();
      break;
    case State::Word:
      end_word();
      break;
    case State::Decimal:
    case State::Octal:
    case State::Hexadecimal:
      // The original takes the end of the script for the quote.
      if (digits_ == 0) fail(Fault::Syntax);
      end_number();
      end_word();
      break;
    case State::OpenBrace:
    case State::BraceBackslash:
    case State::WordBackslash:
    case State::Quoted:
    case State::QuotedBackslash:
    case State::Zero:
      fail(Fault::Syntax);
      break;
  }
  if (fault_ == Fault::None && depth_ > 0) fail(Fault::UnmatchedOpen);
  return fault_;
}

void Lexer::take(char byte) {
  switch (state_) {
    case State::Between:
      return between(byte);
    case State::BetweenBackslash:
      if (byte == '\n') {
        state_ = State::Between;
        return;
      }
      begin_word(State::Word);
      return add(byte);
    case State::Comment:
      if (byte == '\n') state_ = State::Between;
      return;
    case State::OpenBrace:
    case State::CloseBrace:
      if (is_white(byte)) return state_ == State::OpenBrace ? open_block() : close_block();
      {
        const char brace = state_ == State::OpenBrace ? '{' : '}';
        begin_word(State::Word);
        add(brace);
      }
      if (byte != '\\') return in_word(byte);
      state_ = State::BraceBackslash;
      return;
    case State::BraceBackslash:
      state_ = State::Word;
      if (byte != '\n') add(byte);
      return;
    case State::Word:
      return in_word(byte);
    case State::WordBackslash:
      state_ = State::Word;
      return add(byte);
    case State::Quoted:
      return in_quotes(byte);
    case State::QuotedBackslash:
      return escaped(byte);
    case State::Zero:
      if (byte == 'x') return begin_number(State::Hexadecimal, 2);
      begin_number(State::Octal, 3);
      return in_number(byte);
    case State::Decimal:
    case State::Octal:
    case State::Hexadecimal:
      return in_number(byte);
  }
}

void Lexer::between(char byte) {
  if (is_white(byte)) return;
  switch (byte) {
    case '#':
      state_ = State::Comment;
      return;
    case '"':
      return begin_word(State::Quoted);
    case '\\':
      state_ = State::BetweenBackslash;
      return;
    case '{':
      state_ = State::OpenBrace;
      return;
    case '}':
      state_ = State::CloseBrace;
      return;
    default:
      begin_word(State::Word);
      add(byte);
  }
}

void Lexer::in_word(char byte) {
  if (is_white(byte)) return end_word();
  if (byte == '"')
    state_ = State::Quoted;
  else if (byte == '\\')
    state_ = State::WordBackslash;
  else
    add(byte);
}

void Lexer::in_quotes(char byte) {
  if (byte == '"')
    state_ = State::Word;
  else if (byte == '\\')
    state_ = State::QuotedBackslash;
  else
    add(byte);
}

void Lexer::escaped(char byte) {
  constexpr std::string_view kLetters = "abtnvfr", kMeanings = "\a\b\t\n\v\f\r";
  if (byte >= '1' && byte <= '9') {
    begin_number(State::Decimal, 3);
    return in_number(byte);
  }
  if (byte == '0') {
    state_ = State::Zero;
    return;
  }
  state_ = State::Quoted;
  const std::size_t letter = kLetters.find(byte);
  if (letter != std::string_view::npos)
    add(kMeanings[letter]);
  else if (byte != '\n')
    add(byte);
}

void Lexer::begin_number(State state, unsigned most_digits) {
  state_ = state;
  number_ = digits_ = 0;
  most_digits_ = most_digits;
}

void Lexer::in_number(char byte) {
  const unsigned base = state_ == State::Decimal ? 10 : state_ == State::Octal ? 8 : 16;
  if (digits_ < most_digits_) {
    if (const auto value = digit(byte, base)) {
      number_ = number_ * base + *value;
      ++digits_;
      return;
    }
    if (digits_ == 0) return fail(Fault::Syntax);
  }
  end_number();
  if (fault_ == Fault::None) in_quotes(byte);
}

void Lexer::end_number() {
  constexpr unsigned kMost = 255;
  if (number_ == 0 || number_ > kMost) return fail(Fault::Syntax);
  state_ = State::Quoted;
  add(static_cast<char>(number_));
}

void Lexer::begin_word(State state) {
  state_ = state;
  // A block's depth is told apart from a word's length only by the blanks, and these are what grows.
  if (depth_ > most_ - used_) return fail(Fault::TooLong);
  word_.assign(depth_, ' ');
}

void Lexer::add(char byte) {
  if (word_.size() >= most_ - used_) return fail(Fault::TooLong);
  word_ += byte;
}

void Lexer::end_word() {
  state_ = State::Between;
  const std::size_t size = word_.size() + 1 + sizeof(char*);
  if (size > most_ - used_) return fail(Fault::TooLong);
  used_ += size;
  words_.push_back(std::exchange(word_, {}));
}

void Lexer::open_block() {
  state_ = State::Between;
  ++depth_;
}

void Lexer::close_block() {
  if (depth_ == 0) return fail(Fault::UnmatchedClose);
  --depth_;
  begin_word(State::Between);
  end_word();
}

}  // namespace kindred::execline
