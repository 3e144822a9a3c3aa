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
  Signal,     ///< send `signal`
};
inline constexpr std::size_t kVerbs = 11;

struct ControlCommand {
  Verb verb = Verb::Up;
  std::uint8_t signal = 0;  ///< for Verb::Signal
  Role role = Role::Main;
  bool to_group = false;        ///< signals go to the process group
  bool keep_down_file = false;  ///< Up removes, Down and NoRestart create the service's `down` file
  char custom = 0;              ///< the letter of the custom control script that may take the command's place
  friend bool operator==(const ControlCommand&, const ControlCommand&) = default;
};

}  // namespace kindred
