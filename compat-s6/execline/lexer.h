#pragma once
// A script's bytes become words. Pure, and fed piece by piece: a script may come through a pipe, and one that never
// ends takes no more memory than a command line may.
//
//   between words   bytes 1 to 32 separate; '#' begins a comment; '\' makes the next byte the first of a word, but
//                   '\' and newline are nothing; '{' and '}' with white space after them (or, '}', the end) are a
//                   block's
//   in a word       '"' begins or ends a quoted part; '\' makes the next byte text
//   in quotes       '\' with: a b t n v f r; 1-9 and two more decimal digits at most; 0 and one to three octal
//                   digits; 0x and one or two hexadecimal ones; newline: nothing; another byte: that byte
//
// A NUL ends the script. A word n blocks deep has n blanks before it; a block's end is a word of the blanks of those
// that it lies in. Source: interfaces/execline.md sections 3 and 4.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::execline {

class Lexer {
 public:
  enum class Fault : std::uint8_t { None, Syntax, UnmatchedClose, UnmatchedOpen, TooLong };

  /// `most`: bytes that the words may have together, each with its NUL and its pointer as execve(2) counts them.
  explicit Lexer(std::size_t most) : most_(most) {}

  /// False when no more is wanted: the script has ended, or has a fault.
  bool feed(std::string_view bytes);
  /// The end of the script.
  [[nodiscard]] Fault finish();

  [[nodiscard]] std::vector<std::string>& words() { return words_; }

 private:
  enum class State : std::uint8_t {
    Between,
    BetweenBackslash,
    Comment,
    OpenBrace,
    CloseBrace,
    BraceBackslash,  ///< after a brace that begins a word
    Word,
    WordBackslash,
    Quoted,
    QuotedBackslash,
    Zero,
    Decimal,
    Octal,
    Hexadecimal,
  };

  void take(char byte);
  void between(char byte);
  void in_word(char byte);
  void in_quotes(char byte);
  void escaped(char byte);
  void in_number(char byte);
  void begin_number(State state, unsigned most_digits);
  void end_number();
  void begin_word(State state);
  void add(char byte);
  void end_word();
  void open_block();
  void close_block();
  void fail(Fault fault) { fault_ = fault; }

  std::size_t most_;
  std::size_t used_ = 0;
  State state_ = State::Between;
  Fault fault_ = Fault::None;
  bool ended_ = false;
  std::size_t depth_ = 0;
  unsigned number_ = 0, digits_ = 0, most_digits_ = 0;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace kindred::execline
