#pragma once
// Which process is whose: an open-addressing table from pid to owner. Room is reserved when an owner comes;
// entering and leaving never allocate.

#include <cstdint>
#include <vector>

#include "core/service/status_record.h"

namespace kindred {

class ProcessOwner;

struct PidEntry {
  std::int32_t pid = 0;
  Role role = Role::Main;
  ProcessOwner* owner = nullptr;
};

class PidTable {
 public:
  void reserve(std::size_t processes);
  void insert(const PidEntry& entry) noexcept;
  /// The entry; one with pid 0 if there is none.
  [[nodiscard]] PidEntry find(std::int32_t pid) const noexcept;
  /// The entry, which is removed; one with pid 0 if there is none.
  PidEntry take(std::int32_t pid) noexcept;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  [[nodiscard]] std::size_t home(std::int32_t pid) const {
    return static_cast<std::uint32_t>(pid) * 2654435761U & (slots_.size() - 1);
  }
  std::vector<PidEntry> slots_;
  std::size_t size_ = 0;
};

}  // namespace kindred
