#include "core/sys/spawner.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/process_tree.h"

namespace kindred {
namespace {

constexpr std::size_t kStackSize = 64 * 1024;
constexpr std::size_t kLeaderStackSize = 16 * 1024;  // of that, at its lower end

using Extras = std::array<SpawnPlan::Extra, SpawnPlan::kMostExtra>;

}  // namespace

struct ChildContext {
  const SpawnPlan* plan;
  int input, output;
  Extras extra;  ///< from their slots
  int first_private;
  const sigset_t* mask;
  const rlimit* limit;
  int error;  ///< why it is none, for a child that must exec
  char* stack;
  bool shares_table;  ///< until it has been called for
  pid_t joined;       ///< the child of a leader; -1: its errno is `error`
  int gate = -1;      ///< of a child below a head: where it says its number, and waits until that is known
};

/// What is said at a gate.
struct SaidAtGate {
  pid_t pid;  ///< -1: none was made
  int error;
};

namespace {

// AddressSanitizer does not know the child's stack, and would say so on standard error at each end that does
// not return.
[[noreturn, gnu::no_sanitize_address]] void give_up(ChildContext& context, int error) {
  const SpawnPlan& plan = *context.plan;
  context.error = error;
  if (!plan.must_exec && plan.failure_prefix != nullptr) {
    const char* reason = plan.failure_text(error);
    const iovec parts[3] = {{const_cast<char*>(plan.failure_prefix), std::strlen(plan.failure_prefix)},
                            {const_cast<char*>(reason), std::strlen(reason)},
                            {const_cast<char*>("\n"), 1}};
    // The parent waits for us, and all its services with it.
    write_without_waiting(2, parts);
  }
  ::_exit(plan.failure_code);
}

/// Opens `from` anew, for one direction only, as descriptor `to`: a reader must not hold its own pipe open
/// for writing, or it would never see the end.
bool install(int from, int to, int access) {
  char self[40];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", from);
  const int fd = ::open(self, access);
  if (fd < 0) return ::dup2(from, to) >= 0;
  if (fd == to) return true;
  const bool installed = ::dup2(fd, to) >= 0;
  ::close(fd);
  return installed;
}

/// Slots may have the very numbers that are wanted, so all move out of the way first.
bool install_extra(const Extras& extra) {
  int above = 3;
  for (const SpawnPlan::Extra& each : extra) above = std::max(above, each.to + 1);
  int aside[SpawnPlan::kMostExtra];
  for (std::size_t i = 0; i < extra.size(); ++i) {
    if (extra[i].to < 0) continue;
    aside[i] = ::fcntl(extra[i].from, F_DUPFD_CLOEXEC, above);
    if (aside[i] < 0) return false;
  }
  for (std::size_t i = 0; i < extra.size(); ++i)
    if (extra[i].to >= 0 && ::dup2(aside[i], extra[i].to) < 0) return false;
  return true;
}

[[gnu::no_sanitize_address]] void write_digits(pid_t number, char* out) {
  char digits[16];
  std::size_t count = 0;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *out++ = digits[--count];
  *out = '\0';
}

/// Takes a private copy of them all.
bool copy_table() { return ::unshare(CLONE_FILES) == 0; }

/// Takes a private copy of the descriptors below `first_private`.
bool leave_table(int first_private) {
  return ::syscall(SYS_close_range, first_private, ~0U, CLOSE_RANGE_UNSHARE) == 0;
}

/// Waits until who makes us knows our number. One whom nobody waits for any more is none.
[[gnu::no_sanitize_address]] void pass_gate(ChildContext& context) {
  const SaidAtGate own{::getpid(), 0};
  char go = 0;
  if (::send(context.gate, &own, sizeof own, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof own) ||
      ::recv(context.gate, &go, 1, 0) != 1)
    ::_exit(context.plan->failure_code);
}

// Runs on the parent's memory while the parent waits: no allocation, no writes but to its own stack and to
// what is set aside for it.
[[gnu::no_sanitize_address]] int child(void* argument) {
  auto& context = *static_cast<ChildContext*>(argument);
  const SpawnPlan& plan = *context.plan;
  // First of all: if we were killed now, the child would be known.
  if (context.gate >= 0)
    pass_gate(context);
  else if (context.shares_table && plan.listener != nullptr)
    plan.listener->on_child(::getpid());
  if (::fchdir(plan.directory) != 0) give_up(context, errno);
  if (plan.subdirectory != nullptr && ::chdir(plan.subdirectory) != 0) give_up(context, errno);
  if (plan.session == Session::Led) ::setsid();
  // One that cannot join is started all the same, and is seen not to be there.
  if (plan.group >= 0) (void)::write(plan.group, "0", 1);
  if (context.shares_table && !leave_table(context.first_private) && !copy_table()) give_up(context, errno);
  if (context.input >= 0 && !install(context.input, 0, O_RDONLY)) give_up(context, errno);
  if (context.output >= 0 && !install(context.output, 1, O_WRONLY)) give_up(context, errno);
  if (plan.with_errors && ::dup2(1, 2) < 0) give_up(context, errno);
  if (!install_extra(context.extra)) give_up(context, errno);
  if (context.limit != nullptr) ::setrlimit(RLIMIT_NOFILE, context.limit);
  ::sigprocmask(SIG_SETMASK, context.mask, nullptr);
  if (plan.own_pid != nullptr) write_digits(::getpid(), plan.own_pid);
  ::execve(plan.file, const_cast<char* const*>(plan.argv),
           plan.environment != nullptr ? const_cast<char* const*>(plan.environment) : environ);
  give_up(context, errno);
}

[[gnu::no_sanitize_address]] int try_to_leave_table(void*) {
  ::_exit(leave_table(INT_MAX) || copy_table() ? 0 : 1);
}

/// Found out in a child: ours may be shared with who keeps us, and is to stay so.
bool may_leave_table(char* stack) {
  const pid_t pid = ::clone(try_to_leave_table, stack, CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr);
  int status = 0;
  while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

constexpr int kCloneFlags = CLONE_VM | CLONE_VFORK | SIGCHLD;

int flags_of(const ChildContext& context) {
  return context.shares_table ? kCloneFlags | CLONE_FILES : kCloneFlags;
}

// Leads a session for as long as it takes to make a member of it, which is its parent's child and not its
// own.
[[gnu::no_sanitize_address]] int leader(void* argument) {
  auto& context = *static_cast<ChildContext*>(argument);
  ::setsid();
  context.joined = ::clone(child, context.stack + kStackSize, flags_of(context) | CLONE_PARENT, &context);
  if (context.joined < 0) context.error = errno;
  ::_exit(0);
}

void await(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// The child; -1 and errno.
pid_t make(ChildContext& context) {
  const bool joins = context.plan->session == Session::Joined;
  const pid_t pid = ::clone(joins ? leader : child, context.stack + (joins ? kLeaderStackSize : kStackSize),
                            joins ? kCloneFlags | CLONE_FILES : flags_of(context), &context);
  if (!joins || pid < 0) return pid;
  await(pid);
  errno = context.error;
  return context.joined;
}

/// As many as the kernel lets any process have; 0 where it does not tell.
rlim_t most_descriptors() {
  const Result<std::string> number = read_file(AT_FDCWD, "/proc/sys/fs/nr_open", 20);
  return number ? std::strtoull(number->c_str(), nullptr, 10) : 0;
}

}  // namespace

Status SystemSpawner::open(const sigset_t& mask, int first_free) {
  mask_ = mask;
  if (!take_missing_standard_descriptors()) return error_here("open", "/dev/null");
  const int lowest = first_free >= 0 ? first_free : highest_open_descriptor() + 1;
  first_private_ = lowest;
  for (UniqueFd* slot : {&input_slot_, &output_slot_, &extra_slots_[0], &extra_slots_[1], &extra_slots_[2]}) {
    slot->reset(::fcntl(0, F_DUPFD_CLOEXEC, lowest));
    if (!*slot) return error_here("duplicate", "descriptor");
    first_private_ = std::max(first_private_, slot->get() + 1);
  }
  // Linux before 5.9 has no close_range, and a container's profile may refuse it with any error, and unshare
  // with it. The kernel then copies the table for each child; what is ours in it is closed by the exec.
  // Not touched before it is used: a child needs a page or two of it.
  stack_ = std::make_unique_for_overwrite<char[]>(kStackSize);
  shares_table_ = may_leave_table(stack_.get() + kStackSize);
  return ok();
}

void SystemSpawner::raise_descriptor_limit() {
  // A unit may be kept from all that has to do with limits.
  if (::getrlimit(RLIMIT_NOFILE, &inherited_limit_) != 0) return;
  limit_ = inherited_limit_.rlim_cur;
  // The hard limit can be raised with CAP_SYS_RESOURCE only; without it there is what it permits.
  for (const rlim_t wanted : {most_descriptors(), inherited_limit_.rlim_max}) {
    if (wanted <= limit_) continue;
    const rlimit raised{wanted, std::max(wanted, inherited_limit_.rlim_max)};
    if (::setrlimit(RLIMIT_NOFILE, &raised) != 0) continue;
    limit_raised_ = true;
    limit_ = wanted;
  }
}

pid_t SystemSpawner::make_below_head(ChildContext& context, Head& head) noexcept {
  const SpawnPlan& plan = *context.plan;
  int tells[2], gate[2];
  if (::pipe2(tells, O_CLOEXEC) != 0) return -1;
  UniqueFd told(tells[0]), telling(tells[1]);
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, gate) != 0) return -1;
  UniqueFd ours(gate[0]), its(gate[1]);
  ::fcntl(told.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(telling.get(), F_SETFL, O_NONBLOCK);
  context.gate = its.get();
  const pid_t leading = ::fork();
  if (leading < 0) return -1;
  if (leading == 0) {
    ours.reset();
    become_head();
    const pid_t made = make(context);
    // What the child could not do it has written down in our memory.
    const SaidAtGate done{made, made < 0 ? errno : context.error};
    (void)::send(its.get(), &done, sizeof done, MSG_NOSIGNAL);
    its.reset();
    be_head(telling.get());
  }
  its.reset();
  // First the child, which waits for our answer; then what came of it. Or, at once, that there is none.
  SaidAtGate said{-1, EAGAIN};
  const auto hear = [&] {
    if (::recv(ours.get(), &said, sizeof said, 0) != static_cast<ssize_t>(sizeof said)) said = {-1, EAGAIN};
  };
  hear();
  if (said.pid > 0) {
    if (plan.listener != nullptr) plan.listener->on_child(said.pid);
    (void)::send(ours.get(), "", 1, MSG_NOSIGNAL);
    hear();
  }
  if (said.pid <= 0) {
    // It has nobody to wait for.
    await(leading);
    errno = said.error;
    return -1;
  }
  context.error = said.error;
  head.pid = leading;
  head.told = std::move(told);
  return said.pid;
}

Result<pid_t> SystemSpawner::spawn(const SpawnPlan& plan) noexcept {
  ChildContext context{&plan,
                       -1,
                       -1,
                       {},
                       first_private_,
                       &mask_,
                       limit_raised_ ? &inherited_limit_ : nullptr,
                       0,
                       stack_.get(),
                       shares_table_,
                       -1};
  if (plan.input >= 0) {
    if (::dup3(plan.input, input_slot_.get(), O_CLOEXEC) < 0) return error_here("duplicate", "descriptor");
    context.input = input_slot_.get();
  }
  if (plan.output >= 0) {
    if (::dup3(plan.output, output_slot_.get(), O_CLOEXEC) < 0) return error_here("duplicate", "descriptor");
    context.output = output_slot_.get();
  }
  for (std::size_t i = 0; i < plan.extra.size(); ++i) {
    if (plan.extra[i].to < 0) continue;
    context.extra[i] = {extra_slots_[i].get(), plan.extra[i].to};
    if (::dup3(plan.extra[i].from, extra_slots_[i].get(), O_CLOEXEC) < 0)
      return error_here("duplicate", "descriptor");
  }
  sigset_t all, before;
  ::sigfillset(&all);
  // A handler must not run in the child on our memory.
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = plan.head != nullptr ? make_below_head(context, *plan.head) : make(context);
  const int error = errno;
  if (pid > 0 && plan.head == nullptr && !shares_table_ && plan.listener != nullptr)
    plan.listener->on_child(pid);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  // A slot that still named a pipe would keep it open after its owner has let go.
  if (context.input >= 0) ::dup3(0, input_slot_.get(), O_CLOEXEC);
  if (context.output >= 0) ::dup3(0, output_slot_.get(), O_CLOEXEC);
  for (const SpawnPlan::Extra& extra : context.extra)
    if (extra.to >= 0) ::dup3(0, extra.from, O_CLOEXEC);
  if (pid < 0) return error_here("fork", "", error);
  if (plan.must_exec && context.error != 0) {
    if (plan.head == nullptr) await(pid);
    return Error{context.error, "spawn", plan.file};
  }
  return pid;
}

}  // namespace kindred
