#pragma once
// systemd's NOTIFY_SOCKET for a program whose supervisor knows another way of being told. Source: sd_notify(3).

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// What one datagram says of it. Pure.
struct Notice {
  bool ready = false, stopping = false, reloading = false, alive = false;
  bool watchdog_triggered = false;
  std::optional<std::string> status = std::nullopt;
  friend bool operator==(const Notice&, const Notice&) = default;
};
[[nodiscard]] Notice parse_notice(std::string_view datagram);

struct NotifyRelay {
  std::optional<int> ready_descriptor = std::nullopt;  ///< gets a newline, once
  std::string ready_file = {};  ///< is there while it is ready; its content is the last STATUS
  std::optional<std::chrono::microseconds> watchdog = std::nullopt;  ///< then ABRT, where it is silent
  uid_t user = 0;  ///< whose messages count, beside root's and those of the service and what it has started
};

/// A socket that the kernel has named; `name` becomes what NOTIFY_SOCKET is to say.
[[nodiscard]] Result<UniqueFd> open_notify_socket(std::string& name);

/// Starts a process that is no child of this one, and ends with it: it listens to what this process, whatever it becomes,
/// and its children say. The descriptors are its own from then on.
[[nodiscard]] Status start_notify_relay(UniqueFd socket, const NotifyRelay& relay);

}  // namespace kindred
