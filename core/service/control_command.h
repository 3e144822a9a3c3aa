#pragma once
// Control commands, canonical: every family's bytes and packets decode to these, and every front end sends
// these.

#include <cstdint>

#include "core/service/status_record.h"

namespace kindred {

enum class Verb : std::uint8_t {
  Up,          ///< want up; start if there is no process
  Down,        ///< want down; tell the process to stop
  Once,        ///< do not restart; start if there is no process
  OnceAtMost,  ///< do not restart; start nothing
  NoRestart,   ///< want down, but send nothing
  Exit,        ///< the supervisor leaves when the service is down
  Quit,        ///< the supervisor leaves at once and lets the process be
  Pause,
  Continue,
  Terminate,  ///< send the stop signal and leave the want alone
  Signal,     ///< send `signal`, or the service's own signal to reload
};
inline constexpr std::size_t kVerbs = 11;

/// Whether it can bring the process a signal.
[[nodiscard]] constexpr bool signals(Verb verb) {
  return verb == Verb::Down || verb == Verb::Pause || verb == Verb::Continue || verb == Verb::Terminate ||
         verb == Verb::Signal;
}

struct ControlCommand {
  Verb verb = Verb::Up;
  std::uint8_t signal = 0;  ///< for Verb::Signal; 0 is the service's own, see Convention::reload_signal
  Role role = Role::Main;
  bool to_group = false;        ///< signals go to the process group
  bool to_any_script = false;   ///< … of whatever script runs, whether or not control signals reach it
  bool keep_down_file = false;  ///< Up removes, Down and NoRestart create the service's `down` file
  char custom = 0;              ///< the letter of the custom control script that may take the command's place
  friend bool operator==(const ControlCommand&, const ControlCommand&) = default;
};

}  // namespace kindred
