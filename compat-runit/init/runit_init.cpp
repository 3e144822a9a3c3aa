// runit-init 0|6: as process 1 runit itself, else what asks it for the end. Source: interfaces/runit.md section 13.1.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "compat-runit/init/programs.h"
#include "compat-runit/init/stages.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::runit {
namespace {

constexpr mode_t kMeant = S_IXUSR;

int unable(std::string_view operation, const char* path) {
  return fatal("init", {"unable to ", operation, " ", path, ": ", error_text(errno)});
}

/// 0, or the exit code.
int leave_request(const char* path) {
  const UniqueFd file(
      open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
  if (!file) return unable("create", path);
  return fchmod(file.get(), kMeant) == 0 ? 0 : unable("chmod", path);
}

int ask(bool to_reboot) {
  if (const int code = leave_request(kStopFile)) return code;
  if (to_reboot) {
    if (const int code = leave_request(kRebootFile)) return code;
  } else if (chmod(kRebootFile, 0) != 0 && errno != ENOENT) {
    return unable("chmod", kRebootFile);
  }
  kill(1, SIGCONT);
  return 0;
}

}  // namespace

int runit_init_main(int argc, char** argv) {
  if (getpid() == 1) {
    prctl(PR_SET_NAME, "runit");
    return runit_main(argc, argv);
  }
  const char* const word = argc > 1 ? argv[1] : nullptr;
  if (word != nullptr && std::strcmp(word, "-V") == 0) print_error({"kindred ", KINDRED_VERSION, "\n"});
  const InitRequest request = init_request(word);
  if (request != InitRequest::None) return ask(request == InitRequest::Reboot);
  print_error({"usage: runit-init 0|6\n"});
  return 0;
}

}  // namespace kindred::runit
