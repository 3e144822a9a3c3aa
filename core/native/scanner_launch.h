#pragma once
// Starting a scanner in the place of another: with its words, environment, working directory, standard files, limits and
// the rest of what its services are given.

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// What a process was started as, as far as it can be known from outside.
struct ProcessSetting {
  std::string program;  ///< its executable
  std::vector<std::string> words, environment;
  UniqueFd directory;  ///< where it works
  std::array<UniqueFd, 3> files;
  UniqueFd
      errors_reader;  ///< the other end of the pipe that its standard error is, where it reads that itself
  mode_t umask = 022;
  int priority = 0;
  std::string out_of_memory;  ///< its oom_score_adj
  std::string control_group;  ///< the file in which processes enter it; empty: none is known
  std::vector<std::pair<int, rlimit>> limits;
};
/// Errors: what could not be read of it. `process`: its pidfd.
[[nodiscard]] Result<ProcessSetting> read_setting_of(pid_t pid, int process);
/// For a scanner where there was none: this process's own.
[[nodiscard]] Result<ProcessSetting> own_setting();

/// As whom a program is started in its place.
struct Launch {
  std::string program;
  std::vector<std::string> words{};
  /// Of its environment, besides what the setting says or in place of that: NAME=VALUE.
  std::vector<std::string> variables{};
  /// It is ours, and goes on in the midst of what the other did: in the directory that this had gone to, with
  /// these descriptors and what reads standard error.
  bool hands_over = false;
  std::vector<int> handed{};
};

/// A process that is to become the program.
class Heir {
 public:
  /// In a session of its own. It waits for the end of the process `after` (a pidfd; -1: of none) and lives on if we do not;
  /// where neither ends it goes away with us.
  [[nodiscard]] static Result<Heir> make(const Launch& what, const ProcessSetting& setting, int after = -1);
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Waits until it has become the program. Errors: that of exec.
  [[nodiscard]] Status await() const;

 private:
  std::string program_;
  pid_t pid_ = 0;
  UniqueFd heard_, lifeline_;
};

/// The environment with these in it, each name once.
[[nodiscard]] std::vector<std::string> with_variables(std::vector<std::string> environment,
                                                      const std::vector<std::string>& variables);

/// Without the options of these letters, each of which has an argument.
[[nodiscard]] std::vector<std::string> without_options(std::vector<std::string> words,
                                                       std::string_view letters);
/// The cgroup file of /proc/PID/cgroup: the place in the unified hierarchy; empty: there is none.
[[nodiscard]] std::string unified_group_in(std::string_view text);
/// The service unit to which a cgroup.procs file belongs; empty: none.
[[nodiscard]] std::string unit_of_group(std::string_view file);

}  // namespace kindred
