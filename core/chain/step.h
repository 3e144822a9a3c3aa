#pragma once
// One change of process state, as a value: a chain tool parses its words into a list of these, and only then is
// anything done. A tool of a fixed order puts its steps in that order; one of a given order leaves them as they
// came; an interpreter goes on with the next tool's words without an exec between.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/chain/account.h"
#include "core/chain/env_directory.h"
#include "core/chain/environment.h"
#include "core/chain/soft_limit.h"

namespace kindred {

struct SetVariable {
  VariableChange change;
};
struct ReadEnvDirectory {
  std::string path;
  EnvDirectoryRules rules;
};
struct ReadIniFile {
  std::string path;
  std::string prefix;
};
/// UID and GID say who it is; nothing else changes.
struct TellIdentity {
  IdentityName name;
};
struct Become {
  IdentityName name;
  bool all_groups = false;  ///< also those of which the account is a member
  bool enters_home = false;
  bool tells_account = false;  ///< HOME, SHELL, USER, UID and GID are set
};
struct SetLimit {
  SoftLimit limit;
};
struct CloseDescriptor {
  int descriptor = 0;
};
struct EnterDirectory {
  std::string path;
};
struct ChangeRoot {
  std::string path;
};
/// A session of its own; that there is one already is no failure.
struct NewSession {};
struct HoldLock {
  std::string path;
  bool waits = true;
  const char* opens = "open";  ///< the operation that failed where it cannot be opened
  bool quiet = false;          ///< a failure ends the chain without a word, and as if all were well
  bool quiet_program = false;  ///< so does a program that cannot be run
};
struct AddNiceness {
  int increment = 0;
};
/// The program's argv[0].
struct NameProgram {
  std::string name;
};

using ChainStep =
    std::variant<SetVariable, ReadEnvDirectory, ReadIniFile, TellIdentity, Become, SetLimit, CloseDescriptor,
                 EnterDirectory, ChangeRoot, NewSession, HoldLock, AddNiceness, NameProgram>;

/// What the program is to get and this process does not have itself.
struct ProcessState {
  explicit ProcessState(const char* const* environment_block) : environment(environment_block) {}
  Environment environment;
  bool environment_changed = false;
  std::optional<std::string> program_name;
  bool quiet = false;
};

/// Errors: operation and object are what the family puts after "unable to"; code 0: they say it all.
[[nodiscard]] Status apply(const ChainStep& step, ProcessState& state);

}  // namespace kindred
