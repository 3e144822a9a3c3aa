#include "core/log/stamp_filter.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "core/cli/output.h"

namespace kindred {
namespace {

constexpr std::size_t kSecondsDigits = 16, kNanosDigits = 8;
constexpr std::size_t kStampSize = 1 + kSecondsDigits + kNanosDigits;
constexpr std::uint32_t kNanosInSecond = 1'000'000'000;
constexpr std::uint64_t kTai64End = std::uint64_t{1} << 63;
constexpr std::size_t kBlock = 64 * 1024;

LogScript adder_script(const StampAdderRules& rules) {
  LogScript script;
  script.lines.limit = 0;
  script.lines.stamp = rules.stamp;
  script.lines.completes_last = rules.completes_last;
  script.outlets.emplace_back();
  script.instructions.emplace_back();
  return script;
}

std::uint8_t digit_value(char byte) {
  return static_cast<std::uint8_t>(byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
}

/// What read(2) said, after waiting where the descriptor is non-blocking.
ssize_t read_some(int input, char* to, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(input, to, size);
    if (got >= 0) return got;
    if (errno == EAGAIN) {
      pollfd ready{.fd = input, .events = POLLIN, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return got;
    }
  }
}

Status write_output(int output, OutletBuffer& buffer) {
  if (const Status written = write_text(output, buffer.text()); !written)
    return error_here("write to", "stdout", written.error().code);
  buffer.taken(buffer.text().size());
  return ok();
}

}  // namespace

StampAdder::StampAdder(const StampAdderRules& rules, const Clock& clock)
    : script_(adder_script(rules)), program_(script_, *this), clock_(clock) {}

void StampAdder::feed(std::string_view& bytes) {
  if (const WallTime at = clock_.now().wall; at > stamps_.at()) stamps_.set(at);
  program_.feed(bytes, stamps_);
}

bool StampReader::is_digit(char byte) const {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
         (rules_.capitals && byte >= 'A' && byte <= 'F');
}

void StampReader::feed(std::string_view& bytes) {
  while (!bytes.empty() && output_.text().size() < LineProgram::kFull) {
    switch (place_) {
      case Place::LineBegin:
        place_ = bytes[0] == '@' ? Place::Label : Place::Rest;
        if (place_ == Place::Rest) break;
        label_[0] = '@';
        label_size_ = 1;
        bytes.remove_prefix(1);
        break;
      case Place::Label:
        feed_label(bytes);
        break;
      case Place::Rest:
        feed_rest(bytes);
        break;
    }
  }
}

/// What follows the label, or that nothing does, decides about it.
void StampReader::feed_label(std::string_view& bytes) {
  const std::size_t longest = rules_.all_digits ? kLongestLabel : kStampSize;
  std::size_t count = 0;
  while (count < bytes.size() && label_size_ < longest && is_digit(bytes[count]))
    label_[label_size_++] = bytes[count++];
  bytes.remove_prefix(count);
  if (!bytes.empty()) end_label(!rules_.all_digits || !is_digit(bytes[0]));
}

/// To the end of the last line before one that may have a stamp.
void StampReader::feed_rest(std::string_view& bytes) {
  std::size_t size = 0;
  do {
    const std::size_t newline = bytes.find('\n', size);
    if (newline == std::string_view::npos) {
      size = bytes.size();
      break;
    }
    size = newline + 1;
    place_ = Place::LineBegin;
  } while (size < bytes.size() && bytes[size] != '@');
  if (bytes[size - 1] != '\n') place_ = Place::Rest;
  output_.add(bytes.substr(0, size));
  bytes.remove_prefix(size);
}

void StampReader::end_label(bool convert) {
  if (convert && read_moment())
    put_moment();
  else
    output_.add({label_.data(), label_size_});
  place_ = Place::Rest;
}

bool StampReader::read_moment() {
  if (label_size_ < kStampSize) return false;
  std::array<std::uint8_t, kTai64nSize> label;
  const char* digit = label_.data() + label_size_ - (kStampSize - 1);
  for (std::uint8_t& byte : label) {
    byte = static_cast<std::uint8_t>(digit_value(digit[0]) << 4 | digit_value(digit[1]));
    digit += 2;
  }
  const std::uint64_t tai = get_be<8>(label, 0);
  const WallTime at = get_tai64n(label, 0, rules_.offset);
  if (tai >= kTai64End || at.nanos >= kNanosInSecond || (at.seconds < 0 && !rules_.before_1970)) return false;
  if (tai != shown_ || second_.empty()) {
    // The leap second and the next one have one number, and it is the latter's.
    const bool leaps =
        kTai64Epoch + static_cast<std::uint64_t>(at.seconds + tai_offset(rules_.offset, at.seconds)) != tai;
    std::array<char, kLongestStamp> text;
    const std::size_t size = put_second(text.data(), at.seconds - (leaps ? 1 : 0), rules_.local);
    if (size == 0) return false;
    shown_ = tai;
    second_.assign(text.data(), size);
    if (leaps) second_.replace(size - 2, 2, "60");
  }
  nanos_ = at.nanos;
  return true;
}

void StampReader::put_moment() {
  constexpr std::size_t kFraction = 1 + 9;
  char* const room = output_.room(second_.size() + kFraction);
  std::memcpy(room, second_.data(), second_.size());
  char* const fraction = room + second_.size();
  fraction[0] = '.';
  std::uint32_t rest = nanos_;
  for (std::size_t i = kFraction - 1; i > 0; --i) {
    fraction[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  output_.extend(second_.size() + kFraction);
}

void StampReader::finish() {
  const bool begun = place_ != Place::LineBegin;
  if (place_ == Place::Label) {
    const bool dropped = rules_.at_end == StampReaderRules::AtEnd::Dropped && read_moment();
    if (!dropped) end_label(rules_.at_end == StampReaderRules::AtEnd::Shown);
  }
  if (begun && rules_.completes_last) output_.add("\n");
  place_ = Place::LineBegin;
}

Status filter_text(int input, int output, TextFilter& filter) {
  const auto block = std::make_unique_for_overwrite<char[]>(kBlock);
  while (true) {
    const ssize_t got = read_some(input, block.get(), kBlock);
    if (got < 0) return error_here("read from", "stdin");
    if (got == 0) break;
    std::string_view bytes(block.get(), static_cast<std::size_t>(got));
    while (!bytes.empty()) {
      filter.feed(bytes);
      if (Status written = write_output(output, filter.output()); !written) return written;
    }
  }
  filter.finish();
  return write_output(output, filter.output());
}

int run_filter(std::string_view program, TextFilter& filter, ErrorText error_words) {
  const Status done = filter_text(0, 1, filter);
  if (done) return 0;
  if (error_words == nullptr) return kExitFatal;
  const Error& error = done.error();
  return fatal(program, {"unable to ", error.operation, " ", error.object, ": ", error_words(error.code)});
}

}  // namespace kindred
