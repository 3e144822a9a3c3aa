#pragma once
// Runs a LogScript over blocks of bytes: splits lines, selects, stamps, and gathers what goes to each outlet.
// Pure: nothing is read or written here. No virtual call and no allocation for a line that only goes to outlets.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/log_script.h"
#include "core/log/stamp.h"

namespace kindred {

/// Bytes that wait for their outlet.
class OutletBuffer {
 public:
  [[nodiscard]] std::string_view text() const { return {data_.get() + begin_, size_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == size_; }
  void taken(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == size_) begin_ = size_ = 0;
  }
  /// Room for so many bytes, to be filled before extend().
  [[nodiscard]] char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void extend(std::size_t bytes) { size_ += bytes; }
  /// For how many bytes there is room without growth.
  [[nodiscard]] std::size_t left() const { return capacity_ - size_; }
  void add(std::string_view bytes);

 private:
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0, size_ = 0, capacity_ = 0;
};

/// Takes the lines that go one by one.
class LineListener {
 public:
  virtual void on_tell(const Teller& teller, const LineFormat& format, Stamps& stamps,
                       std::string_view line) = 0;

 protected:
  ~LineListener() = default;
};

class LineProgram {
 public:
  /// A buffer with as much as this is written before more lines are taken: what comes of a block with stamps goes
  /// in one write.
  static constexpr std::size_t kFull = 256 * 1024;

  LineProgram(const LogScript& script, LineListener& listener);

  /// Takes lines off the front of `block` until it is empty or a buffer is full. `stamps`: of the moment at which
  /// the block was read.
  void feed(std::string_view& block, Stamps& stamps);
  /// The input has ended: what is held of an unfinished line goes where it would have gone.
  void finish();
  /// Whether a line has begun and not ended.
  [[nodiscard]] bool within_line() const { return streaming_ || held_there_; }
  /// The bytes of it that no outlet has yet.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

  /// As much as this may come of so many bytes for an outlet, with what is held: if each were a line of its own.
  /// `rest`: … and of so many more, with which the last line would end.
  [[nodiscard]] std::size_t most_output(std::size_t outlet, std::size_t bytes, std::size_t rest = 0) const;

  /// What is held of a line goes where it belongs; the rest follows it there when it comes.
  void cut();
  /// The first line goes to this outlet without its stamps: as the rest of one that has begun there.
  void go_on(std::size_t outlet);
  /// Of the line that the listener is told: whether it is the rest of one that was longer than the limit.
  [[nodiscard]] bool is_rest() const { return is_rest_; }

  /// Goes on with the line that another program, of the same line rules, has begun.
  void take_over(LineProgram& other);

  [[nodiscard]] std::vector<OutletBuffer>& buffers() { return buffers_; }
  [[nodiscard]] bool full() const;

 private:
  class Lead;

  void feed_in_bulk(std::string_view& block, Stamps& stamps);
  void feed_rest(std::string_view& block);
  void feed_head(std::string_view& block, Stamps& stamps);
  void run(std::string_view head, bool ended, Stamps& stamps);
  void end_rest(bool newline);
  [[nodiscard]] std::size_t head_limit(Stamps& stamps) const;
  [[nodiscard]] std::size_t line_end(std::string_view text) const;

  const LogScript& script_;
  LineListener& listener_;
  std::vector<OutletBuffer> buffers_;
  struct Growth {
    std::size_t copies = 0;    ///< of each byte
    std::size_t per_line = 0;  ///< what is added to a line, in all copies
  };
  std::vector<Growth> growth_;  ///< for each outlet
  bool in_bulk_ = false;        ///< every line goes to one outlet as it is, but for its stamps
  bool shows_text_ = false;     ///< a pattern or a teller looks at the text with its stamp

  std::string held_;  ///< the beginning of a line that has not ended
  bool held_there_ = false;
  Stamps held_stamps_;  ///< of the moment at which it began
  bool streaming_ = false;
  bool is_rest_ = false;
  std::vector<std::uint8_t> rest_;     ///< for each outlet, whether the rest of the line goes there
  std::vector<std::uint8_t> goes_on_;  ///< for each outlet, whether the first line is a rest there
  bool some_go_on_ = false;
  /// The longest run of bytes that are replaced by themselves: a line of only these needs no look at each.
  bool some_plain_ = false;
  unsigned char plain_first_ = 0, plain_span_ = 0;
  std::string replaced_, stamped_;  ///< scratch
};

}  // namespace kindred
