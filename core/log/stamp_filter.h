#pragma once
// What stands between a program and a reader of its log: tai64n puts a stamp before each line, tai64nlocal turns
// stamps into local time. Each takes blocks of bytes and hands on what came of them at once, unfinished lines too.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error_text.h"
#include "core/base/result.h"
#include "core/base/tai64n.h"
#include "core/log/line_program.h"
#include "core/log/log_script.h"
#include "core/sys/clock.h"

namespace kindred {

/// Bytes in, bytes out.
class TextFilter {
 public:
  virtual ~TextFilter() = default;
  /// Takes bytes off the front until all are taken or output() is full.
  virtual void feed(std::string_view& bytes) = 0;
  /// The input has ended.
  virtual void finish() = 0;
  /// What is to be written next.
  [[nodiscard]] virtual OutletBuffer& output() = 0;
};

struct StampAdderRules {
  StampKind stamp = StampKind::Tai10;
  bool completes_last = false;  ///< a last line without a newline gets one
};

/// A line's stamp is of the moment at which its first byte was fed. No stamp is earlier than one before it.
/// Source: interfaces/daemontools.md section 9, interfaces/s6.md section 13, interfaces/nosh.md section 18.
class StampAdder final : public TextFilter, private LineListener {
 public:
  StampAdder(const StampAdderRules& rules, const Clock& clock);
  void feed(std::string_view& bytes) override;
  void finish() override { program_.finish(); }
  [[nodiscard]] OutletBuffer& output() override { return program_.buffers()[0]; }

 private:
  void on_tell(const Teller&, const LineFormat&, Stamps&, std::string_view) override {}

  LogScript script_;
  LineProgram program_;
  const Clock& clock_;
  Stamps stamps_;
};

/// What of a line is a stamp, and what it tells.
struct StampReaderRules {
  /// What becomes of a stamp with which the input ends.
  enum class AtEnd : std::uint8_t { Shown, Kept, Dropped };
  TaiOffset offset = TaiOffset::Constant10;
  bool local = true;        ///< the zone of TZ; else UTC
  bool all_digits = true;   ///< however many follow the @, of which the last 24 count; else just 24
  bool capitals = false;    ///< A to F are digits, too
  bool before_1970 = true;  ///< earlier moments are shown; else they are no stamps
  AtEnd at_end = AtEnd::Shown;
  bool completes_last = false;  ///< a last line without a newline gets one
};

/// A stamp at the beginning of a line becomes YYYY-MM-DD HH:MM:SS.nnnnnnnnn; a leap second is :60 where they are
/// counted. All else stays as it is, and so does what looks like a stamp and is none: too few digits, more
/// nanoseconds than a second has, a moment that no calendar has, more than kLongestLabel bytes.
/// Source: interfaces/daemontools.md section 9, interfaces/s6.md section 13, interfaces/nosh.md section 18.
class StampReader final : public TextFilter {
 public:
  static constexpr std::size_t kLongestLabel = 256;

  explicit StampReader(const StampReaderRules& rules) : rules_(rules) {}
  void feed(std::string_view& bytes) override;
  void finish() override;
  [[nodiscard]] OutletBuffer& output() override { return output_; }

 private:
  enum class Place : std::uint8_t { LineBegin, Label, Rest };

  void feed_label(std::string_view& bytes);
  void feed_rest(std::string_view& bytes);
  void end_label(bool convert);
  [[nodiscard]] bool read_moment();
  void put_moment();
  [[nodiscard]] bool is_digit(char byte) const;

  StampReaderRules rules_;
  OutletBuffer output_;
  Place place_ = Place::LineBegin;
  std::array<char, kLongestLabel> label_;
  std::size_t label_size_ = 0;
  // Many lines in a row are of one second.
  std::uint64_t shown_ = 0;  ///< its label; 0: none
  std::string second_;       ///< … in words
  std::uint32_t nanos_ = 0;
};

/// From one descriptor to another until the first one ends. Errors: read(2)'s, operation "read from", object
/// "stdin"; write(2)'s, operation "write to", object "stdout".
[[nodiscard]] Status filter_text(int input, int output, TextFilter& filter);

/// From standard input to standard output. Returns 0; 111 after "PROGRAM: fatal: unable to …", or without a word
/// where `error_words` is null.
[[nodiscard]] int run_filter(std::string_view program, TextFilter& filter, ErrorText error_words);

}  // namespace kindred
