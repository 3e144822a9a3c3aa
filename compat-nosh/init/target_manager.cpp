#include "compat-nosh/init/target_manager.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "compat-nosh/client/options.h"
#include "core/base/error_text.h"
#include "core/chain/control_group.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/execute.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr int kFirstInherited = 3;
constexpr Duration kBetweenFailures{500'000};
// For a job, and for who still holds the log's pipe, once everything is to end.
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr unsigned kFirstJobSeconds = 420;
constexpr const char* kMove = "move-to-control-group";

/// The directory of the family's programs beside this executable; empty where there is none.
std::string own_programs() {
  std::array<char, PATH_MAX> path;
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || size == static_cast<ssize_t>(path.size())) return {};
  const std::string_view executable(path.data(), static_cast<std::size_t>(size));
  return std::string(executable.substr(0, executable.rfind('/'))) + "/nosh/bin";
}

}  // namespace

UniqueFd out_of_the_way(int descriptor) {
  return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstInherited + 1));
}

std::string path_of_program(std::string_view name) {
  // At first there may be no /proc yet.
  static std::string own;
  if (own.empty()) own = own_programs();
  static const std::string given = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/bin:/bin";
  const std::string path = own.empty() ? given : own + ":" + given;
  ProgramCandidates candidates(name, path, {});
  while (const char* const candidate = candidates.next())
    if (::access(candidate, X_OK) == 0) return candidate;
  return std::string(name);
}

bool join_control_group_below(const char* group) {
  const auto directory = find_control_group(group);
  if (!directory) return false;
  constexpr mode_t kMode = 0755;
  ::mkdir(directory->c_str(), kMode);
  const UniqueFd processes(::open((*directory + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  return processes && ::write(processes.get(), "0", 1) == 1;
}

bool KeptProgram::has_ended(pid_t pid, bool failed, Instant now) {
  if (pid != pid_ || !runs()) return false;
  pid_ = 0;
  if (failed) not_before_ = now + kBetweenFailures;
  return true;
}

void KeptProgram::begun(pid_t pid, Instant now) {
  pid_ = pid;
  if (pid == -1) not_before_ = now + kBetweenFailures;
}

void KeptProgram::signal(int number) const {
  if (runs()) ::kill(pid_, number);
}

/// What a child has that the manager has not.
struct TargetManager::ChildFiles {
  int input = -1;   ///< becomes standard input; -1: nothing to read
  int output = -1;  ///< standard output and error; -1: as ours
  int third = -1;   ///< descriptor 3; -1: none
  int directory = -1;
  unsigned seconds = 0;  ///< so long it may live; 0: for ever
};

void TargetManager::become(const std::vector<std::string>& words, const ChildFiles& files) const {
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
  complain(plan_.program, "ERROR", {words.front(), ": ", system_error_text(error)});
  ::_exit(kExitFailed);
}

void TargetManager::start(KeptProgram& program, const std::vector<std::string>& words,
                          const ChildFiles& files, Instant now) {
  if (!program.may_start(now)) return;
  const pid_t child = ::fork();
  if (child == 0) become(words, files);
  program.begun(child, now);
}

Status TargetManager::open() {
  std::vector<int> taken = requests_.signals();
  taken.push_back(SIGCHLD);
  if (Status opened = signals_.open_list(taken); !opened) return opened;
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("create", "pipe");
  const UniqueFd out(ends[0]), in(ends[1]);
  log_out_ = out_of_the_way(out.get());
  if (!log_out_ || ::dup2(in.get(), 1) == -1 || ::dup2(in.get(), 2) == -1) return error_here("use", "pipe");
  if (!take_nothing(0)) complain(plan_.program, "WARNING", {"open /dev/null: ", system_error_text(errno)});
  return ok();
}

void TargetManager::read_requests() {
  const auto unknown = [this] { complain(plan_.program, "WARNING", {"Unknown signal ignored."}); };
  while (const int signal = signals_.next())
    if (signal != SIGCHLD && !requests_.take_signal(signal)) unknown();
  for (UniqueFd& command : plan_.commands) {
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

void TargetManager::reap(Instant now) {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    if (service_manager_.has_ended(pid, failed, now) || logger_.has_ended(pid, failed, now)) continue;
    for (KeptProgram& job : jobs_)
      if (job.has_ended(pid, false, now)) break;
  }
}

bool TargetManager::has_jobs() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const KeptProgram& job) { return job.runs(); });
}

void TargetManager::start_logger(Instant now) {
  if (!logger_.may_start(now)) return;
  UniqueFd directory;
  for (const std::string& path : plan_.log_directories) {
    auto opened = open_directory(AT_FDCWD, path.c_str());
    if (!opened) continue;
    directory = out_of_the_way(opened->get());
    break;
  }
  start(logger_,
        {path_of_program(kMove), plan_.log_group, path_of_program("cyclog"), "--max-file-size", "262144",
         "--max-total-size", "1048576", "."},
        {.input = log_out_.get(), .output = plan_.last_resort.get(), .directory = directory.get()}, now);
}

void TargetManager::start_jobs(Instant now) {
  const auto start_job = [&](KeptProgram& slot, std::vector<std::string> words, unsigned seconds) {
    words.insert(words.begin(),
                 {path_of_program(kMove), "../system-control.slice", path_of_program("system-control")});
    start(slot, words, {.seconds = seconds}, now);
  };
  for (std::size_t slot = 0; slot < jobs_.size(); ++slot) {
    if (!jobs_[slot].may_start(now)) continue;
    const TargetJob* const job = requests_.next(static_cast<JobSlot>(slot));
    if (job == nullptr) continue;
    std::vector<std::string> words{job->verb, "--verbose"};
    words.insert(words.end(), plan_.job_options.begin(), plan_.job_options.end());
    words.emplace_back(job->target);
    start_job(jobs_[slot], std::move(words), job->seconds);
    // Where it could not be, it is tried again.
    if (jobs_[slot].runs()) requests_.begun(*job);
  }
  KeptProgram& regular = jobs_[static_cast<std::size_t>(JobSlot::Regular)];
  if (plan_.first_job.empty() || !regular.may_start(now)) return;
  start_job(regular, plan_.first_job, kFirstJobSeconds);
  if (regular.runs()) plan_.first_job.clear();
}

void TargetManager::start_what_is_wanted(Instant now) {
  if (!requests_.end())
    start(service_manager_,
          {path_of_program(kMove), "../service-manager.slice/me.slice", path_of_program("service-manager")},
          {.third = plan_.socket.get()}, now);
  start_logger(now);
  if (!requests_.end()) start_jobs(now);
}

void TargetManager::end_what_runs(Instant now) {
  if (!requests_.end()) return;
  if (jobs_due_ == Instant::never()) {
    jobs_due_ = now + kPatience;
    if (*requests_.end() == TargetRequest::EndByLeaving && plan_.end_limit.count() > 0) {
      end_due_ = now + plan_.end_limit;
      jobs_due_ = now;
    }
  }
  if (now >= jobs_due_)
    for (const KeptProgram& job : jobs_) job.signal(SIGTERM);
  if (!has_jobs()) service_manager_.signal(SIGTERM);
}

void TargetManager::wait(Instant now, Instant until) {
  constexpr auto kLongest = std::chrono::hours(1);
  int time = -1;
  if (until != Instant::never())
    time = static_cast<int>(
        std::clamp<Duration>(until - now, Duration{0}, kLongest) / std::chrono::milliseconds(1) + 1);
  std::vector<pollfd> ready{{signals_.fd(), POLLIN, 0}};
  for (const UniqueFd& command : plan_.commands) ready.push_back({command ? command.get() : -1, POLLIN, 0});
  if (::poll(ready.data(), ready.size(), time) > 0) read_requests();
}

Instant TargetManager::next_start() const {
  Instant next = std::min(logger_.not_before(), end_due_);
  if (!requests_.end()) {
    for (std::size_t slot = 0; slot < jobs_.size(); ++slot)
      if (requests_.next(static_cast<JobSlot>(slot)) != nullptr)
        next = std::min(next, jobs_[slot].not_before());
    return std::min(next, service_manager_.not_before());
  }
  return has_jobs() ? std::min(next, jobs_due_) : next;
}

void TargetManager::end_logger() {
  // With its last writer the logger ends, too.
  if (::dup2(plan_.last_resort.get(), 1) == -1 || ::dup2(plan_.last_resort.get(), 2) == -1) return;
  Instant now = clock_.now().steady;
  const Instant limit =
      std::min(now + kPatience, end_due_ == Instant::never() ? end_due_ : end_due_ + std::chrono::seconds(1));
  // Something that got away from its service may still hold the pipe.
  for (bool told = false; logger_.runs(); now = clock_.now().steady) {
    if (now >= limit && told) return;
    if (now >= limit) logger_.signal(SIGTERM);
    told = now >= limit;
    wait(now, told ? now + std::chrono::seconds(1) : limit);
    reap(now);
  }
}

TargetRequest TargetManager::run() {
  for (;;) {
    const Instant now = clock_.now().steady;
    reap(now);
    if (requests_.end() && ((!has_jobs() && !service_manager_.runs()) || now >= end_due_)) break;
    start_what_is_wanted(now);
    end_what_runs(now);
    wait(now, next_start());
  }
  end_logger();
  return *requests_.end();
}

}  // namespace kindred::nosh
