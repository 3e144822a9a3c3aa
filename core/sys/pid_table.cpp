#include "core/sys/pid_table.h"

#include <cassert>
#include <utility>

namespace kindred {

void PidTable::reserve(std::size_t processes) {
  // At most half full, so that a search ends soon; a power of two, for home().
  std::size_t wanted = slots_.empty() ? 16 : slots_.size();
  while (wanted < processes * 2) wanted *= 2;
  if (wanted == slots_.size()) return;
  std::vector<PidEntry> old = std::exchange(slots_, std::vector<PidEntry>(wanted));
  size_ = 0;
  for (const PidEntry& entry : old)
    if (entry.pid != 0) insert(entry);
}

void PidTable::insert(const PidEntry& entry) noexcept {
  assert(size_ < slots_.size());
  std::size_t at = home(entry.pid);
  while (slots_[at].pid != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = entry;
  ++size_;
}

PidEntry PidTable::find(std::int32_t pid) const noexcept {
  if (slots_.empty()) return {};
  std::size_t at = home(pid);
  while (slots_[at].pid != pid && slots_[at].pid != 0) at = (at + 1) & (slots_.size() - 1);
  return slots_[at];
}

PidEntry PidTable::take(std::int32_t pid) noexcept {
  if (slots_.empty()) return {};
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = home(pid);
  while (slots_[at].pid != pid) {
    if (slots_[at].pid == 0) return {};
    at = (at + 1) & mask;
  }
  const PidEntry found = slots_[at];
  slots_[at] = {};
  --size_;
  // Close the gap: move back every follower whose search would pass over it.
  for (std::size_t next = (at + 1) & mask; slots_[next].pid != 0; next = (next + 1) & mask) {
    const std::size_t wants = home(slots_[next].pid);
    if (((next - wants) & mask) >= ((next - at) & mask)) {
      slots_[at] = slots_[next];
      slots_[next] = {};
      at = next;
    }
  }
  return found;
}

}  // namespace kindred
