#include "core/keeper/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/base/error_text.h"
#include "core/keeper/handover.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/line.h"
#include "core/sys/memory.h"
#include "core/sys/process.h"
#include "core/sys/process_title.h"
#include "core/sys/waiting.h"

namespace kindred {
namespace {

// Cores that are replaced at once, of those that were killed within a while.
constexpr Duration kBurstTime = std::chrono::seconds(10);
constexpr Duration kPause = std::chrono::seconds(1);
constexpr int kLooksAtEnd = 2000;  // milliseconds that a core has to end in
constexpr int kLook = 20;          // milliseconds between two looks at a core that begins

std::optional<Kept>& this_process() noexcept {
  static std::optional<Kept> kept;
  return kept;
}

/// As fork(2), but with one descriptor table for both. There is one thread, and nothing that fork's handlers would have
/// to put right.
pid_t fork_sharing_descriptors() noexcept {
  return static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

/// But for the standard ones.
std::vector<int> open_descriptors() {
  std::vector<int> open;
  const int highest = highest_open_descriptor();
  for (int fd = 3; fd <= highest; ++fd)
    if (::fcntl(fd, F_GETFD) >= 0) open.push_back(fd);
  return open;
}

}  // namespace

const Kept* kept() noexcept {
  const std::optional<Kept>& here = this_process();
  return here ? &*here : nullptr;
}

pid_t known_pid() noexcept { return kept() != nullptr ? kept()->keeper : ::getpid(); }

void forget_keeper() noexcept { this_process().reset(); }

bool wants_no_keeper() noexcept {
  const char* const said = std::getenv("KINDRED_KEEPER");
  return said != nullptr && std::strcmp(said, "none") == 0;
}

Keeper::~Keeper() {
  // A core that goes on has them open, too, under these very numbers.
  if (core_ == 0) close_link();
}

void Keeper::open() noexcept {
  ::sigemptyset(&unheard_);
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  since_ = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
  if (const Handover* const told = handed_over()) {
    first_free_ = told->first_free;
    inherited_ = told->inherited;
    handed_ = told->handed;
    Signals::take_for_inherited(told->mask);
  } else {
    first_free_ = highest_open_descriptor() + 1;
    for (const int fd : open_descriptors())
      if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) inherited_.push_back(fd);
  }
  // Who cannot be told of orphans is no worse than the originals.
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void Keeper::close_link() noexcept {
  for (int* const end : {&link_, &core_link_})
    if (*end >= 0) ::close(std::exchange(*end, -1));
}

Result<pid_t> Keeper::make_core(const sigset_t& mask, std::span<const int> others) {
  close_link();
  told_ = 0;
  if (!own_) {
    own_ = open_descriptors();
    std::erase_if(*own_, [&](int fd) {
      return std::find(others.begin(), others.end(), fd) != others.end() ||
             std::find(handed_.begin(), handed_.end(), fd) != handed_.end();
    });
  }
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return error_here("create", "socket pair");
  link_ = ends[0];
  core_link_ = ends[1];
  Kept side;
  side.keeper = ::getpid();
  side.link = core_link_;
  side.first_free = first_free_;
  side.shares_descriptors = true;
  side.begins = !std::exchange(has_made_, true) && handed_over() == nullptr;
  side.since = since_;
  side.others = *own_;
  side.others.insert(side.others.end(), others.begin(), others.end());
  side.others.insert(side.others.end(), {link_, core_link_});
  pid_t pid = fork_sharing_descriptors();
  if (pid < 0 && errno != EAGAIN && errno != ENOMEM) {
    side.shares_descriptors = false;
    pid = ::fork();
  }
  if (pid < 0) {
    const Error error = error_here("start", "a core");
    close_link();
    return error;
  }
  if (pid == 0) {
    this_process() = std::move(side);
    Signals::take_for_inherited(mask);
    // They are blocked, and wait for it to take them: who is told to end before it begins does not begin.
    for (int signal = 1; signal < NSIG; ++signal)
      if (::sigismember(&unheard_, signal) == 1) ::kill(::getpid(), signal);
    return 0;
  }
  core_ = pid;
  if (!side.shares_descriptors) {
    ::close(std::exchange(core_link_, -1));
    return pid;
  }
  // What it closes now must not be what we open meanwhile.
  for (;;) {
    pollfd said{link_, POLLIN, 0};
    Ended begun;
    if (wait_for_any(std::span(&said, 1), kLook) > 0 &&
        ::recv(link_, &begun, sizeof begun, MSG_DONTWAIT) >= 0)
      break;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
      break;
  }
  return pid;
}

Error Keeper::upgrade(const sigset_t& mask) {
  // Who is whose child the program that comes would not know from what this one has left.
  if (!sees_processes()) return Error{ENOENT, "look at", "/proc"};
  if (core_ != 0) {
    constexpr Ended kEnd{};
    (void)::send(link_, &kEnd, sizeof kEnd, MSG_DONTWAIT | MSG_NOSIGNAL);
    siginfo_t info{};
    for (int look = 0; look < kLooksAtEnd && info.si_pid == 0; ++look) {
      if (look > 0) (void)wait_for_any({}, 1);
      if (::waitid(P_PID, static_cast<id_t>(core_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) break;
    }
    // What it has to leave it has left at any moment.
    if (info.si_pid == 0) ::kill(core_, SIGKILL);
    int status = 0;
    while (::waitpid(core_, &status, 0) < 0 && errno == EINTR) {
    }
    core_ = told_ = 0;
    close_link();
  }
  return execute_anew({first_free_, mask, inherited_, {}});
}

void Keeper::reap_core() noexcept {
  int status = 0;
  if (core_ == 0 || ::waitpid(core_, &status, WNOHANG) != core_) return;
  core_ = 0;
  told_ = 0;
  end_ = status;
  close_link();
}

void Keeper::look() noexcept {
  Ended heard;
  while (link_ >= 0 &&
         ::recv(link_, &heard, sizeof heard, MSG_DONTWAIT) == static_cast<ssize_t>(sizeof heard)) {
    if (heard.pid == 0) ::sigdelset(&unheard_, heard.status);
    if (heard.pid == 0 || heard.pid != told_) continue;
    ::waitpid(told_, nullptr, WNOHANG);
    told_ = 0;
  }
  reap_core();
  tell();
}

void Keeper::tell() noexcept {
  // It stays where it is until the core that has heard of it has written that down: one that is killed meanwhile leaves
  // it to the next.
  while (told_ == 0 && core_ != 0) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (info.si_pid == core_) {
      reap_core();
      continue;
    }
    const Ended ended{info.si_pid, wait_status_of(info)};
    if (::send(link_, &ended, sizeof ended, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
    told_ = info.si_pid;
  }
}

void Keeper::pass_on(int signal) noexcept {
  ::sigaddset(&unheard_, signal);
  if (core_ != 0) ::kill(core_, signal);
}

Instant Keeper::replace_at(Instant now) noexcept {
  const Instant oldest = replaced_[next_];
  const bool many = oldest.micros != 0 && now - oldest < kBurstTime;
  const Instant at = many ? now + kPause : now;
  replaced_[next_] = at;
  next_ = (next_ + 1) % kBurst;
  return at;
}

namespace {

int exit_code_of(int status) noexcept {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int milliseconds_until(Instant due, Instant now) noexcept {
  return static_cast<int>(
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(due - now).count()));
}

}  // namespace

void say_not_upgraded(const Error& error) {
  Line line(kCoreName);
  line.add(": warning: not upgraded: unable to ").add(error.operation).add(" ").add(error.object).add(": ");
  say(line.add(error_text(error.code)));
}

int keep(const KeepOptions& options, const std::function<int()>& core) {
  if (wants_no_keeper() || !take_missing_standard_descriptors() || !may_wait()) return core();
  Keeper keeper;
  keeper.open();
  std::vector<int> taken{SIGCHLD, upgrade_signal()};
  taken.insert(taken.end(), options.signals.begin(), options.signals.end());
  Signals signals;
  constexpr int kChild = SIGCHLD;
  // Ignored ones stay so: the core sees to what services inherit.
  if (const Status opened = signals.open_keeping_ignored(taken, {}, std::span(&kChild, 1)); !opened)
    return core();
  const SystemClock clock;
  Instant due = clock.now().steady;
  bool upgrades = false;
  const auto take_signals = [&] {
    while (const int signal = signals.next()) {
      if (signal == SIGCHLD) continue;
      if (signal == upgrade_signal())
        upgrades = true;
      else
        keeper.pass_on(signal);
    }
  };
  for (bool first = true;;) {
    if (keeper.core() == 0 && due <= clock.now().steady) {
      take_signals();
      const Result<pid_t> made = keeper.make_core(signals.original_mask(), {});
      if (made && *made == 0) {
        // Who kills the keeper means both: what they kept is found again by the next.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        show_in_process_list(kCoreName, options.title);
        ::_exit(core());
      }
      if (!made && first) return core();
      first = false;
      if (!made) due = clock.now().steady + kPause;
      if (made) release_start_up_pages();
    }
    keeper.look();
    if (const std::optional<int> end = keeper.take_end()) {
      if (WIFEXITED(*end)) return exit_code_of(*end);
      due = keeper.replace_at(clock.now().steady);
      continue;
    }
    if (std::exchange(upgrades, false)) {
      say_not_upgraded(keeper.upgrade(signals.original_mask()));
      due = clock.now().steady;
      continue;
    }
    pollfd watched[2] = {{signals.fd(), POLLIN, 0}, {keeper.fd(), POLLIN, 0}};
    const int time = keeper.core() != 0 ? -1 : milliseconds_until(due, clock.now().steady);
    if (wait_for_any(watched, time) <= 0) continue;
    take_signals();
  }
}

}  // namespace kindred
