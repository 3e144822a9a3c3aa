#pragma once
// .s6-svscan in a view tree: the lock by which s6-svlink knows that somebody scans, and the FIFO that
// s6-svscanctl writes to. Source: interfaces/s6.md sections 9.2 and 9.5.

#include <memory>

#include "core/base/result.h"
#include "core/sys/event_loop.h"
#include "core/sys/fd_store.h"
#include "core/view/tree_door.h"
#include "core/view/tree_host.h"

namespace kindred::s6 {

[[nodiscard]] Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root,
                                                          FdStore& from);

}  // namespace kindred::s6
