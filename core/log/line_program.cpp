#include "core/log/line_program.h"

#include <algorithm>
#include <cstring>

namespace kindred {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

char* put(char* out, std::string_view text) { return std::copy(text.begin(), text.end(), out); }

using Table = std::array<char, 256>;

void replace(const Table& table, char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) text[i] = table[static_cast<unsigned char>(text[i])];
}

/// Whether each byte is one of `span` + 1 that follow each other: many at a time.
bool is_within(const char* text, std::size_t size, unsigned char first, unsigned char span) {
  unsigned char outside = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto above = static_cast<unsigned char>(static_cast<unsigned char>(text[i]) - first);
    outside = static_cast<unsigned char>(outside | static_cast<unsigned char>(above > span));
  }
  return outside == 0;
}

/// The longest run of bytes that stand for themselves; false: there are none.
bool find_plain(const Table& table, unsigned char& first, unsigned char& span) {
  std::size_t longest = 0;
  for (std::size_t from = 0; from < table.size(); ++from) {
    std::size_t to = from;
    while (to < table.size() && table[to] == static_cast<char>(to)) ++to;
    if (to - from > longest) {
      longest = to - from;
      first = static_cast<unsigned char>(from);
      span = static_cast<unsigned char>(longest - 1);
    }
    from = to;
  }
  return longest != 0;
}

}  // namespace

void OutletBuffer::add(std::string_view bytes) {
  put(room(bytes.size()), bytes);
  extend(bytes.size());
}

void OutletBuffer::grow(std::size_t bytes) {
  const std::size_t used = size_ - begin_;
  const std::size_t wanted = used + bytes;
  constexpr std::size_t kLeast = 4096;
  std::size_t capacity = std::max(capacity_, kLeast);
  while (capacity < wanted) capacity *= 2;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (used != 0) std::memcpy(larger.get(), data_.get() + begin_, used);
  data_ = std::move(larger);
  begin_ = 0;
  size_ = used;
  capacity_ = capacity;
}

LineProgram::LineProgram(const LogScript& script, LineListener& listener)
    : script_(script),
      listener_(listener),
      buffers_(script.outlets.size()),
      rest_(script.outlets.size()),
      goes_on_(script.outlets.size()) {
  const LineRules& lines = script.lines;
  in_bulk_ = script.instructions.size() == 1 && script.instructions[0].kind == LogInstruction::Kind::Write;
  if (lines.replaced != nullptr) some_plain_ = find_plain(*lines.replaced, plain_first_, plain_span_);
  growth_.resize(script.outlets.size());
  for (const LogInstruction& instruction : script.instructions) {
    std::size_t before = stamp_size(lines.stamp) + instruction.format.prefix.size();
    if (lines.after_limit == LineRules::AfterLimit::NewLine) ++before;  // the newline of a part
    for (const StampKind kind : instruction.format.stamps) before += stamp_size(kind);
    std::size_t outlet = instruction.index;
    if (instruction.kind == LogInstruction::Kind::Tell) {
      // What cannot be sent goes to an outlet, with the reason.
      const Teller& teller = script.tellers[instruction.index];
      if (teller.kind != Teller::Kind::Datagram) continue;
      before +=
          teller.intro.size() + kCutMark.size() + std::max(teller.no_socket.size(), teller.not_sent.size());
      outlet = teller.outlet;
    } else if (instruction.kind != LogInstruction::Kind::Write) {
      continue;
    }
    if (outlet >= growth_.size()) continue;
    ++growth_[outlet].copies;
    growth_[outlet].per_line += before;
  }
  for (const LogInstruction& instruction : script.instructions)
    shows_text_ = shows_text_ || instruction.kind == LogInstruction::Kind::Select ||
                  instruction.kind == LogInstruction::Kind::Deselect ||
                  instruction.kind == LogInstruction::Kind::Tell;
}

std::size_t LineProgram::most_output(std::size_t outlet, std::size_t bytes, std::size_t rest) const {
  const LineRules& rules = script_.lines;
  // A line is a byte at least, its newline; two where the empty ones go, unless each byte may be a line's rest.
  const bool has_text =
      rules.drops_empty && (rules.limit == 0 || rules.after_limit != LineRules::AfterLimit::NewLine);
  const std::size_t lines = bytes / (has_text ? 2 : 1) + (held_there_ || streaming_ || has_text ? 1 : 0);
  // The last line may end before its newline has come.
  return (bytes + held_.size() + rest + 1) * growth_[outlet].copies + lines * growth_[outlet].per_line;
}

bool LineProgram::full() const {
  return std::any_of(buffers_.begin(), buffers_.end(),
                     [](const OutletBuffer& buffer) { return buffer.text().size() >= kFull; });
}

std::size_t LineProgram::line_end(std::string_view text) const {
  std::size_t end = text.find('\n');
  if (script_.lines.nul_ends) end = std::min(end, text.substr(0, std::min(end, text.size())).find('\0'));
  return end;
}

void LineProgram::feed(std::string_view& block, Stamps& stamps) {
  while (!block.empty()) {
    if (streaming_)
      feed_rest(block);
    else if (in_bulk_ && !held_there_ && !some_go_on_)
      feed_in_bulk(block, stamps);
    else
      feed_head(block, stamps);
    if (full()) return;
  }
}

/// As much of a line as the script sees, without its stamp.
std::size_t LineProgram::head_limit(Stamps& stamps) const {
  const LineRules& lines = script_.lines;
  if (lines.limit == 0) return kNone;
  const std::size_t stamp = stamps.text(lines.stamp).size();
  return lines.limit > stamp ? lines.limit - stamp : 1;
}

/// What stands before each line of a block.
class LineProgram::Lead {
 public:
  /// As much may be written before it is known how much of it counts.
  static constexpr std::size_t kAtLeast = 32;

  Lead(std::string& scratch, const LineRules& lines, const LineFormat& format, Stamps& stamps) {
    scratch.clear();
    for (const StampKind kind : {lines.stamp, format.stamps[0], format.stamps[1]})
      scratch += stamps.text(kind);
    scratch += format.prefix;
    text_ = scratch;
    if (scratch.size() <= kAtLeast) std::memcpy(short_.data(), scratch.data(), scratch.size());
  }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// Room that put() needs.
  [[nodiscard]] std::size_t room() const { return std::max(text_.size(), kAtLeast); }
  /// A stamp of a known size costs no call.
  [[nodiscard]] char* put(char* to) const {
    if (text_.size() <= kAtLeast)
      std::memcpy(to, short_.data(), kAtLeast);
    else
      std::memcpy(to, text_.data(), text_.size());
    return to + text_.size();
  }

 private:
  std::string_view text_;
  std::array<char, kAtLeast> short_{};
};

/// Whole lines, copied with what stands before each; one that is unfinished, too long or ended by a NUL is left to
/// feed_head().
void LineProgram::feed_in_bulk(std::string_view& block, Stamps& stamps) {
  const LogInstruction& write = script_.instructions[0];
  const LineRules& lines = script_.lines;
  const Lead lead(stamped_, lines, write.format, stamps);
  OutletBuffer& buffer = buffers_[write.index];
  const Table* const table = lines.replaced.get();
  // The rest of a long line is streamed as it is.
  const bool as_they_are = table == nullptr && lines.after_limit == LineRules::AfterLimit::Stream;
  const std::size_t longest = as_they_are ? kNone : head_limit(stamps);
  if (lead.size() == 0 && as_they_are && !lines.drops_empty && !lines.nul_ends) {
    const std::size_t last = block.rfind('\n');
    if (last == kNone) return feed_head(block, stamps);
    buffer.add(block.substr(0, last + 1));
    block.remove_prefix(last + 1);
    return;
  }
  const char* from = block.data();
  const char* const end = from + (lines.nul_ends ? std::min(block.find('\0'), block.size()) : block.size());
  const std::size_t filled = buffer.text().size();
  std::size_t most = filled < kFull ? kFull - filled : 0;
  // In registers: for all that the compiler knows, each byte that is written might be one of the buffer's own words.
  char* begin = buffer.room(0);
  char* to = begin;
  const char* stop = begin + buffer.left();
  while (from != end && static_cast<std::size_t>(to - begin) < most) {
    const auto* newline =
        static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
    if (newline == nullptr) break;
    const auto size = static_cast<std::size_t>(newline + 1 - from);
    if (size - 1 > longest) break;
    if (size > 1 || !lines.drops_empty) {
      if (static_cast<std::size_t>(stop - to) < lead.room() + size) {
        const auto done = static_cast<std::size_t>(to - begin);
        buffer.extend(done);
        most -= done;
        begin = to = buffer.room(lead.room() + size);
        stop = begin + buffer.left();
      }
      char* const text = lead.put(to);
      std::memcpy(text, from, size);
      to = text + size;
      if (table != nullptr && !(some_plain_ && is_within(text, size - 1, plain_first_, plain_span_)))
        replace(*table, text, size - 1);
    }
    from = newline + 1;
  }
  buffer.extend(static_cast<std::size_t>(to - begin));
  const auto used = static_cast<std::size_t>(from - block.data());
  block.remove_prefix(used);
  if (used == 0) feed_head(block, stamps);
}

void LineProgram::feed_rest(std::string_view& block) {
  const std::size_t end = line_end(block);
  const std::string_view piece = block.substr(0, std::min(end, block.size()));
  if (script_.lines.after_limit == LineRules::AfterLimit::Stream)
    for (std::size_t i = 0; i < rest_.size(); ++i)
      if (rest_[i] != 0) buffers_[i].add(piece);
  block.remove_prefix(piece.size());
  if (end == kNone) return;
  end_rest(true);
  block.remove_prefix(1);
}

void LineProgram::end_rest(bool newline) {
  streaming_ = false;
  if (script_.lines.after_limit != LineRules::AfterLimit::Stream || !newline) return;
  for (std::size_t i = 0; i < rest_.size(); ++i)
    if (rest_[i] != 0) buffers_[i].add("\n");
}

void LineProgram::feed_head(std::string_view& block, Stamps& stamps) {
  const LineRules& lines = script_.lines;
  const bool holds = lines.limit != 0;
  const std::size_t room = holds ? head_limit(stamps) - held_.size() : block.size();
  // Whether a line of just the limit's length goes on is only known by its next byte.
  const bool looks_on = lines.after_limit == LineRules::AfterLimit::NewLine;
  const std::size_t seen = std::min(block.size(), room == kNone ? room : room + (looks_on ? 1 : 0));
  const std::size_t end = line_end(block.substr(0, seen));
  if (end == kNone && holds && seen < room + (looks_on ? 1 : 0)) {
    if (!held_there_) held_stamps_ = stamps;
    held_there_ = true;
    held_ += block.substr(0, seen);
    block.remove_prefix(seen);
    return;
  }
  const bool ended = end != kNone;
  const std::size_t taken = ended ? end : std::min(seen, room);
  const bool line_ends = ended || (holds && looks_on);
  if (held_there_) {
    held_ += block.substr(0, taken);
    run(held_, line_ends, held_stamps_);
    held_.clear();
    held_there_ = false;
  } else {
    run(block.substr(0, taken), line_ends, stamps);
  }
  is_rest_ = line_ends && !ended;
  block.remove_prefix(taken + (ended ? 1 : 0));
}

void LineProgram::run(std::string_view head, bool ended, Stamps& stamps) {
  const LineRules& lines = script_.lines;
  std::fill(rest_.begin(), rest_.end(), std::uint8_t{0});
  streaming_ = !ended;
  if (lines.drops_empty && head.empty() && ended) return;
  if (lines.replaced != nullptr) {
    replaced_.assign(head);
    replace(*lines.replaced, replaced_.data(), replaced_.size());
    head = replaced_;
  }
  const bool completed = ended || lines.after_limit == LineRules::AfterLimit::Discard;
  const std::string_view stamp = stamps.text(lines.stamp);
  std::string_view text = head;
  if (shows_text_ && !stamp.empty()) {
    stamped_.assign(stamp);
    stamped_ += head;
    text = stamped_;
  }
  bool selected = true, touched = false;
  for (const LogInstruction& instruction : script_.instructions) {
    switch (instruction.kind) {
      case LogInstruction::Kind::SelectAll:
        selected = true;
        break;
      case LogInstruction::Kind::DeselectAll:
        selected = false;
        break;
      case LogInstruction::Kind::Select:
        selected = selected || script_.patterns[instruction.index].matches(text);
        break;
      case LogInstruction::Kind::Deselect:
        selected = selected && !script_.patterns[instruction.index].matches(text);
        break;
      case LogInstruction::Kind::SelectIfUntouched:
        selected = !touched;
        break;
      case LogInstruction::Kind::Write: {
        if (!selected) break;
        touched = true;
        const LineFormat& format = instruction.format;
        const std::string_view first = stamps.text(format.stamps[0]), second = stamps.text(format.stamps[1]);
        OutletBuffer& buffer = buffers_[instruction.index];
        char* const room =
            buffer.room(stamp.size() + first.size() + second.size() + format.prefix.size() + head.size() + 1);
        char* to = room;
        if (goes_on_[instruction.index] == 0)
          to = put(put(put(put(to, stamp), first), second), format.prefix);
        to = put(to, head);
        if (completed) *to++ = '\n';
        buffer.extend(static_cast<std::size_t>(to - room));
        rest_[instruction.index] = 1;
        break;
      }
      case LogInstruction::Kind::Tell:
        if (!selected) break;
        touched = true;
        listener_.on_tell(script_.tellers[instruction.index], instruction.format, stamps, text);
        break;
    }
  }
  if (!some_go_on_) return;
  some_go_on_ = false;
  std::fill(goes_on_.begin(), goes_on_.end(), std::uint8_t{0});
}

void LineProgram::cut() {
  if (!held_there_) return;
  run(held_, false, held_stamps_);
  held_.clear();
  held_there_ = false;
}

void LineProgram::go_on(std::size_t outlet) { goes_on_[outlet] = some_go_on_ = true; }

void LineProgram::take_over(LineProgram& other) {
  held_ = std::move(other.held_);
  held_there_ = other.held_there_;
  held_stamps_ = other.held_stamps_;
  streaming_ = other.streaming_;
  // Of other outlets nobody knows where its beginning went: the rest goes everywhere.
  if (rest_.size() == other.rest_.size())
    rest_ = std::move(other.rest_);
  else
    std::fill(rest_.begin(), rest_.end(), std::uint8_t{1});
}

void LineProgram::finish() {
  if (streaming_) return end_rest(script_.lines.completes_last);
  if (!held_there_) return;
  run(held_, script_.lines.completes_last, held_stamps_);
  streaming_ = false;
  held_.clear();
  held_there_ = false;
}

}  // namespace kindred
