#pragma once
// The processes of this host, as /proc tells them, at one moment.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

struct ProcessInfo {
  pid_t pid = 0, parent = 0;
  std::string command;       ///< its words, else its name in brackets
  std::uint64_t memory = 0;  ///< resident bytes
  std::uint64_t cpu_ticks = 0;
};

struct ProcessUsage {
  std::uint64_t memory = 0;  ///< resident bytes
  std::uint64_t cpu_seconds = 0;
  std::size_t processes = 0;
  friend bool operator==(const ProcessUsage&, const ProcessUsage&) = default;
};

/// Of /proc/PID/stat: pid, parent, name as the command, memory in pages, ticks. nullopt: it is none. Pure.
[[nodiscard]] std::optional<ProcessInfo> parse_process_stat(std::string_view text);

/// … of each process that is there; `processes`: /proc.
[[nodiscard]] std::vector<ProcessInfo> read_process_stats(int processes);

class HostProcesses {
 public:
  HostProcesses() = default;
  enum class Commands : std::uint8_t { Words, None };
  /// Empty where there is no such directory. Who shows no trees needs no command's words, which cost half of it.
  [[nodiscard]] static HostProcesses read(const std::string& directory = "/proc",
                                          Commands commands = Commands::Words);
  [[nodiscard]] static HostProcesses of(std::vector<ProcessInfo> processes);

  /// Of the process and all that descend from it, and of its head where it has one (process_tree.h) and all below that;
  /// nullopt where there is none.
  [[nodiscard]] std::optional<ProcessUsage> usage_below(pid_t pid) const;
  /// A line for each of these, as a tree, each with `indent` before it; then the trees of those of `others` that are not
  /// in it.
  [[nodiscard]] std::string tree_of(pid_t pid, std::string_view indent,
                                    std::span<const pid_t> others = {}) const;

 private:
  [[nodiscard]] pid_t root_of(pid_t pid) const;
  [[nodiscard]] bool descends_from_any(pid_t pid, std::span<const pid_t> ancestors) const;
  void add_tree(std::string& out, pid_t pid, const std::string& lead, const std::string& lead_below) const;

  std::map<pid_t, ProcessInfo> processes_;
  std::map<pid_t, std::vector<pid_t>> children_;
};

}  // namespace kindred
