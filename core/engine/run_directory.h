#pragma once
// Where kindred keeps its own run-time sockets, and the tables by which it finds again what it supervised
// (process_table.h): nothing in there is needed to go on supervising.

#include <string>

#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// KINDRED_RUN_DIR; else /run/kindred for root; else $XDG_RUNTIME_DIR/kindred; else /tmp/kindred-UID.
[[nodiscard]] std::string default_run_directory();

/// Makes it (0700) if need be, and opens it, for what can be believed because it lies there. Errors: EPERM where
/// somebody else owns it or can write in it.
[[nodiscard]] Result<UniqueFd> open_run_directory(const std::string& path);
/// Likewise for who only looks: where there is none, none is made.
[[nodiscard]] Result<UniqueFd> find_run_directory(const std::string& path);

/// The lock that says whose run directory it is; held while the descriptor is open, and of no meaning when its
/// holder is dead. Nothing else in there is touched. Errors: EAGAIN where another process has it: the object
/// is the directory, with that process's number where it can be known.
[[nodiscard]] Result<UniqueFd> own_run_directory(const std::string& path);

/// For who looks for a core there and starts one where there is none: one at a time, the next when every copy of the
/// descriptor is closed. Waits a while for its turn. Errors: EAGAIN where it does not come.
[[nodiscard]] Result<UniqueFd> take_turn_in_run_directory(const std::string& path);

/// The name of the socket at which the core of this scan directory listens.
[[nodiscard]] std::string core_socket_name(const DirectoryId& scan_directory);

}  // namespace kindred
