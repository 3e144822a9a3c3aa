#pragma once
// What a manager was asked for, as its next core finds it. No directory tells that: a manager knows what loaders have sent
// it. The keeper has the descriptors still (core/keeper/keeper.h), and this says which is whose. It lies in memory that
// has no name, line after line; what a line says of a service takes the place of what was said before.
//
//   "nosh ledger 1"
//   "= " supervise ' ' service ' ' INPUT ' ' OUTPUT ' ' ARMED ' ' SIZE ' ' NAME    loaded; a directory is DEVICE ' ' INODE,
//                                                      a pipe its inode or 0, SIZE the bytes of NAME
//   "- " supervise                                     unloaded
//   "e"                                                all are to end
//   "."                                                what an earlier ledger said is here: this one counts
//
// Numbers are decimal. A line without its end was being written, and is none.
// Source: the original has no such thing.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dialect/scan_rules.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {

struct LedgerEntry {
  DirectoryId supervise, service;
  std::uint32_t input = 0, output = 0;  ///< inodes of the pipes that it reads and writes into; 0: none
  bool armed = false;                   ///< it starts when there is something to read
  std::string name;
  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

struct LedgerState {
  std::vector<LedgerEntry> loaded;  ///< in the order in which they were
  bool ending = false;
};

inline constexpr std::string_view kLedgerBeginning = "nosh ledger 1\n";

/// nullopt: it is none, or was not finished.
[[nodiscard]] std::optional<LedgerState> parse_ledger(std::string_view text);

class Ledger {
 public:
  /// One that says this, in memory of its own; until then nothing is written down. Returns whether there is room.
  bool begin(const LedgerState& state);
  void put(const LedgerEntry& entry) noexcept;
  void remove(const DirectoryId& supervise) noexcept;
  void end_all() noexcept;
  /// For who reads it while this one still writes; none where nothing was begun.
  [[nodiscard]] UniqueFd share() const noexcept;
  /// Much of it has been superseded: it is time to begin anew.
  [[nodiscard]] bool is_long() const noexcept { return size_ > kLong && size_ > 2 * begun_; }

 private:
  static constexpr std::size_t kLong = 256U << 10;
  void append(std::string_view line) noexcept;

  UniqueFd memory_;
  std::size_t size_ = 0;
  std::size_t begun_ = 0;  ///< its size when it was begun
};

/// What the core before this one has left; nullopt where it left none.
[[nodiscard]] std::optional<LedgerState> read_ledgers(std::span<const UniqueFd> memories);

}  // namespace kindred::nosh
