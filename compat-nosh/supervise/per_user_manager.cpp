// per-user-manager: keeps a service manager and its log, as whatever user it is run by, and starts that user's targets.
// Source: interfaces/nosh-system.md sections 11.2 and 12.

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "compat-nosh/client/options.h"
#include "compat-nosh/programs.h"
#include "compat-nosh/supervise/session.h"
#include "core/chain/control_group.h"
#include "core/cli/program.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/execute.h"
#include "core/sys/files.h"
#include "core/sys/signals.h"
#include "core/sys/socket.h"

namespace kindred::nosh {
namespace {

constexpr int kFirstInherited = 3;
constexpr Duration kBetweenFailures{500'000};

using Words = std::vector<std::string>;

/// What a child has that the manager has not.
struct ChildFiles {
  int input = -1;   ///< becomes standard input; -1: nothing to read
  int output = -1;  ///< standard output and error; -1: as ours
  int third = -1;   ///< descriptor 3; -1: none
  int directory = -1;
  unsigned seconds = 0;  ///< so long it may live; 0: for ever
};

[[noreturn]] void become(const Words& words, const ChildFiles& files) {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
  bool ready = files.directory == -1 || ::fchdir(files.directory) == 0;
  if (files.third != -1) ready = ready && ::dup2(files.third, kFirstInherited) != -1;
  ready = ready && (files.input != -1 ? ::dup2(files.input, 0) != -1 : take_nothing(0));
  if (files.output != -1) ready = ready && ::dup2(files.output, 1) != -1 && ::dup2(files.output, 2) != -1;
  if (files.seconds != 0) ::alarm(files.seconds);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int error = ready ? execute(argv[0], argv.data()) : errno;
  complain("per-user-manager", "ERROR", {words.front(), ": ", system_error_text(error)});
  ::_exit(kExitFailed);
}

/// A program that is there as long as it is wanted; one that fails is started again after a pause.
class Kept {
 public:
  [[nodiscard]] bool runs() const { return pid_ > 0; }
  void start(const Words& words, const ChildFiles& files, Instant now) {
    if (runs() || now < not_before_) return;
    const pid_t child = ::fork();
    if (child == 0) become(words, files);
    pid_ = child;
    if (child == -1) not_before_ = now + kBetweenFailures;
  }
  /// Whether it was this one that has ended.
  bool has_ended(pid_t pid, bool failed, Instant now) {
    if (pid != pid_ || !runs()) return false;
    pid_ = 0;
    if (failed) not_before_ = now + kBetweenFailures;
    return true;
  }
  void terminate() const {
    if (runs()) ::kill(pid_, SIGTERM);
  }
  [[nodiscard]] Instant not_before() const { return runs() ? Instant::never() : not_before_; }

 private:
  pid_t pid_ = 0;
  Instant not_before_ = Instant::long_ago();
};

struct Places {
  UniqueFd log;     ///< the directory
  UniqueFd socket;  ///< the service manager's
};

/// Directories below /run/user/NAME, which is there already, and the socket.
Result<Places> prepare_places() {
  const passwd* const account = ::getpwuid(::geteuid());
  if (account == nullptr) return Error{ENOENT, "find", "the user's account"};
  constexpr mode_t kMode = 0755, kSocketMode = 0700;
  const std::string base = std::string("/run/user/") + account->pw_name;
  const Result<UniqueFd> root = open_directory(AT_FDCWD, base.c_str());
  if (!root) return error_here("open", base, root.error().code);
  for (const char* const name : {"per-user-manager", "per-user-manager/log", "service-bundles",
                                 "service-bundles/early-supervise", "service-manager"})
    if (const Status made = make_directory(root->get(), name, kMode); !made)
      return error_here("make", base + "/" + name, made.error().code);
  Places places;
  auto log = open_directory(root->get(), "per-user-manager/log");
  if (!log) return error_here("open", base + "/per-user-manager/log", log.error().code);
  places.log = std::move(*log);
  const auto directory = open_directory(root->get(), "service-manager");
  if (!directory) return error_here("open", base + "/service-manager", directory.error().code);
  auto socket = bind_datagrams_at(directory->get(), "control");
  if (!socket) return error_here("bind", base + "/service-manager/control", socket.error().code);
  if (::fchmodat(directory->get(), "control", kSocketMode, 0) != 0)
    return error_here("chmod", base + "/service-manager/control");
  places.socket = std::move(*socket);
  return places;
}

/// Above what children get by fixed numbers, and not theirs.
UniqueFd out_of_the_way(int descriptor) {
  return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstInherited + 1));
}

class UserManager {
 public:
  explicit UserManager(Words words) : first_job_(std::move(words)) {}

  Status open();
  void run();

 private:
  void read_requests();
  void reap(Instant now);
  void start_what_is_wanted(Instant now);
  [[nodiscard]] int milliseconds_to_wait(Instant now) const;

  Places places_;
  std::vector<UniqueFd> commands_;
  UniqueFd own_output_;  ///< of the logger: what this was given
  UniqueFd log_out_;
  Signals signals_;
  SystemClock clock_;
  SessionRequests requests_;
  Words first_job_;  ///< empty once it has been started
  Kept service_manager_, logger_, job_;
};

Status UserManager::open() {
  if (!take_missing_standard_descriptors()) return error_here("open", "/dev/null");
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (pid != nullptr && count != nullptr && parse_number(pid) == static_cast<long>(::getpid())) {
    constexpr long kMost = 64;
    const long sockets = std::clamp(parse_number(count).value_or(0), 0L, kMost);
    for (int i = 0; i < sockets; ++i) {
      UniqueFd command = out_of_the_way(kFirstInherited + i);
      if (!command) return error_here("use", "descriptor " + std::to_string(kFirstInherited + i));
      ::close(kFirstInherited + i);
      ::fcntl(command.get(), F_SETFL, O_NONBLOCK);
      commands_.push_back(std::move(command));
    }
  }
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  auto places = prepare_places();
  if (!places) return places.error();
  places_.log = out_of_the_way(places->log.get());
  places_.socket = out_of_the_way(places->socket.get());
  // Groups are a comfort: without them everything is as it is.
  if (const auto group = find_control_group("me.slice")) {
    constexpr mode_t kMode = 0755;
    ::mkdir(group->c_str(), kMode);
    const UniqueFd processes(::open((*group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (processes) static_cast<void>(::write(processes.get(), "0", 1));
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
  std::vector<int> taken = session_signals();
  taken.push_back(SIGCHLD);
  if (Status opened = signals_.open_list(taken); !opened) return opened;
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("create", "pipe");
  const UniqueFd out(ends[0]), in(ends[1]);
  log_out_ = out_of_the_way(out.get());
  own_output_ = out_of_the_way(2);
  if (!places_.log || !places_.socket || !log_out_ || !own_output_) return error_here("use", "descriptors");
  if (::dup2(in.get(), 1) == -1 || ::dup2(in.get(), 2) == -1) return error_here("use", "pipe");
  if (!take_nothing(0)) return error_here("open", "/dev/null");
  return ok();
}

void UserManager::read_requests() {
  const auto unknown = [] { complain("per-user-manager", "WARNING", {"Unknown signal ignored."}); };
  while (const int signal = signals_.next())
    if (signal != SIGCHLD && !requests_.take_signal(signal)) unknown();
  for (UniqueFd& command : commands_) {
    std::array<char, 64> bytes;
    for (ssize_t size; (size = ::read(command.get(), bytes.data(), bytes.size())) != -1;) {
      if (size == 0) {
        command.reset();
        break;
      }
      for (const char byte : std::string_view(bytes.data(), static_cast<std::size_t>(size)))
        if (!requests_.take_byte(byte)) unknown();
    }
  }
}

void UserManager::reap(Instant now) {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    static_cast<void>(service_manager_.has_ended(pid, failed, now) || logger_.has_ended(pid, failed, now) ||
                      job_.has_ended(pid, false, now));
  }
}

void UserManager::start_what_is_wanted(Instant now) {
  constexpr unsigned kFirstJobSeconds = 420, kJobSeconds = 480;
  constexpr const char* kMove = "move-to-control-group";
  const bool ends = requests_.is_to_end() && !job_.runs();
  if (ends) service_manager_.terminate();
  if (!ends)
    service_manager_.start({kMove, "../service-manager.slice/me.slice", "service-manager"},
                           {.third = places_.socket.get()}, now);
  logger_.start({kMove, "../per-user-manager-log.slice", "cyclog", "--max-file-size", "262144",
                 "--max-total-size", "1048576", "."},
                {.input = log_out_.get(), .output = own_output_.get(), .directory = places_.log.get()}, now);
  if (job_.runs() || requests_.is_to_end()) return;
  if (const std::string_view target = requests_.next_target(); !target.empty()) {
    job_.start({kMove, "../system-control.slice", "system-control", "start", "--verbose", "--user",
                std::string(target)},
               {.seconds = kJobSeconds}, now);
  } else if (!first_job_.empty()) {
    job_.start(std::exchange(first_job_, {}), {.seconds = kFirstJobSeconds}, now);
  }
}

int UserManager::milliseconds_to_wait(Instant now) const {
  const Instant next = std::min(service_manager_.not_before(), logger_.not_before());
  if (next == Instant::never() || next <= now) return -1;
  return static_cast<int>((next - now).count() / 1000 + 1);
}

void UserManager::run() {
  for (;;) {
    const Instant now = clock_.now().steady;
    reap(now);
    if (requests_.is_to_end() && !job_.runs() && !service_manager_.runs()) break;
    start_what_is_wanted(now);
    std::vector<pollfd> ready{{signals_.fd(), POLLIN, 0}};
    for (const UniqueFd& command : commands_) ready.push_back({command ? command.get() : -1, POLLIN, 0});
    if (::poll(ready.data(), ready.size(), milliseconds_to_wait(now)) > 0) read_requests();
  }
  // With its last writer the logger ends, too.
  if (::dup2(own_output_.get(), 1) == -1 || ::dup2(own_output_.get(), 2) == -1) return;
  constexpr int kPatience = 10'000;
  while (logger_.runs()) {
    pollfd child{signals_.fd(), POLLIN, 0};
    // Something that got away from its service may still hold the pipe.
    if (::poll(&child, 1, kPatience) == 0) logger_.terminate();
    while (signals_.next() != 0) {
    }
    reap(Instant::never());
  }
}

}  // namespace

int per_user_manager_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  Words first = {
      "move-to-control-group", "../system-control.slice", "system-control", "init", "--user", "--"};
  first.insert(first.end(), argv + 1, argv + argc);
  UserManager manager(std::move(first));
  if (const Status opened = manager.open(); !opened)
    return fail(program, {opened.error().object, ": ", reason(opened.error())});
  manager.run();
  return 0;
}

}  // namespace kindred::nosh
