#include "core/chain/step.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "core/base/number.h"
#include "core/chain/ini_file.h"
#include "core/chain/text_file.h"
#include "core/cli/output.h"
#include "core/sys/files.h"
#include "core/sys/record_lock.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

bool set_blocking(int descriptor, bool blocking) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags == -1) return false;
  return ::fcntl(descriptor, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) != -1;
}

/// `from` becomes `to`.
bool move_descriptor(int to, int from) {
  if (to == from) return true;
  if (::dup2(from, to) == -1) return false;
  ::close(from);
  return true;
}

/// Where a standard stream is closed the file is not to take its place: the program would write into it. -1 with errno.
int beyond_standard_streams(int fd) {
  if (fd < 0 || fd > 2) return fd;
  const UniqueFd low(fd);
  return ::fcntl(low.get(), F_DUPFD, 3);
}

/// Descriptor of the file; -1 with errno.
int open_lock(const HoldRecordLock& step) {
  const int flags = (step.shared ? O_RDONLY : O_WRONLY) | O_NONBLOCK;
  if (step.mode_is_exact) {
    constexpr mode_t kNobodyElse = 0600;
    const int made = ::open(step.path.c_str(), flags | O_CREAT | O_EXCL, kNobodyElse);
    if (made != -1) static_cast<void>(::fchmod(made, step.mode));
    if (made != -1 || errno != EEXIST) return made;
  }
  const int opened = ::open(step.path.c_str(), flags | O_CREAT, step.mode);
  // A directory can be read, though not made.
  if (opened == -1 && errno == EISDIR && step.shared) return ::open(step.path.c_str(), flags);
  return opened;
}

Status write_to_process_file(const char* path, const std::string& text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file) return error_here("open", path);
  if (::write(file.get(), text.data(), text.size()) == -1) return error_here("write", path);
  return ok();
}

/// 32 hexadecimal digits.
std::optional<std::string> machine_id() {
  constexpr const char* kPath = "/etc/machine-id";
  constexpr std::size_t kDigits = 32;
  const UniqueFd file(::open(kPath, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return std::nullopt;
  auto id = read_beginning(file.get(), kPath, kDigits);
  if (!id || id->size() != kDigits || id->find_first_not_of("0123456789abcdef") != std::string::npos)
    return std::nullopt;
  return std::move(*id);
}

struct Applier {
  ProcessState& state;

  [[nodiscard]] Status told(Trouble trouble, Error error) const {
    if (trouble == Trouble::Fatal) return error;
    if (trouble == Trouble::Warning) warn(state, error);
    return ok();
  }

  template <class Step>
  Status operator()(const Step& step) const {
    return apply_step(step, state);
  }

  Status operator()(const SetVariable& step) const {
    state.change(step.change);
    return ok();
  }

  Status operator()(const ReadEnvDirectory& step) const {
    std::vector<std::string> passed_over;
    const auto changes = read_env_directory(step.path.c_str(), step.rules, &passed_over);
    if (!changes) return changes.error();
    for (const std::string& path : passed_over) warn(state, Error{0, "not a regular file", path});
    for (const VariableChange& variable : *changes) state.change(variable);
    return ok();
  }

  Status operator()(const ReadIniFile& step) const {
    const auto changes = read_ini_file(step.path.c_str(), step.prefix);
    if (!changes) return changes.error();
    for (const VariableChange& variable : *changes) state.change(variable);
    return ok();
  }

  Status operator()(const TellIdentity& step) const {
    const auto identity = resolve(step.name);
    if (!identity) {
      if (identity.error().code == 0) state.failure_code = step.unknown_code;
      return identity.error();
    }
    state.change({"GID", std::to_string(identity->groups.front())});
    state.change({"UID", std::to_string(identity->user)});
    return ok();
  }

  Status operator()(const Become& step) const {
    if (!step.all_groups && !step.enters_home) {
      const auto identity = resolve(step.name);
      if (!identity) return identity.error();
      return become(*identity, step.name.text);
    }
    const auto account = find_account(step.name.user);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", step.name.text};
    Identity identity{(*account)->user, {(*account)->group}};
    if (step.all_groups) {
      auto groups = groups_of(**account);
      if (!groups) return groups.error();
      identity.groups = std::move(*groups);
    }
    if (step.enters_home && ::chdir((*account)->home.c_str()) == -1)
      return error_here("change directory to", (*account)->home);
    if (step.tells_account) {
      state.change({"HOME", (*account)->home});
      state.change({"SHELL", (*account)->shell});
      state.change({"USER", (*account)->name});
      state.change({"UID", std::to_string(identity.user)});
      state.change({"GID", std::to_string(identity.groups.front())});
    }
    return become(identity, step.name.text);
  }

  Status operator()(const SetLimit& step) const { return apply(step.limit); }

  Status operator()(const CloseDescriptor& step) const {
    if (::close(step.descriptor) == 0 || step.may_be_closed) return ok();
    constexpr const char* kClose[] = {"close stdin", "close stdout", "close stderr"};
    if (step.descriptor < 3) return error_here(kClose[step.descriptor], "");
    return error_here("close descriptor", std::to_string(step.descriptor));
  }

  Status operator()(const EnterDirectory& step) const {
    if (::chdir(step.path.c_str()) == -1) return error_here(step.enters, step.path);
    return ok();
  }

  Status operator()(const ChangeRoot& step) const {
    if (step.enters && ::chdir(step.path.c_str()) == -1) return error_here("change directory", step.path);
    if (::chroot(step.enters ? "." : step.path.c_str()) == -1)
      return error_here("change root directory", step.path);
    return ok();
  }

  Status operator()(const NewSession&) const {
    static_cast<void>(::setsid());
    return ok();
  }

  Status operator()(const HoldLock& step) const {
    state.quiet = step.quiet;
    // The program inherits it, and with it the lock.
    const int lock =
        beyond_standard_streams(::open(step.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0600));
    if (lock == -1) return error_here(step.opens, step.path);
    if (::flock(lock, step.waits ? LOCK_EX : LOCK_EX | LOCK_NB) == -1) return error_here("lock", step.path);
    state.quiet = step.quiet_program;
    return ok();
  }

  Status operator()(const AddNiceness& step) const {
    errno = 0;
    if (::nice(step.increment) == -1 && errno != 0)
      return error_here("set nice level", std::to_string(step.increment));
    return ok();
  }

  Status operator()(const LeadGroup& step) const {
    const auto failed = [&](const char* operation) { return told(step.failure, error_here(operation, "")); };
    if (step.session) return ::setsid() == -1 ? failed("setsid") : ok();
    if (step.contented && ::getpgrp() == ::getpid()) return ok();
    if (::setpgid(0, 0) == -1)
      if (Status done = failed("setpgid"); !done) return done;
    if (!step.foreground) return ok();
    const auto before = step.guarded ? ::signal(SIGTTOU, SIG_IGN) : SIG_DFL;
    const int set = ::tcsetpgrp(step.terminal, ::getpid());
    const int error = errno;
    if (step.guarded) ::signal(SIGTTOU, before);
    errno = error;
    return set == -1 ? failed("tcsetpgrp") : ok();
  }

  Status operator()(const HoldRecordLock& step) const {
    state.quiet = step.quiet;
    int lock = step.descriptor ? open_lock(step) : beyond_standard_streams(open_lock(step));
    if (lock == -1) {
      const int error = errno;
      return error_here("open", step.path + (step.shared ? " for reading" : " for writing"), error);
    }
    if (step.descriptor) {
      // Before it is locked: with a descriptor of the file that is closed the lock would go.
      if (!move_descriptor(*step.descriptor, lock)) return error_here("move", step.path);
      lock = *step.descriptor;
    }
    struct flock whole {};
    whole.l_type = step.shared ? F_RDLCK : F_WRLCK;
    // The lock is this process's own and stays with it over exec: nobody else can wait for it.
    const bool waits = !step.milliseconds || *step.milliseconds > 0;
    const bool timed = waits && step.milliseconds;
    itimerval timer{};
    struct sigaction before {};
    if (timed) {
      struct sigaction action {};
      action.sa_handler = [](int) {};
      ::sigaction(SIGALRM, &action, &before);
      constexpr unsigned kThousand = 1000;
      timer.it_value = {static_cast<time_t>(*step.milliseconds / kThousand),
                        static_cast<suseconds_t>(*step.milliseconds % kThousand * kThousand)};
      // It goes off again and again: the first time may be before the wait begins.
      constexpr suseconds_t kAgain = 10000;
      timer.it_interval = {0, kAgain};
      ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
    const int held = ::fcntl(lock, waits ? F_SETLKW : F_SETLK, &whole);
    const int error = errno;
    if (timed) {
      timer = {};
      ::setitimer(ITIMER_REAL, &timer, nullptr);
      ::sigaction(SIGALRM, &before, nullptr);
    }
    if (held == -1) {
      state.failure_code = step.failure_code;
      return error_here("lock", step.path, error == EINTR ? ETIMEDOUT : error);
    }
    state.quiet = false;
    if (!step.tells_pid) return ok();
    if (::ftruncate(lock, 0) == -1) return error_here("write", step.path);
    const Status written = write_text(lock, std::to_string(::getpid()) + "\n");
    return written ? ok() : error_here("write", step.path, written.error().code);
  }

  Status operator()(const TellRecordLock& step) const {
    const auto tell = [&](std::initializer_list<std::string_view> parts) {
      std::string line(state.speaker);
      line += ": ";
      for (const std::string_view part : parts) line += part;
      if (!step.quiet) print_error({line});
      return ok();
    };
    state.ended = 0;
    const UniqueFd file(::open(step.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno != ENOENT) return error_here("open", step.path);
    const Result<pid_t> owner = file ? record_lock_owner(file.get(), step.path) : Result<pid_t>(0);
    if (!owner) return owner.error();
    if (*owner == 0) return tell({"no lock held on ", step.path});
    state.ended = 1;
    return tell({"lock held on ", step.path, " by pid ", std::to_string(*owner)});
  }

  Status operator()(const TellAccount& step) const {
    std::string user, group, list;
    const auto unknown = [&](const char* what, const std::string& name) -> Status {
      if (step.fallback) {
        if (step.tells_user) state.change({"UID", std::to_string(step.fallback->user)});
        if (step.tells_group) state.change({"GID", std::to_string(step.fallback->group)});
        if (step.tells_list) state.change({"GIDLIST", step.fallback->list});
        return ok();
      }
      state.failure_code = 1;
      return Error{0, what, name};
    };
    const auto is_number = [&](const std::string& name) {
      return step.numbers && !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    };
    std::optional<Account> account;
    if (step.tells_user) {
      const auto found = find_account(step.user);
      if (!found) return found.error();
      account = *found;
      if (account)
        user = std::to_string(account->user);
      else if (is_number(step.user))
        user = step.user;
      else
        return unknown("unknown user:", step.user);
    }
    if (step.tells_group && step.group) {
      const auto found = find_group(*step.group);
      if (!found) return found.error();
      if (*found)
        group = std::to_string(**found);
      else if (is_number(*step.group))
        group = *step.group;
      else
        return unknown("unknown group:", *step.group);
    } else if (account) {
      group = std::to_string(account->group);
    }
    if (step.tells_list && account) {
      Account member = *account;
      if (const auto number = parse_unsigned<gid_t>(group)) member.group = *number;
      const auto groups = groups_of(member);
      if (!groups) return groups.error();
      for (std::size_t i = step.list_has_group ? 0 : 1; i < groups->size(); ++i)
        list += (list.empty() ? "" : ",") + std::to_string((*groups)[i]);
    }
    if (step.tells_user) state.change({"UID", user});
    if (step.tells_group) state.change({"GID", group});
    if (step.tells_list) state.change({"GIDLIST", list});
    return ok();
  }

  Status operator()(const BecomeNumbers& step) const {
    const bool sets_group = step.group && (step.exact || *step.group != 0);
    const bool sets_user = step.user && (step.exact || *step.user != 0);
    if (step.groups || sets_group) {
      std::vector<gid_t> groups;
      if (!step.exact || !step.groups) groups.push_back(step.group ? *step.group : ::getgid());
      if (step.groups)
        std::ranges::copy_if(*step.groups, std::back_inserter(groups),
                             [&](gid_t group) { return step.exact || group != groups.front(); });
      // Who may change no groups loses none that it was not asked to lose, and stays who it is.
      const bool is_asked = step.groups || (sets_user && *step.user != ::getuid());
      const bool set = ::setgroups(groups.size(), groups.data()) == 0;
      if (!set && (is_asked || errno != EPERM)) return Error{errno, "set supplementary group list", ""};
      if (set && !has_groups(groups)) return Error{EPERM, "set supplementary group list", ""};
    }
    if (sets_group && ::setresgid(*step.group, *step.group, *step.group) == -1)
      return Error{errno, "setgid", ""};
    if (sets_user && ::setresuid(*step.user, *step.user, *step.user) == -1) return Error{errno, "setuid", ""};
    // A system that says yes and does nothing must not run the program with rights that it was to lose.
    if ((sets_user && (::getuid() != *step.user || ::geteuid() != *step.user)) ||
        (sets_group && (::getgid() != *step.group || ::getegid() != *step.group)))
      return Error{EPERM, "drop privileges", ""};
    return ok();
  }

  Status operator()(const BecomeNamedAccount& step) const {
    const auto account = find_account(step.name);
    if (!account) return account.error();
    if (!*account) {
      state.failure_code = 1;
      return Error{0, "unknown user:", step.name};
    }
    const auto groups = groups_of(**account);
    if (!groups) return groups.error();
    return (*this)(BecomeNumbers{(*account)->user, (*account)->group,
                                 std::vector<gid_t>(groups->begin() + 1, groups->end())});
  }

  Status operator()(const NameProgram& step) const {
    state.program_name = step.name;
    return ok();
  }

  Status operator()(const SearchIn& step) const {
    state.search_path = step.path;
    return ok();
  }

  Status operator()(const SetEnvironment& step) const {
    state.environment.set_entries(step.entries);
    state.environment_changed = true;
    return ok();
  }

  Status operator()(const ReadVariables& step) const {
    struct stat kind {};
    if (step.path && ::stat(step.path->c_str(), &kind) == -1) return error_here("read", *step.path);
    if (S_ISDIR(kind.st_mode))
      return (*this)(ReadEnvDirectory{*step.path, {.skips_equals = true, .value = {.escaped = true}}});
    if (step.path && !S_ISREG(kind.st_mode)) {
      state.failure_code = step.other_kind_code;
      return Error{0, "neither a file nor a directory:", *step.path};
    }
    const auto text = read_text(step.path);
    if (!text) return text.error();
    for (const VariableChange& variable : parse_variables(*text)) state.change(variable);
    return ok();
  }

  Status operator()(const ReadWords& step) const {
    const auto text = read_text(step.path);
    if (!text) return text.error();
    const auto lines = text_lines(*text);
    if (lines.empty() && step.place == ReadWords::Place::Program) {
      state.failure_code = step.no_program_code;
      return Error{0, "there is no program in", step.path.value_or("standard input")};
    }
    auto& words = step.place == ReadWords::Place::Program ? state.leading_words
                  : step.place == ReadWords::Place::First ? state.first_words
                                                          : state.last_words;
    words.assign(lines.begin(), lines.end());
    return ok();
  }

  Status operator()(const RequireRoot& step) const {
    if (::getuid() == 0) return ok();
    state.failure_code = step.code;
    return Error{0, "only root may change", "user or root directory"};
  }

  Status operator()(const FindIdentity& step) const {
    const auto unknown = [&](const char* what, const std::string& name) {
      state.failure_code = step.unknown_code;
      return Error{0, what, name};
    };
    const auto account = find_account(step.user);
    if (!account) return account.error();
    if (!*account) return unknown("unknown account", step.user);
    Identity identity{(*account)->user, {(*account)->group}};
    const auto add = [&](gid_t group) {
      if (std::ranges::find(identity.groups, group) == identity.groups.end())
        identity.groups.push_back(group);
    };
    if (step.group) {
      const auto group = find_group(*step.group);
      if (!group) return group.error();
      if (!*group) return unknown("unknown group", *step.group);
      identity.groups.front() = **group;
    }
    if (step.all_groups) {
      const auto groups = groups_of(**account);
      if (!groups) return groups.error();
      // The first is the account's own.
      for (std::size_t i = 1; i < groups->size(); ++i) add((*groups)[i]);
    }
    for (const std::string& name : step.more_groups) {
      const auto group = find_group(name);
      if (!group) return group.error();
      if (!*group) return unknown("unknown group", name);
      add(**group);
    }
    state.identity = std::move(identity);
    return ok();
  }

  Status operator()(const BecomeFound& step) const { return become(*state.identity, step.user); }

  Status operator()(const SetLimits& step) const {
    std::vector<SoftLimit> limits = step.first;
    if (step.file) {
      const auto text = read_text(step.file->path);
      if (!text) return text.error();
      const auto read = step.file->parse(*text);
      if (!read) {
        if (read.error().code == EINVAL) state.failure_code = step.file->bad_value_code;
        return read.error();
      }
      limits.insert(limits.end(), read->begin(), read->end());
    }
    limits.insert(limits.end(), step.last.begin(), step.last.end());
    for (const SoftLimit& limit : limits) {
      if (step.tells_cut && is_cut(limit))
        print_warning(state.speaker, {"limit ",
                                      {&limit.letter, 1},
                                      ": ",
                                      std::to_string(limit.value),
                                      " is more than the hard limit"});
      if (Status done = apply(limit); !done) return done;
    }
    return ok();
  }

  Status operator()(const OpenDescriptor& step) const {
    int opened = ::open(step.path.c_str(), step.flags, step.mode);
    if (opened == -1 && errno == ENXIO && step.needs_no_reader) {
      const UniqueFd reader(::open(step.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      opened = ::open(step.path.c_str(), step.flags, step.mode);
    }
    if (opened == -1) return error_here("open", step.path);
    const int wanted = step.descriptor.value_or(opened);
    if (!move_descriptor(wanted, opened)) {
      const int error = errno;
      ::close(opened);
      return error_here("use as descriptor", std::to_string(wanted), error);
    }
    if (step.changes_blocking && !set_blocking(wanted, (step.flags & O_NONBLOCK) != 0))
      return error_here("change the blocking mode of", step.path);
    if (!step.variable.empty()) state.change({step.variable, std::to_string(wanted)});
    return ok();
  }

  Status operator()(const MoveDescriptor& step) const {
    if (step.from == step.to && step.refuses_itself)
      return step.keeps_from ? error_here("copy descriptor", std::to_string(step.from), EINVAL) : ok();
    if (::dup2(step.from, step.to) == -1) return error_here("copy descriptor", std::to_string(step.from));
    if (!step.keeps_from && step.from != step.to) ::close(step.from);
    return ok();
  }

  Status operator()(const SwapDescriptors& step) const {
    if (step.one == step.other) return ok();
    // Above both: it is not to take the place of one that is closed.
    const UniqueFd kept(::fcntl(step.one, F_DUPFD_CLOEXEC, std::max(step.one, step.other) + 1));
    if (!kept || ::fcntl(step.other, F_GETFD) == -1 || ::dup2(step.other, step.one) == -1 ||
        ::dup2(kept.get(), step.other) == -1)
      return error_here("swap descriptors", std::to_string(step.one) + " and " + std::to_string(step.other));
    return ok();
  }

  Status operator()(const SetBlocking& step) const {
    if (!set_blocking(step.descriptor, step.blocking))
      return error_here("change the blocking mode of", "descriptor " + std::to_string(step.descriptor));
    return ok();
  }

  Status operator()(const TellFreeDescriptors& step) const {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == -1) return error_here("get the limit on", "descriptors");
    if (step.count > limit.rlim_cur) {
      state.failure_code = step.too_many_code;
      return Error{0, "too many descriptors requested:", std::to_string(step.count)};
    }
    std::vector<UniqueFd> reserved;
    for (std::uint32_t i = 0; i < step.count; ++i) {
      const int descriptor = ::open("/", O_PATH | O_CLOEXEC);
      if (descriptor == -1) return error_here("reserve", "descriptors");
      reserved.emplace_back(descriptor);
      state.change({"FD" + std::to_string(i), std::to_string(descriptor)});
    }
    return ok();
  }

  Status operator()(const OpenPipe& step) const {
    int ends[2];
    if (::pipe(ends) == -1) return error_here("create", "pipe");
    // The write end may have the number that the read end is to get.
    if (ends[1] == step.read_end) {
      const int elsewhere = ::dup(ends[1]);
      if (elsewhere == -1) return error_here("move", "pipe");
      ::close(ends[1]);
      ends[1] = elsewhere;
    }
    if (!move_descriptor(step.read_end, ends[0]) || !move_descriptor(step.write_end, ends[1]))
      return error_here("move", "pipe");
    return ok();
  }

  Status operator()(const TellProcess& step) const {
    if (step.what == TellProcess::What::Directory) {
      const std::unique_ptr<char, decltype(&::free)> path(::getcwd(nullptr, 0), ::free);
      if (!path) return Error{errno, "get the working directory", ""};
      state.change({step.variable, path.get()});
    } else {
      const pid_t pid = step.what == TellProcess::What::Pid ? ::getpid() : ::getppid();
      state.change({step.variable, std::to_string(pid)});
    }
    return ok();
  }

  Status operator()(const SetFileMask& step) const {
    ::umask(step.mask);
    return ok();
  }

  Status operator()(const Detach&) const {
    const pid_t child = ::fork();
    if (child == -1) return error_here("fork", "");
    if (child > 0) state.ended = 0;
    // It leads nothing yet: this cannot fail.
    if (child == 0) ::setsid();
    return ok();
  }

  Status operator()(const Pause& step) const {
    // It is blocked but while we wait: the signal that ends the wait cannot come just before it.
    sigset_t alarm, before;
    ::sigemptyset(&alarm);
    ::sigaddset(&alarm, SIGALRM);
    ::sigprocmask(SIG_BLOCK, &alarm, &before);
    struct sigaction caught {
    }, previous{};
    caught.sa_handler = [](int) {};
    ::sigaction(SIGALRM, &caught, &previous);
    sigset_t waiting = before;
    ::sigdelset(&waiting, SIGALRM);
    const timespec time{static_cast<time_t>(step.seconds), 0};
    static_cast<void>(::ppoll(nullptr, 0, step.seconds == 0 ? nullptr : &time, &waiting));
    ::sigaction(SIGALRM, &previous, nullptr);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return ok();
  }

  Status operator()(const WriteProcessFile& step) const {
    const std::string path =
        step.base + "/" +
        std::to_string(step.process == 0 ? static_cast<std::uint32_t>(::getpid()) : step.process) + "/" +
        step.name;
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file) return told(step.failure, error_here("open", path));
    const Status written = write_text(file.get(), step.line + "\n");
    return written ? ok() : told(step.failure, error_here("write", path, written.error().code));
  }

  Status operator()(const WriteText& step) const { return write_text(step.descriptor, step.text); }

  Status operator()(const AdoptOrphans& step) const {
    if (::prctl(PR_SET_CHILD_SUBREAPER, step.adopts ? 1UL : 0UL, 0UL, 0UL, 0UL) == -1)
      return error_here("adopt orphans", "");
    return ok();
  }

  Status operator()(const SetOomScore& step) const {
    // Who has changed its user may write its own files only while it may be dumped.
    const int dumpable = ::prctl(PR_GET_DUMPABLE);
    if (dumpable != 1) ::prctl(PR_SET_DUMPABLE, 1UL);
    Status done = write_to_process_file("/proc/self/oom_score_adj", std::to_string(step.score));
    // What only root may dump cannot be asked for: nobody may, then.
    if (dumpable != 1) ::prctl(PR_SET_DUMPABLE, 0UL);
    if (!done && step.may_be_refused && (done.error().code == EACCES || done.error().code == EPERM))
      return ok();
    return done;
  }

  Status operator()(const SetLoginUser& step) const {
    const auto account = find_account(step.account);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", step.account};
    return write_to_process_file("/proc/self/loginuid", std::to_string((*account)->user));
  }

  Status operator()(const TellMachine&) const {
    utsname names{};
    if (::uname(&names) == -1) return error_here("ask for", "the machine's name");
    // The kernel's word for none.
    const std::string domain = names.domainname;
    state.change({"MACHINEID", machine_id()});
    state.change({"HOSTNAME", names.nodename});
    state.change({"DOMAINNAME", domain == "(none)" ? std::nullopt : std::optional(domain)});
    return ok();
  }

  Status operator()(const TellOwnIdentity&) const {
    const int count = ::getgroups(0, nullptr);
    if (count == -1) return error_here("get groups", "");
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (::getgroups(count, groups.data()) == -1) return error_here("get groups", "");
    std::string list;
    for (const gid_t group : groups) list += (list.empty() ? "" : ",") + std::to_string(group);
    state.change({"UID", std::to_string(::geteuid())});
    state.change({"GID", std::to_string(::getegid())});
    state.change({"GIDLIST", list});
    return ok();
  }

  Status operator()(const TellUserEnvironment& step) const {
    const auto text = state.environment.value("UID");
    if (!text) return Error{0, "Missing environment variable", "UID"};
    const auto user = parse_unsigned<uid_t>(*text);
    if (!user) return Error{0, "Not a number", std::string(*text)};
    const auto account = find_account(*user);
    if (!account) return account.error();
    const auto set = [&](const char* name, std::optional<std::string> value) {
      state.change({name, *account ? std::move(value) : std::nullopt});
    };
    const auto always = [&](const char* name, const char* value) { state.change({name, value}); };
    const Account none;
    const Account& its = *account ? **account : none;
    const std::string runtime = "/run/user/" + its.name + "/";
    if (step.tools) {
      set("EDITOR", "ex");
      if (*account) set("VISUAL", "vi");
      set("PAGER", "more");
    }
    if (step.xdg) {
      set("XDG_RUNTIME_DIR", runtime);
      set("XDG_DATA_DIRS", "/usr/local/share:/usr/share:/share");
      for (const char* const name : {"XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
        set(name, std::nullopt);
    }
    if (step.bus) set("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + runtime + "bus");
    if (step.path) {
      always("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
      set("MANPATH", std::nullopt);
    }
    if (step.user) {
      set("HOME", its.home);
      set("USER", its.name);
      set("LOGNAME", its.name);
    }
    if (step.shell) always("SHELL", its.shell.empty() ? "/bin/sh" : its.shell.c_str());
    if (step.terminal) set("TERM", std::nullopt);
    if (step.time_zone) always("TZ", "UTC");
    if (step.locale) {
      always("LANG", "POSIX");
      always("MM_CHARSET", "UTF-8");
    }
    return ok();
  }
};

}  // namespace

void warn(const ProcessState& state, const Error& error) {
  if (state.tell != nullptr)
    state.tell(state.speaker, Severity::Warning, error);
  else if (error.code == 0)
    print_warning(state.speaker, {error.object, error.object.empty() ? "" : ": ", error.operation});
  else
    print_warning(state.speaker, {"unable to ", error.operation, error.object.empty() ? "" : " ",
                                  error.object, ": ", state.reason(error.code)});
}

ChainStep::ChainStep(const ChainStep& other) = default;
ChainStep::ChainStep(ChainStep&& other) noexcept = default;
ChainStep& ChainStep::operator=(const ChainStep& other) { return *this = ChainStep(other); }
ChainStep& ChainStep::operator=(ChainStep&& other) noexcept {
  // A variant's own has code for each pair of kinds. Nothing is lost here: what is made again cannot fail.
  if (this != &other) {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
  }
  return *this;
}
ChainStep::~ChainStep() = default;

Status apply(const ChainStep& step, ProcessState& state) { return std::visit(Applier{state}, step); }

}  // namespace kindred
