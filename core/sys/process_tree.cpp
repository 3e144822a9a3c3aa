#include "core/sys/process_tree.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <new>
#include <optional>

#include "core/base/number.h"
#include "core/sys/control_groups.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/process.h"
#include "core/sys/process_title.h"

namespace kindred {
namespace {

constexpr std::size_t kMost = 4U << 20;
// Who forks without end is killed as often: each time all that there are.
constexpr int kMostRounds = 1000;
constexpr const char* kOurs = "/kindred";

std::vector<pid_t> members_of_group(const std::string& group) {
  std::vector<pid_t> members;
  const std::string text = read_kernel_file((group + "/cgroup.procs").c_str(), kMost);
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // 0 is one that this pid namespace does not see.
    if (const auto pid = parse_unsigned<std::uint32_t>(line); pid && *pid > 1)
      members.push_back(static_cast<pid_t>(*pid));
  }
  return members;
}

std::vector<pid_t> members_below(pid_t head) {
  std::vector<pid_t> members;
  std::vector<pid_t> waiting{head};
  while (!waiting.empty()) {
    const pid_t at = waiting.back();
    waiting.pop_back();
    const Result<std::vector<pid_t>> children = numbers_of_children(at);
    if (!children) continue;
    for (const pid_t child : *children) {
      // Those of one that has ended are the head's.
      if (!facts_of(child)) continue;
      members.push_back(child);
      waiting.push_back(child);
    }
  }
  return members;
}

}  // namespace

ProcessTree ProcessTree::in_group(std::string directory) {
  ProcessTree tree;
  tree.group_ = std::move(directory);
  return tree;
}

ProcessTree ProcessTree::below(pid_t head) {
  ProcessTree tree;
  tree.head_ = head;
  return tree;
}

std::vector<pid_t> ProcessTree::members() const noexcept {
  try {
    if (head_ > 1) return members_below(head_);
    if (!group_.empty()) return members_of_group(group_);
  } catch (const std::bad_alloc&) {
    // Who knows of none leaves them as they would be without all this.
  }
  return {};
}

pid_t ProcessTree::eldest() const noexcept {
  const std::vector<pid_t> all = members();
  pid_t eldest = 0;
  std::uint64_t began = 0;
  for (const pid_t member : all) {
    const std::optional<ProcessFacts> facts = facts_of(member);
    if (!facts || std::find(all.begin(), all.end(), facts->parent) != all.end()) continue;
    if (eldest != 0 && (facts->start_ticks > began || (facts->start_ticks == began && member > eldest)))
      continue;
    eldest = member;
    began = facts->start_ticks;
  }
  return eldest;
}

void ProcessTree::signal(int number) const noexcept {
  if (number == SIGKILL && !group_.empty()) {
    const UniqueFd kill(::open((group_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
    if (kill && ::write(kill.get(), "1", 1) == 1) return;
  }
  std::vector<pid_t> before;
  for (int round = 0; round < (number == SIGKILL ? kMostRounds : 1); ++round) {
    const std::vector<pid_t> all = members();
    if (all == before) return;
    for (const pid_t member : all) ::kill(member, number);
    before = all;
  }
}

void ProcessTree::forget() const noexcept {
  if (!group_.empty()) ::rmdir(group_.c_str());
}

std::string group_directory(const std::string& own, const std::string& name) {
  return own + kOurs + "/" + name;
}

Result<UniqueFd> open_group(const std::string& own, const std::string& name) {
  constexpr mode_t kMode = 0755;
  for (const std::string& directory : {own + kOurs, group_directory(own, name)})
    if (::mkdir(directory.c_str(), kMode) != 0 && errno != EEXIST) return error_here("create", directory);
  const std::string processes = group_directory(own, name) + "/cgroup.procs";
  UniqueFd file(::open(processes.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return error_here("open", processes);
  return file;
}

std::vector<pid_t> group_members_with(pid_t pid) {
  const std::optional<std::string> directory = control_group_of(std::to_string(pid));
  if (!directory) return {};
  const std::string above = directory->substr(0, directory->rfind('/'));
  return above.ends_with(kOurs) ? members_of_group(*directory) : std::vector<pid_t>();
}

bool tells_children() noexcept { return static_cast<bool>(numbers_of_children(::getpid())); }

void become_head() noexcept {
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  show_in_process_list(kHeadName, "");
}

void be_head(int told) noexcept {
  // It keeps nothing open, and no directory busy.
  (void)::chdir("/");
  if (::dup2(told, 0) == 0) told = 0;
  const int highest = highest_open_descriptor();
  for (int fd = 0; fd <= highest; ++fd)
    if (fd != told) ::close(fd);
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      ::_exit(0);
    }
    // Who would hear of it may have been killed: then it is seen to have ended.
    const HeadTells tells{ended.si_pid, wait_status_of(ended)};
    (void)::write(told, &tells, sizeof tells);
    ::waitpid(ended.si_pid, nullptr, WNOHANG);
  }
}

}  // namespace kindred
