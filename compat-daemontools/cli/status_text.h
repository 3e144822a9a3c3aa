#pragma once
/// svstat's words for one status record:
///
///   up (pid N) | down      whether there is a process
///   S seconds              since it came or went; 0 for a stamp in the future
///   , normally down|up     where that is not what is
///   , paused               only with a process
///   , want up|down         where that is not what is
///
/// Source: interfaces/daemontools.md section 7.3.

#include <string>

#include "core/base/time.h"
#include "core/service/status_record.h"

namespace kindred::daemontools {

[[nodiscard]] std::string status_text(const StatusRecord& record, bool normally_down, WallTime now);

}  // namespace kindred::daemontools
