#pragma once
// What a service sees of the file system, in a mount namespace of its own. Source: systemd.exec(5) "Sandboxing".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred {

struct Room {
  enum class System : std::uint8_t { Writable, Programs, Full, Strict };
  enum class Homes : std::uint8_t { There, ReadOnly, Empty, Hidden };
  bool private_tmp = false;      ///< /tmp and /var/tmp are its own, empty, and gone with it
  bool private_devices = false;  ///< /dev has but what holds no hardware
  System system = System::Writable;
  Homes homes = Homes::There;
  bool tunables_read_only = false;  ///< the kernel's, below /proc and /sys
  bool groups_read_only = false;    ///< control groups
  /// Paths; one with a "-" in front need not be there.
  std::vector<std::string> read_only, writable, hidden;

  [[nodiscard]] bool is_wanted() const;
  friend bool operator==(const Room&, const Room&) = default;
};

/// Errors: the first thing that the kernel refuses, or a path that is not there.
[[nodiscard]] Status enter_room(const Room& room);

}  // namespace kindred
