// setlock [-nNxX] FILE PROGRAM [ARGUMENT...]: runs a program that holds a lock.
// Source: interfaces/freedt.md section 3.9, interfaces/daemontools.md section 10.

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/base/error_text.h"
#include "core/chain/exec_into.h"
#include "core/cli/options.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int setlock_main(int argc, char** argv) {
  constexpr const char* kUsage = "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]";
  if (const auto code = answered(argc, argv, "setlock", kUsage)) return *code;
  bool waits = true, complains = true;
  Options options(argc, argv, "nNxX");
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused(kUsage);
    if (letter == 'n' || letter == 'N') waits = letter == 'N';
    if (letter == 'x' || letter == 'X') complains = letter == 'X';
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return misused(kUsage);
  const char* const file = operands[0];
  const auto give_up = [&](const char* operation) {
    return complains ? fatal("setlock", {"unable to ", operation, " ", file, ": ", error_text(errno)}) : 0;
  };
  // The program inherits it, and with it the lock.
  const int lock = open(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0600);
  if (lock == -1) return give_up("open");
  if (flock(lock, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == -1) return give_up("lock");
  return fatal("setlock", exec_into(operands[1], operands.data() + 1));
}

}  // namespace kindred::freedt
