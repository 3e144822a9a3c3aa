#pragma once
// One change of process state, as a value: a chain tool parses its words into a list of these, and only then is
// anything done. A tool of a fixed order puts its steps in that order; one of a given order leaves them as they
// came; an interpreter goes on with the next tool's words without an exec between.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error_text.h"
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
/// A session or a process group of its own, with what failed told in one of three ways.
struct LeadGroup {
  bool session = true;      ///< else only a process group
  bool foreground = false;  ///< … which becomes that of the terminal
  bool guarded = false;     ///< with SIGTTOU ignored meanwhile
  int terminal = 0;
  enum class Failure : std::uint8_t { Fatal, Warning, Silent };
  Failure failure = Failure::Warning;
};
struct HoldRecordLock {
  std::string path;
  bool shared = false;
  std::optional<unsigned> milliseconds = std::nullopt;  ///< so long it waits; none: for ever
};
/// UID, GID and GIDLIST say who it is.
struct TellAccount {
  std::string user;                                 ///< of the account, or alone
  std::optional<std::string> group = std::nullopt;  ///< of its own; else that of the account
  bool tells_user = true, tells_group = true, tells_list = true;
  bool numbers = false;  ///< what is no name may be one
  struct Numbers {
    uid_t user = 0;
    gid_t group = 0;
    std::string list = {};
  };
  std::optional<Numbers> fallback = std::nullopt;  ///< for an account that there is not
};
/// Groups, group, user, as far as they are given; user 0 and group 0 are left as they are.
struct BecomeNumbers {
  std::optional<uid_t> user = std::nullopt;
  std::optional<gid_t> group = std::nullopt;
  std::optional<std::vector<gid_t>> groups = std::nullopt;
};
/// An account's name, with all its groups.
struct BecomeNamedAccount {
  std::string name;
};
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
                 EnterDirectory, ChangeRoot, NewSession, HoldLock, AddNiceness, NameProgram, LeadGroup,
                 HoldRecordLock, TellAccount, BecomeNumbers, BecomeNamedAccount>;

/// What the program is to get and this process does not have itself.
struct ProcessState {
  explicit ProcessState(const char* const* environment_block) : environment(environment_block) {}
  Environment environment;
  bool environment_changed = false;
  std::optional<std::string> program_name;
  bool quiet = false;
  std::optional<int> failure_code;  ///< of the step that fails, where it is not the family's
  std::string_view speaker;         ///< of warnings
  ErrorText reason = error_text;
};

/// Errors: operation and object are what the family puts after "unable to"; code 0: they say it all.
[[nodiscard]] Status apply(const ChainStep& step, ProcessState& state);

}  // namespace kindred
