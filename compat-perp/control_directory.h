#pragma once
// .control below a base: the lock that makes one process the perpd of the base, and the socket where it is
// asked. Source: interfaces/perp.md section 3.

#include <memory>
#include <optional>

#include "core/base/result.h"
#include "core/sys/event_loop.h"
#include "core/sys/fd_store.h"
#include "core/sys/unique_fd.h"
#include "core/view/packet_door.h"
#include "core/view/tree_door.h"
#include "core/view/tree_host.h"

namespace kindred::perp {

inline constexpr const char* kControlDirectory = ".control";
inline constexpr const char* kPidFile = "perpd.pid";
inline constexpr const char* kSocket = "perpd.sock";

/// The control directory, with the lock.
struct ControlDirectory {
  UniqueFd directory;
  UniqueFd lock;
};

/// Errors: EAGAIN where another process is the perpd of this base, operation "lock".
[[nodiscard]] Result<ControlDirectory> take_control(int base);

/// `group`: who may connect besides the owner. Who goes on in another's place has it open already, as it was.
[[nodiscard]] Result<UniqueFd> open_socket(int control, std::optional<gid_t> group, FdStore& from);
/// The clients of that one, who may have said half of what they want.
void let_clients_in(PacketDoor& door, int control, FdStore& from);

/// What a view tree has of all this: it answers as perpd does, and whoever holds the lock is this process.
/// Whom `perpctl X` takes the sticky bit from is stopped, its log after it, until A gives it back: what is
/// supervised at all is the home's affair.
[[nodiscard]] Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root,
                                                          FdStore& from);

}  // namespace kindred::perp
