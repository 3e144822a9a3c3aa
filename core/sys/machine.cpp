#include "core/sys/machine.h"

#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace kindred {
namespace {

int number_of(MachineEnd how) noexcept {
  switch (how) {
    case MachineEnd::Halt:
      return RB_HALT_SYSTEM;
    case MachineEnd::PowerOff:
      return RB_POWER_OFF;
    case MachineEnd::Restart:
      break;
  }
  return RB_AUTOBOOT;
}

}  // namespace

int end_machine(MachineEnd how) noexcept {
  // The kernel may end who calls it, and that must not be process 1 where the machine runs on.
  const pid_t child = ::fork();
  if (child <= 0) {
    ::reboot(number_of(how));
    if (child == 0) ::_exit(errno);
    return errno;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

void take_restart_keys() noexcept { ::reboot(RB_DISABLE_CAD); }

}  // namespace kindred
