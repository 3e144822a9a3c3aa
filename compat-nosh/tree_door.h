#pragma once
// The manager's socket in a view tree: TREE/.service-manager/control, for loaders that are led there (their
// own path, /run/service-manager, may be a link to that directory).
//
// The services of a tree come from elsewhere, so what a loader may ask is bounded:
//
//   LOAD                  of what is here already: nothing, as at any manager; of anything else: refused
//   UNLOAD                as the byte x
//   PLUMB                 of a service to its own log: it is; to anything else: refused
//   MAKE_PIPE_CONNECTABLE of a log: it is; of anything else: refused
//   MAKE_INPUT_ACTIVATED  refused
//   MAKE_RUN_ON_EMPTY     done; refused where the service's own family knows no such thing
//
// There is no reply, so what is refused is said on standard error. Source: interfaces/nosh.md section 7.2.

#include <memory>

#include "core/base/result.h"
#include "core/sys/event_loop.h"
#include "core/sys/fd_store.h"
#include "core/view/tree_door.h"
#include "core/view/tree_host.h"

namespace kindred::nosh {

inline constexpr const char* kDoorDirectory = ".service-manager";

[[nodiscard]] Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root,
                                                          FdStore& from);

}  // namespace kindred::nosh
