#pragma once
// The machine as a whole, for its first process.

#include <cstdint>

namespace kindred {

enum class MachineEnd : std::uint8_t { Halt, PowerOff, Restart };

/// Files are not written back before. Process 1 of a pid namespace is ended by the kernel instead, as by INT, for
/// Restart as by HUP. Returns where that did not come to be: the errno; 0 where the kernel has accepted it, and the
/// machine runs on all the same.
[[nodiscard]] int end_machine(MachineEnd how) noexcept;

/// Control-alt-delete is a signal for process 1 from now on (INT), where this is a machine.
void take_restart_keys() noexcept;

}  // namespace kindred
