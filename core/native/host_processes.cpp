#include "core/native/host_processes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "core/base/number.h"
#include "core/base/printable.h"
#include "core/sys/files.h"
#include "core/sys/process_tree.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestStat = 4096, kLongestCommand = 256;
/// Of /proc/PID/stat, counted from 1; see proc(5).
constexpr std::size_t kParentField = 4, kUserTicksField = 14, kSystemTicksField = 15, kResidentField = 24;

std::uint64_t ticks_per_second() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  return ticks > 0 ? static_cast<std::uint64_t>(ticks) : 100;
}

std::string command_of(int directory, const std::string& pid, const std::string& name) {
  const Result<std::string> words = read_file(directory, (pid + "/cmdline").c_str(), kLongestCommand);
  if (!words || words->empty()) return "[" + name + "]";
  std::string text = *words;
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

std::optional<ProcessInfo> parse_process_stat(std::string_view text) {
  // The name may hold blanks and parentheses; fields are counted from the last one.
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open || open == 0)
    return std::nullopt;
  ProcessInfo process;
  const auto pid = parse_unsigned<std::uint32_t>(text.substr(0, open - 1));
  if (!pid) return std::nullopt;
  process.pid = static_cast<pid_t>(*pid);
  process.command = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  for (std::size_t field = 3; field <= kResidentField; ++field) {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(' ')));
    const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
    if (word.empty()) return std::nullopt;
    rest.remove_prefix(word.size());
    const std::uint64_t value = parse_unsigned<std::uint64_t>(word).value_or(0);
    if (field == kParentField) process.parent = static_cast<pid_t>(value);
    if (field == kUserTicksField || field == kSystemTicksField) process.cpu_ticks += value;
    if (field == kResidentField) process.memory = value;
  }
  return process;
}

std::vector<ProcessInfo> read_process_stats(int processes) {
  std::vector<ProcessInfo> read;
  for (const std::string& name : directory_names(processes, ".")) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const Result<std::string> stat = read_file(processes, (name + "/stat").c_str(), kLongestStat);
    if (std::optional<ProcessInfo> process = stat ? parse_process_stat(*stat) : std::nullopt)
      read.push_back(std::move(*process));
  }
  return read;
}

HostProcesses HostProcesses::of(std::vector<ProcessInfo> processes) {
  HostProcesses table;
  for (ProcessInfo& process : processes) {
    table.children_[process.parent].push_back(process.pid);
    table.processes_[process.pid] = std::move(process);
  }
  for (auto& [parent, children] : table.children_) std::sort(children.begin(), children.end());
  return table;
}

HostProcesses HostProcesses::read(const std::string& directory, Commands commands) {
  const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 1L));
  const Result<UniqueFd> list = open_directory(AT_FDCWD, directory.c_str());
  if (!list) return {};
  std::vector<ProcessInfo> processes = read_process_stats(list->get());
  for (ProcessInfo& process : processes) {
    process.memory *= page;
    if (commands == Commands::Words)
      process.command = command_of(list->get(), std::to_string(process.pid), process.command);
  }
  return of(std::move(processes));
}

std::optional<ProcessUsage> HostProcesses::usage_below(pid_t pid) const {
  if (!processes_.contains(pid)) return std::nullopt;
  pid = root_of(pid);
  ProcessUsage usage;
  std::uint64_t ticks = 0;
  // One that was read after its parent had ended may close a ring.
  std::set<pid_t> seen{pid};
  std::vector<pid_t> waiting{pid};
  while (!waiting.empty()) {
    const pid_t at = waiting.back();
    waiting.pop_back();
    const ProcessInfo& process = processes_.at(at);
    ++usage.processes;
    usage.memory += process.memory;
    ticks += process.cpu_ticks;
    if (const auto below = children_.find(at); below != children_.end())
      for (const pid_t child : below->second)
        if (seen.insert(child).second) waiting.push_back(child);
  }
  usage.cpu_seconds = ticks / ticks_per_second();
  return usage;
}

void HostProcesses::add_tree(std::string& out, pid_t pid, const std::string& lead,
                             const std::string& lead_below) const {
  constexpr std::size_t kDeepest = 256;
  const auto process = processes_.find(pid);
  if (process == processes_.end() || lead.size() > kDeepest) return;
  out += lead + std::to_string(pid) + " " + printable(process->second.command) + "\n";
  const auto below = children_.find(pid);
  if (below == children_.end()) return;
  for (const pid_t child : below->second) {
    const bool last = child == below->second.back();
    add_tree(out, child, lead_below + (last ? "└─" : "├─"), lead_below + (last ? "  " : "│ "));
  }
}

pid_t HostProcesses::root_of(pid_t pid) const {
  const auto process = processes_.find(pid);
  const auto parent =
      process != processes_.end() ? processes_.find(process->second.parent) : processes_.end();
  if (parent == processes_.end()) return pid;
  const std::string_view command = parent->second.command;
  return command.substr(0, command.find(' ')) == kHeadName ? parent->first : pid;
}

bool HostProcesses::descends_from_any(pid_t pid, std::span<const pid_t> ancestors) const {
  // One that was read after its parent had ended may close a ring.
  constexpr int kDeepest = 256;
  for (int depth = 0; depth < kDeepest && pid > 1; ++depth) {
    const auto process = processes_.find(pid);
    if (process == processes_.end()) return false;
    pid = process->second.parent;
    if (std::find(ancestors.begin(), ancestors.end(), pid) != ancestors.end()) return true;
  }
  return false;
}

std::string HostProcesses::tree_of(pid_t pid, std::string_view indent, std::span<const pid_t> others) const {
  std::string out;
  const pid_t root = root_of(pid);
  add_tree(out, root, std::string(indent), std::string(indent));
  for (const pid_t other : others)
    if (other != root && !descends_from_any(other, {&root, 1}) && !descends_from_any(other, others))
      add_tree(out, other, std::string(indent), std::string(indent));
  return out;
}

}  // namespace kindred
