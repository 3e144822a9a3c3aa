#pragma once
// A keeper that is executed anew, as the same process: what it tells the program that takes its place. That is in the
// environment, so that any program of ours can be asked beforehand whether it understands it.
//
//   KINDRED_HANDOVER = VERSION ':' PID ':' FIRST_FREE ':' MASK ':' [FD {',' FD}]
//
// VERSION is kHandoverVersion; PID the keeper's: whose number it is not has inherited the variable by accident;
// FIRST_FREE the lowest descriptor that did not come with it when it was first started; MASK the signals, in hexadecimal,
// bit 0 for signal 1, that it was started with blocked; FD what came with it and is to go to services. What else is open
// and not to be closed by the next exec has been handed over. All other state lies where a core that is killed leaves it
// (core/engine/process_table.h).

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// Of this format, and of the table of processes.
inline constexpr std::string_view kHandoverVersion = "1";

/// The signal that has a keeper executed anew.
[[nodiscard]] inline int upgrade_signal() { return SIGRTMIN; }

struct Handover {
  int first_free = 3;
  sigset_t mask{};
  std::vector<int> inherited;
  std::vector<int> handed;  ///< what is open besides; not in the text
};
[[nodiscard]] std::string encode_handover(const Handover& handover, pid_t keeper);
/// nullopt: it is none, of another version, or another process's.
[[nodiscard]] std::optional<Handover> decode_handover(std::string_view text, pid_t keeper);

/// What this process was told, which goes on in an earlier program's place; null where it began by itself. The variable
/// is gone afterwards, and what was handed over is not inherited by what is executed from now on.
[[nodiscard]] const Handover* handed_over();

/// chdir(2), but where an earlier program has done so already.
[[nodiscard]] int enter_once(const char* path);

/// The reading end, handed over, of the pipe that `writing` writes into; none.
[[nodiscard]] UniqueFd take_handed_reader(int writing);

/// Executes this program anew, as what it was started as; what it hands over stays open. Comes back only with what kept
/// it: the program is not there, or it is another version that does not understand us.
[[nodiscard]] Error execute_anew(const Handover& handover);

/// What a program is that is called kCoreName: asked whether it understands a handover, it ends with 0 if it does.
[[nodiscard]] int handover_main(int argc, char** argv);

}  // namespace kindred
