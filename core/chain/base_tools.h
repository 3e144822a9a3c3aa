#pragma once
// The chain tools that the daemontools line of the family has in common, with what differs as rules.
// Source: interfaces/daemontools.md section 10, interfaces/encore.md section 12, interfaces/runit.md section 11.6,
// interfaces/freedt.md section 3.9.

#include "core/chain/tool.h"
#include "core/cli/output.h"

namespace kindred {

/// Whether a tool that has no options looks for them: `--` is one then, and a word with a dash a wrong one.
enum class Dashes : std::uint8_t { BeginOptions, BeginWords };

struct EnvdirGrammar {
  bool has_prefix = false;  ///< -p
  EnvDirectoryRules rules = {};
  Dashes dashes = Dashes::BeginOptions;
};
[[nodiscard]] ChainRequest parse_envdir(int argc, char** argv, const EnvdirGrammar& grammar);
/// ACCOUNT PROG…; no numbers.
[[nodiscard]] ChainRequest parse_envuidgid(int argc, char** argv, Dashes dashes = Dashes::BeginOptions);
/// … with -s for all groups of the account.
[[nodiscard]] ChainRequest parse_setuidgid(int argc, char** argv, bool has_all_groups,
                                           Dashes dashes = Dashes::BeginOptions);
[[nodiscard]] ChainRequest parse_pgrphack(int argc, char** argv, Dashes dashes = Dashes::BeginOptions);

struct SetlockGrammar {
  bool small_n_waits = false;  ///< -n waits and -N does not: the other way round
  bool quiet_program = false;  ///< -x is silent also about the program
  const char* opens = "open";  ///< see HoldLock
  LongDashes long_dashes = LongDashes::All;
};
[[nodiscard]] ChainRequest parse_setlock(int argc, char** argv, const SetlockGrammar& grammar);

/// `variables`: limits come from SOFTLIMIT_… first; section 12 of encore has them.
[[nodiscard]] ChainRequest parse_softlimit(int argc, char** argv, const Environment& environment,
                                           const SoftLimitRules& rules, bool variables,
                                           LongDashes long_dashes = LongDashes::All);

/// Runs the program with a pipe on thirty-one descriptors, waits until all who have one are gone, and exits with the
/// program's code; 111 if a signal ended it.
struct FghackRules {
  const char* name = "fghack";
  const char* usage = "fghack: usage: fghack child";
  const char* runs = "run";  ///< the operation that failed where the program cannot be run
  ErrorText reason = error_text;
  std::optional<int> told_code = std::nullopt;  ///< where somebody wrote into the pipe
};
[[nodiscard]] int run_fghack(int argc, char** argv, const FghackRules& rules);
[[nodiscard]] int run_fghack(int argc, char** argv);

}  // namespace kindred
