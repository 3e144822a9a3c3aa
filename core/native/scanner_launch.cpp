#include "core/native/scanner_launch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "core/base/nul_words.h"
#include "core/keeper/handover.h"
#include "core/native/foreign_process.h"
#include "core/sys/files.h"

extern char** environ;

namespace kindred {
namespace {

constexpr std::size_t kMostWords = 4U << 20, kMostText = 64 * 1024;
constexpr const char* kControlGroups = "/sys/fs/cgroup";

mode_t umask_in(std::string_view status) {
  constexpr std::string_view kField = "\nUmask:\t";
  const std::size_t at = status.find(kField);
  return at == std::string_view::npos
             ? 022
             : static_cast<mode_t>(std::strtoul(status.data() + at + kField.size(), nullptr, 8));
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

void write_into(const char* path, const std::string& text) {
  const UniqueFd file(::open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (file) (void)!::write(file.get(), text.data(), text.size());
}

/// In the child. What is refused of it is as it would be for whoever starts the scanner by hand.
void take_on(const ProcessSetting& setting) {
  if (!setting.control_group.empty()) write_into(setting.control_group.c_str(), "0");
  if (!setting.out_of_memory.empty()) write_into("/proc/self/oom_score_adj", setting.out_of_memory);
  (void)::setpriority(PRIO_PROCESS, 0, setting.priority);
  for (const auto& [which, limit] : setting.limits)
    (void)::setrlimit(static_cast<__rlimit_resource>(which), &limit);
  ::umask(setting.umask);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM}) ::signal(signal, SIG_DFL);
}

/// Who is to be succeeded has ended: at once, or soon after we have gone, who may have killed it.
bool has_ended(int process, int lifeline) {
  constexpr int kSoon = 2000;  // milliseconds
  pollfd watched[2] = {{process, POLLIN, 0}, {lifeline, 0, 0}};
  while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  if ((watched[0].revents & POLLIN) == 0) (void)::poll(watched, 1, kSoon);
  return (watched[0].revents & POLLIN) != 0;
}

[[noreturn]] void become(const Launch& what, const ProcessSetting& setting, int said) {
  take_on(setting);
  constexpr int kAbove = 64;
  std::array<UniqueFd, 3> files;
  for (std::size_t i = 0; i < files.size(); ++i)
    files[i].reset(
        ::fcntl(setting.files[i] ? setting.files[i].get() : static_cast<int>(i), F_DUPFD_CLOEXEC, kAbove));
  for (std::size_t i = 0; i < files.size(); ++i)
    if (files[i]) ::dup2(files[i].get(), static_cast<int>(i));
  std::vector<std::string> words = what.words;
  std::vector<std::string> environment = with_variables(setting.environment, what.variables);
  if (what.hands_over) {
    if (setting.errors_reader) ::fcntl(setting.errors_reader.get(), F_SETFD, 0);
    for (const int fd : what.handed) ::fcntl(fd, F_SETFD, 0);
    Handover handover;
    ::sigemptyset(&handover.mask);
    environment.push_back("KINDRED_HANDOVER=" + encode_handover(handover, ::getpid()));
  }
  if (::fchdir(setting.directory.get()) == 0)
    ::execve(what.program.c_str(), pointers_to(words).data(), pointers_to(environment).data());
  const int error = errno;
  (void)!::write(said, &error, sizeof error);
  ::_exit(111);
}

}  // namespace

std::string unified_group_in(std::string_view text) {
  constexpr std::string_view kUnified = "0::";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(kUnified)) return std::string(line.substr(kUnified.size()));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

std::string unit_of_group(std::string_view file) {
  constexpr std::string_view kUnit = ".service";
  const std::string_view group = file.substr(0, std::min(file.rfind('/'), file.size()));
  const std::string_view name = group.substr(group.rfind('/') + 1);
  return name.ends_with(kUnit) && name.size() > kUnit.size() && name.front() != '-' ? std::string(name)
                                                                                    : std::string();
}

Result<ProcessSetting> read_setting_of(pid_t pid, int process) {
  const auto text_of = [&](const char* below, std::size_t most) {
    return read_file(AT_FDCWD, path_of(pid, below).c_str(), most);
  };
  ProcessSetting setting;
  const Result<std::string> words = text_of("/cmdline", kMostWords);
  if (!words) return words.error();
  const Result<std::string> environment = text_of("/environ", kMostWords);
  if (!environment) return environment.error();
  const Result<std::string> status = text_of("/status", kMostText);
  if (!status) return status.error();
  setting.words = split_words(*words);
  setting.environment = split_words(*environment);
  setting.umask = umask_in(*status);
  setting.program = link_text(path_of(pid, "/exe"));
  setting.directory.reset(::open(path_of(pid, "/cwd").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (setting.words.empty() || !setting.directory) return error_here("read", path_of(pid, "/cwd"));
  for (std::size_t i = 0; i < setting.files.size(); ++i)
    setting.files[i] = copy_descriptor_of(pid, process, static_cast<int>(i));
  const std::vector<HeldFifo> fifos = fifos_of(pid);
  for (const HeldFifo& errors : fifos)
    for (const HeldFifo& reader : fifos)
      if (errors.fd == STDERR_FILENO && errors.is_pipe && reader.reads && reader.id == errors.id &&
          reader.fd > STDERR_FILENO)
        if (Result<UniqueFd> opened = open_fifo_of(pid, {reader.fd, reader.id, false}))
          setting.errors_reader = std::move(*opened);
  errno = 0;
  setting.priority = ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid));
  if (const Result<std::string> score = text_of("/oom_score_adj", kMostText)) setting.out_of_memory = *score;
  if (const Result<std::string> groups = text_of("/cgroup", kMostText))
    if (const std::string group = unified_group_in(*groups); !group.empty())
      setting.control_group = kControlGroups + group + "/cgroup.procs";
  for (int which = 0; which < RLIM_NLIMITS; ++which) {
    rlimit limit{};
    if (::prlimit(pid, static_cast<__rlimit_resource>(which), nullptr, &limit) == 0)
      setting.limits.emplace_back(which, limit);
  }
  return setting;
}

Result<ProcessSetting> own_setting() {
  ProcessSetting setting;
  for (char** variable = environ; *variable != nullptr; ++variable)
    setting.environment.emplace_back(*variable);
  setting.directory.reset(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!setting.directory) return error_here("open", ".");
  setting.umask = ::umask(0);
  ::umask(setting.umask);
  return setting;
}

std::vector<std::string> with_variables(std::vector<std::string> environment,
                                        const std::vector<std::string>& variables) {
  for (const std::string& variable : variables) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('=') + 1);
    std::erase_if(environment, [&](const std::string& each) { return each.starts_with(name); });
    environment.push_back(variable);
  }
  return environment;
}

std::vector<std::string> without_options(std::vector<std::string> words, std::string_view letters) {
  constexpr std::size_t kLetter = 2;  // bytes of an option whose argument is the next word
  for (std::size_t i = 1; i < words.size() && words[i] != "--";) {
    const std::string& word = words[i];
    const bool is_one =
        word.size() >= kLetter && word[0] == '-' && letters.find(word[1]) != std::string_view::npos;
    const std::size_t count = !is_one ? 0 : word.size() == kLetter ? 2 : 1;
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(i);
    words.erase(first, first + static_cast<std::ptrdiff_t>(std::min(count, words.size() - i)));
    if (!is_one) ++i;
  }
  return words;
}

Result<Heir> Heir::make(const Launch& what, const ProcessSetting& setting, int after) {
  int said[2], alive[2];
  if (::pipe2(said, O_CLOEXEC) != 0) return error_here("create", "pipe");
  Heir heir;
  heir.program_ = what.program;
  heir.heard_.reset(said[0]);
  const UniqueFd theirs(said[1]);
  if (::pipe2(alive, O_CLOEXEC) != 0) return error_here("create", "pipe");
  const UniqueFd watched(alive[0]);
  heir.lifeline_.reset(alive[1]);
  heir.pid_ = ::fork();
  if (heir.pid_ < 0) return error_here("fork", "");
  if (heir.pid_ > 0) return heir;
  ::setsid();
  heir.heard_.reset();
  heir.lifeline_.reset();
  if (after >= 0 && !has_ended(after, watched.get())) ::_exit(0);
  become(what, setting, theirs.get());
}

Status Heir::await() const {
  int error = 0;
  if (::read(heard_.get(), &error, sizeof error) <= 0) return ok();
  ::waitpid(pid_, nullptr, 0);
  return error_here("execute", program_, error);
}

}  // namespace kindred
