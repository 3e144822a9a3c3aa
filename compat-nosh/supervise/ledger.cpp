#include "compat-nosh/supervise/ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "compat-nosh/protocol.h"
#include "core/sys/memory.h"

namespace kindred::nosh {
namespace {

constexpr std::string_view kEnding = "e\n", kComplete = ".\n";
constexpr std::size_t kMostSize = 64U << 20;
/// A line with six numbers of 20 digits, and four shorter ones, beside its name.
constexpr std::size_t kLongestLine = 256 + kLongestName;

using Line = std::array<char, kLongestLine>;

std::string_view line_of(const LedgerEntry& entry, Line& room) noexcept {
  const std::size_t name = std::min(entry.name.size(), kLongestName);
  const int size = std::snprintf(
      room.data(), room.size(), "= %ju %ju %ju %ju %u %u %d %zu %.*s\n",
      static_cast<std::uintmax_t>(entry.supervise.device), static_cast<std::uintmax_t>(entry.supervise.inode),
      static_cast<std::uintmax_t>(entry.service.device), static_cast<std::uintmax_t>(entry.service.inode),
      entry.input, entry.output, entry.armed ? 1 : 0, name, static_cast<int>(name), entry.name.data());
  return {room.data(), static_cast<std::size_t>(size)};
}

/// Takes a number and what follows it.
template <class Number>
bool take_number(std::string_view& rest, Number& into, char after) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), into);
  if (error != std::errc{} || end == rest.data() + rest.size() || *end != after) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  return true;
}

bool take_directory(std::string_view& rest, DirectoryId& into, char after) {
  return take_number(rest, into.device, ' ') && take_number(rest, into.inode, after);
}

bool take_entry(std::string_view& rest, LedgerEntry& entry) {
  int armed = 0;
  std::size_t size = 0;
  if (!take_directory(rest, entry.supervise, ' ') || !take_directory(rest, entry.service, ' ') ||
      !take_number(rest, entry.input, ' ') || !take_number(rest, entry.output, ' ') ||
      !take_number(rest, armed, ' ') || !take_number(rest, size, ' ') || size >= rest.size() ||
      rest[size] != '\n')
    return false;
  entry.armed = armed != 0;
  entry.name = rest.substr(0, size);
  rest.remove_prefix(size + 1);
  return true;
}

bool take(std::string_view& rest, std::string_view word) {
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

}  // namespace

std::optional<LedgerState> parse_ledger(std::string_view text) {
  LedgerState state;
  bool complete = false;
  if (!take(text, kLedgerBeginning)) return std::nullopt;
  const auto find = [&](const DirectoryId& supervise) {
    return std::find_if(state.loaded.begin(), state.loaded.end(),
                        [&](const LedgerEntry& each) { return each.supervise == supervise; });
  };
  for (;;) {
    LedgerEntry entry;
    if (take(text, kEnding)) {
      state.ending = true;
    } else if (take(text, kComplete)) {
      complete = true;
    } else if (take(text, "= ")) {
      if (!take_entry(text, entry)) break;
      const auto known = find(entry.supervise);
      if (known != state.loaded.end())
        *known = std::move(entry);
      else
        state.loaded.push_back(std::move(entry));
    } else if (take(text, "- ")) {
      if (!take_directory(text, entry.supervise, '\n')) break;
      if (const auto known = find(entry.supervise); known != state.loaded.end()) state.loaded.erase(known);
    } else {
      break;
    }
  }
  return complete ? std::optional(std::move(state)) : std::nullopt;
}

bool Ledger::begin(const LedgerState& state) {
  UniqueFd before = std::exchange(memory_, make_memory("kindred-loaded"));
  size_ = 0;
  if (!memory_) return false;
  append(kLedgerBeginning);
  Line room;
  for (const LedgerEntry& entry : state.loaded) append(line_of(entry, room));
  if (state.ending) append(kEnding);
  append(kComplete);
  begun_ = size_;
  return true;
}

void Ledger::put(const LedgerEntry& entry) noexcept {
  Line room;
  append(line_of(entry, room));
}

void Ledger::remove(const DirectoryId& supervise) noexcept {
  Line room;
  const int size =
      std::snprintf(room.data(), room.size(), "- %ju %ju\n", static_cast<std::uintmax_t>(supervise.device),
                    static_cast<std::uintmax_t>(supervise.inode));
  append({room.data(), static_cast<std::size_t>(size)});
}

UniqueFd Ledger::share() const noexcept { return UniqueFd(::fcntl(memory_.get(), F_DUPFD_CLOEXEC, 3)); }

void Ledger::end_all() noexcept { append(kEnding); }

void Ledger::append(std::string_view line) noexcept {
  if (!memory_) return;
  // One that is there in part is written over by the next.
  if (::pwrite(memory_.get(), line.data(), line.size(), static_cast<off_t>(size_)) ==
      static_cast<ssize_t>(line.size()))
    size_ += line.size();
}

std::optional<LedgerState> read_ledgers(std::span<const UniqueFd> memories) {
  std::optional<LedgerState> found;
  for (const UniqueFd& memory : memories) {
    struct stat st;
    if (found || ::fstat(memory.get(), &st) != 0 || st.st_size <= 0 ||
        static_cast<std::uintmax_t>(st.st_size) > kMostSize)
      continue;
    std::string text(static_cast<std::size_t>(st.st_size), '\0');
    if (::pread(memory.get(), text.data(), text.size(), 0) == st.st_size) found = parse_ledger(text);
  }
  return found;
}

}  // namespace kindred::nosh
