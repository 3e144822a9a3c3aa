#pragma once
// The whole state of a supervisor as bytes, and back: what an upgrade hands over and a crash leaves behind.
//
//   offset size field
//        0    4 "kds4"
//        4    4 number of groups, little-endian; each group follows:
//               name, home, family (length, little-endian, 4 bytes; bytes), device and inode (8 each), own
//               session (1), main machine, presence of a log machine (1), log machine if present, main left
//               (1), retired (1)
//
// A machine is its fields in the order of fields() in snapshot.cpp, integers little-endian, Instants as
// microseconds of the monotonic clock: a snapshot is for this boot of this machine. Errors of decode: EBADMSG
// for bytes that are no snapshot, are cut short, go on too long or hold a value that no machine has.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/service/group.h"

namespace kindred {

struct GroupState {
  std::string name;
  std::string home;    ///< the dialect's name
  std::string family;  ///< likewise
  DirectoryId id;
  bool own_session = false;
  GroupMachine machine;
  friend bool operator==(const GroupState&, const GroupState&) = default;
};

struct SupervisorState {
  std::vector<GroupState> groups;
  friend bool operator==(const SupervisorState&, const SupervisorState&) = default;
};

[[nodiscard]] std::vector<std::uint8_t> encode_state(const SupervisorState& state);
[[nodiscard]] Result<SupervisorState> decode_state(ByteView bytes);

/// One machine, its fields as in a snapshot, for where nothing may allocate. 0: there is no room.
inline constexpr std::size_t kLongestMachine = 256;
[[nodiscard]] std::size_t encode_machine(const ServiceMachine& machine, ByteSpan out) noexcept;
/// nullopt: as decode_state().
[[nodiscard]] std::optional<ServiceMachine> decode_machine(ByteView bytes) noexcept;

}  // namespace kindred
