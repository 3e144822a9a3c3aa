#include "core/native/foreign_process.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/base/number.h"
#include "core/native/host_processes.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestStat = 4096, kLongestInfo = 1024;

FileId id_of(const struct stat& st) { return {st.st_dev, st.st_ino}; }

std::optional<FileId> program_of(pid_t pid) {
  struct stat st;
  if (::stat(path_of(pid, "/exe").c_str(), &st) != 0) return std::nullopt;
  return id_of(st);
}

std::vector<pid_t> child_pids_of(pid_t pid) {
  if (Result<std::vector<pid_t>> listed = numbers_of_children(pid)) return std::move(*listed);
  // Not every kernel has that list.
  std::vector<pid_t> pids;
  for (const NamedProcess& process : named_processes())
    if (process.parent == pid) pids.push_back(process.pid);
  return pids;
}

}  // namespace

std::string path_of(pid_t pid, const std::string& below) { return "/proc/" + std::to_string(pid) + below; }

std::vector<NamedProcess> named_processes() {
  std::vector<NamedProcess> processes;
  const Result<UniqueFd> list = open_directory(AT_FDCWD, "/proc");
  if (!list) return processes;
  for (ProcessInfo& process : read_process_stats(list->get()))
    processes.push_back({process.pid, process.parent, std::move(process.command)});
  return processes;
}

std::string name_of(pid_t pid) {
  Result<std::string> name = read_file(AT_FDCWD, path_of(pid, "/comm").c_str(), kLongestInfo);
  return name ? name->substr(0, name->find('\n')) : std::string();
}

std::string answer_of(std::vector<std::string> words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const UniqueFd answer(ends[0]);
  UniqueFd theirs(ends[1]);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(theirs.get(), STDOUT_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(111);
  }
  theirs.reset();
  const Result<std::string> text = read_beginning(answer.get(), words.front(), kLongestInfo);
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

bool is_foreign_of_ours(pid_t pid) {
  const Result<std::string> status = read_file(AT_FDCWD, path_of(pid, "/status").c_str(), kLongestStat);
  if (!status || !is_all_of_user(*status, ::geteuid())) return false;
  const std::string program = link_text(path_of(pid, "/exe"));
  return !program.empty() && !program.substr(program.rfind('/') + 1).starts_with("kindred");
}

std::optional<FileId> working_directory_of(pid_t pid) {
  struct stat st;
  if (::stat(path_of(pid, "/cwd").c_str(), &st) != 0) return std::nullopt;
  return id_of(st);
}

std::vector<HeldFifo> fifos_of(pid_t pid) {
  std::vector<HeldFifo> fifos;
  const Result<UniqueFd> list = open_directory(AT_FDCWD, path_of(pid, "/fd").c_str());
  if (!list) return fifos;
  for (const std::string& name : directory_names(list->get(), ".")) {
    struct stat st;
    const auto number = parse_unsigned<std::uint32_t>(name);
    if (!number || ::fstatat(list->get(), name.c_str(), &st, 0) != 0 || !S_ISFIFO(st.st_mode)) continue;
    const Result<std::string> info =
        read_file(AT_FDCWD, path_of(pid, "/fdinfo/" + name).c_str(), kLongestInfo);
    const std::optional<int> flags = info ? parse_open_flags(*info) : std::nullopt;
    if (!flags || (*flags & O_PATH) != 0) continue;
    const int direction = *flags & O_ACCMODE;
    fifos.push_back({.fd = static_cast<int>(*number),
                     .id = id_of(st),
                     .is_pipe = link_text(path_of(pid, "/fd/" + name)).starts_with("pipe:["),
                     .reads = direction != O_WRONLY,
                     .writes = direction != O_RDONLY,
                     .waits = (*flags & O_NONBLOCK) == 0});
  }
  std::sort(fifos.begin(), fifos.end(), [](const HeldFifo& a, const HeldFifo& b) { return a.fd < b.fd; });
  return fifos;
}

std::vector<ForeignChild> children_of(pid_t pid) {
  std::vector<ForeignChild> children;
  const std::optional<FileId> own = program_of(pid);
  for (const pid_t each : child_pids_of(pid)) {
    const std::optional<ProcessFacts> facts = facts_of_any(each);
    if (!facts || facts->parent != pid) continue;
    ForeignChild child{each, facts->start_ticks, facts->zombie || facts->ends, false};
    if (!child.ended) child.is_being_made = own && program_of(each) == own;
    children.push_back(child);
  }
  return children;
}

bool has_open(pid_t pid, const FileId& file) {
  const Result<UniqueFd> list = open_directory(AT_FDCWD, path_of(pid, "/fd").c_str());
  if (!list) return false;
  const std::vector<std::string> names = directory_names(list->get(), ".");
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    struct stat st;
    return ::fstatat(list->get(), name.c_str(), &st, 0) == 0 && id_of(st) == file;
  });
}

Result<UniqueFd> open_fifo_of(pid_t pid, const TakenFifo& fifo) {
  const std::string path = path_of(pid, "/fd/" + std::to_string(fifo.fd));
  UniqueFd opened(
      ::open(path.c_str(), (fifo.for_both ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st;
  if (!opened || ::fstat(opened.get(), &st) != 0) return error_here("open", path);
  if (!S_ISFIFO(st.st_mode) || id_of(st) != fifo.id) return error_here("open", path, ESTALE);
  return opened;
}

UniqueFd copy_descriptor_of(pid_t pid, int process, int fd) {
  UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process, fd, 0)));
  if (copy) return copy;
  // Refused before Linux 5.6: what has a name, and pipes, can be opened anew.
  const std::string info = path_of(pid, "/fdinfo/" + std::to_string(fd));
  const Result<std::string> text = read_file(AT_FDCWD, info.c_str(), kLongestInfo);
  const std::optional<int> flags = text ? parse_open_flags(*text) : std::nullopt;
  if (!flags) return UniqueFd{};
  const std::string path = path_of(pid, "/fd/" + std::to_string(fd));
  const int kind = *flags & (O_ACCMODE | O_APPEND);
  copy.reset(::open(path.c_str(), kind | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (copy) ::fcntl(copy.get(), F_SETFL, kind | (*flags & O_NONBLOCK));
  return copy;
}

Result<HeldStill> HeldStill::hold(pid_t pid) {
  const std::string object = "process " + std::to_string(pid);
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) return error_here("hold", object);
  HeldStill held(pid, 0);
  if (::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) != 0) return error_here("hold", object);
  int status = 0;
  while (::waitpid(pid, &status, __WALL) != pid)
    if (errno != EINTR) return error_here("hold", object);
  if (!WIFSTOPPED(status)) {
    held.pid_ = 0;
    return error_here("hold", object, ESRCH);
  }
  // Stopped on its way to a signal, and not by us: it is to have that when it goes on.
  constexpr int kEventShift = 16;
  if (status >> kEventShift == 0) held.signal_ = WSTOPSIG(status);
  return held;
}

HeldStill::~HeldStill() {
  if (pid_ == 0) return;
  if (::ptrace(PTRACE_DETACH, pid_, nullptr, static_cast<long>(signal_)) == 0) return;
  // It runs still: what is to stop it is on its way.
  int status = 0;
  (void)::waitpid(pid_, &status, __WALL);
  (void)::ptrace(PTRACE_DETACH, pid_, nullptr, static_cast<long>(signal_));
}

Status HeldStill::end() {
  const pid_t pid = std::exchange(pid_, 0);
  // It is held: its number is nobody else's.
  if (::kill(pid, SIGKILL) != 0) return error_here("kill", "process " + std::to_string(pid));
  int status = 0;
  do {
    if (::waitpid(pid, &status, __WALL) != pid && errno != EINTR) break;
  } while (WIFSTOPPED(status));
  return ok();
}

}  // namespace kindred
