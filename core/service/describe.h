#pragma once
// States and events in words, for people. Pure.

#include <string>
#include <string_view>

#include "core/service/status_record.h"
#include "core/service/trace.h"

namespace kindred {

/// "down", "waiting", "starting", "started", "run", "finish", "stopping", "failed".
[[nodiscard]] std::string_view phase_word(Phase phase);

/// "exited with 1", "was killed by SEGV and left a core", "ended, nobody knows how"; empty where nothing has ended.
[[nodiscard]] std::string exit_words(const ExitStatus& end);

/// "start", "run", "finish", "stop".
[[nodiscard]] std::string_view script_word(Script script);

/// "down", "up", "once".
[[nodiscard]] std::string_view want_word(Want want);

/// "run was started", "was told: up", "finish exited with 125", "was sent TERM", with the service, or its log, as the
/// subject where there is none.
[[nodiscard]] std::string trace_words(const TraceEntry& entry);

}  // namespace kindred
