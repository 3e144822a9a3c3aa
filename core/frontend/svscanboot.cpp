// svscanboot: what init starts. Runs svscan on the system's services and shows its complaints in the process
// title. Source: interfaces/daemontools.md section 6.2.

#include "core/frontend/svscanboot.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr std::string_view kProgram = "svscanboot";
constexpr const char* kPath =
    "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin";
constexpr std::size_t kTitleDots = 400;

/// The directory in which this program's name lies, with those of its siblings; "" if it cannot be found out.
/// Links are followed while they keep the name: one in /usr/bin need not have siblings beside it, and the
/// last one leads to the executable of many names.
std::string own_directory() {
  const auto* const called = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (called == nullptr || base_name(called) != kProgram) return {};
  std::string path = called;
  constexpr int kMostLinks = 40;
  for (int i = 0; i < kMostLinks; ++i) {
    std::array<char, PATH_MAX> target;
    const ssize_t size = readlink(path.c_str(), target.data(), target.size() - 1);
    if (size <= 0) break;
    target[static_cast<std::size_t>(size)] = '\0';
    if (base_name(target.data()) != kProgram) break;
    path =
        target[0] == '/' ? std::string(target.data()) : path.substr(0, path.rfind('/') + 1) + target.data();
  }
  const std::size_t slash = path.rfind('/');
  char* const absolute =
      realpath(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), nullptr);
  std::string directory = absolute != nullptr ? absolute : "";
  free(absolute);
  // A colon would end it within PATH.
  return directory.find(':') == std::string::npos ? directory : std::string();
}

bool discard_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (!take_nothing(descriptor)) return false;
  return true;
}

pid_t start(const std::vector<const char*>& words, int input, int output) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (input >= 0) dup2(input, 0);
  if (output >= 0 && (dup2(output, 1) == -1 || dup2(output, 2) == -1)) _exit(kExitFatal);
  std::vector<char*> argv;
  for (const char* word : words) argv.push_back(const_cast<char*>(word));
  argv.push_back(nullptr);
  execvp(argv.front(), argv.data());
  _exit(fatal(kProgram, {"unable to run ", words.front(), ": ", error_text(errno)}));
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) == -1)
    if (errno != EINTR) return kExitFatal;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// An earlier svscan that was killed left its services and their logs running: they are asked to leave.
void dismiss_orphans(const BootRules& rules) {
  glob_t found{};
  const std::string services = std::string(rules.services) + "/*";
  const std::string logs = services + "/log";
  (void)glob(services.c_str(), 0, nullptr, &found);
  (void)glob(logs.c_str(), GLOB_APPEND, nullptr, &found);
  std::vector<char*> argv;
  std::string name = "svc", options = "-dx", end = "--";
  for (std::string* word : {&name, &options, &end}) argv.push_back(word->data());
  for (std::size_t i = 0; i < found.gl_pathc; ++i) argv.push_back(found.gl_pathv[i]);
  argv.push_back(nullptr);
  // In a process of its own: svc ignores SIGPIPE, which svscan must not inherit, and there may be more
  // services than the words of a command can hold.
  const pid_t pid = fork();
  if (pid == 0) _exit(rules.svc(static_cast<int>(argv.size()) - 1, argv.data()));
  if (pid > 0) (void)exit_code_of(pid);
  globfree(&found);
}

}  // namespace

int svscanboot(const BootRules& rules) {
  // The programs of one family must come from one place: a svscan of another package, in one of the
  // directories that the original names, would not know how to take over what this family's core supervises.
  // So our own come first.
  const std::string own = own_directory();
  const std::string path = own.empty() ? kPath : own + ":" + kPath;
  if (clearenv() != 0 || setenv("PATH", path.c_str(), 1) != 0)
    return fatal(kProgram, {"unable to set PATH: ", error_text(ENOMEM)});
  if (!discard_standard_descriptors())
    return fatal(kProgram, {"unable to open /dev/null: ", error_text(errno)});
  dismiss_orphans(rules);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) == -1) return kExitFatal;
  UniqueFd reading(ends[0]), writing(ends[1]);
  const std::string window(kTitleDots, '.');
  const pid_t reader = start({"readproctitle", "service", "errors:", window.c_str()}, reading.get(), -1);
  const pid_t scanner = start({"svscan", rules.services}, -1, writing.get());
  reading.reset();
  writing.reset();
  if (reader == -1 || scanner == -1) return kExitFatal;
  return exit_code_of(reader);
}

}  // namespace kindred
