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

#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/client/service_directory.h"
#include "core/service/status_record.h"

namespace kindred {

[[nodiscard]] std::string status_text(const StatusRecord& record, bool normally_down, WallTime now);

/// What svstat finds out about one service, before it has words for it.
struct Look {
  std::string trouble;  ///< what to say instead; empty if all went well
  bool normally_down = false;
  std::optional<Observation> seen;  ///< without trouble, always
};
[[nodiscard]] Look look_at(const ServiceDirectory& directory, const KnownFamilies& families);
/// `path` is relative to the working directory.
[[nodiscard]] Look look_at(const char* path, const KnownFamilies& families);

}  // namespace kindred
