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
#include "core/chain/connect_step.h"
#include "core/chain/control_group.h"
#include "core/chain/env_directory.h"
#include "core/chain/environment.h"
#include "core/chain/limit_step.h"
#include "core/chain/listen_step.h"
#include "core/chain/namespace_step.h"
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
/// The environment is this and nothing else.
struct SetEnvironment {
  std::vector<std::string> entries = {};
};
/// Variables from lines of a text file, or from the files in a directory, as text_file.h has both.
struct ReadVariables {
  std::optional<std::string> path;  ///< nullopt: standard input
  int other_kind_code = 0;          ///< of what is neither
};
/// The lines of a text file become words of the program.
struct ReadWords {
  std::optional<std::string> path;  ///< nullopt: standard input
  enum class Place : std::uint8_t {
    Program,  ///< the program, and its first arguments
    First,    ///< arguments before the others
    Last,
  };
  Place place = Place::First;
  int no_program_code = 0;  ///< of a file without a line that was to be the program
};
/// UID and GID say who it is; nothing else changes.
struct TellIdentity {
  IdentityName name;
  std::optional<int> unknown_code = std::nullopt;  ///< for an account that there is not; else the family's
};
/// Fails for everybody else.
struct RequireRoot {
  int code = 0;
};
/// Who is to become is looked up; BecomeFound does it, perhaps where accounts are others.
struct FindIdentity {
  std::string user;                                 ///< an account
  std::optional<std::string> group = std::nullopt;  ///< instead of its own
  bool all_groups = false;                          ///< also those of which the account is a member
  std::vector<std::string> more_groups = {};
  std::optional<int> unknown_code = std::nullopt;  ///< for an account or a group that there is not
};
struct BecomeFound {
  std::string user;
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
/// Limits, of which the later ones win. All are known before the first is set.
struct SetLimits {
  std::vector<SoftLimit> first;
  struct File {
    std::optional<std::string> path;  ///< nullopt: standard input
    /// Errors: EINVAL for a value that is none.
    Result<std::vector<SoftLimit>> (*parse)(std::string_view text);
    int bad_value_code;
  };
  std::optional<File> file = std::nullopt;
  std::vector<SoftLimit> last = {};
  bool tells_cut = false;  ///< a warning for each that the hard limit cuts
};
struct CloseDescriptor {
  int descriptor = 0;
  bool may_be_closed = false;  ///< there is nothing to do then
};
struct OpenDescriptor {
  std::optional<int> descriptor;  ///< none: whichever is free
  std::string path;
  int flags = 0;                  ///< of open(2)
  mode_t mode = 0;                ///< of a new file
  bool changes_blocking = false;  ///< then the other way than it was opened
  bool needs_no_reader = false;   ///< of a FIFO that is opened for writing, not blocking
  std::string variable = {};      ///< is told the number; empty: none
};
struct MoveDescriptor {
  int to = 0, from = 0;
  bool keeps_from = false;
  bool refuses_itself =
      false;  ///< a copy of itself is a failure; and to move to itself is nothing, open or not
};
struct SwapDescriptors {
  int one = 0, other = 0;
};
struct SetBlocking {
  int descriptor = 0;
  bool blocking = true;
};
/// FD0, FD1 … are numbers that no descriptor has.
struct TellFreeDescriptors {
  std::uint32_t count = 0;
  int too_many_code = 0;  ///< of more than there may be
};
struct OpenPipe {
  int read_end = 0, write_end = 0;
};
/// A variable is the process's number, or its parent's, or its working directory.
struct TellProcess {
  enum class What : std::uint8_t { Pid, Parent, Directory };
  What what = What::Pid;
  std::string variable;
};
struct SetFileMask {
  mode_t mask = 0;
};
struct EnterDirectory {
  std::string path;
  const char* enters = "change directory";  ///< the operation that failed
};
struct ChangeRoot {
  std::string path;
  bool enters = true;  ///< else the working directory stays where it is, outside perhaps
};
/// A session of its own; that there is one already is no failure.
struct NewSession {};
/// The rest of the chain is a child's, in a session of its own; this process ends well.
struct Detach {};
/// Waits; SIGALRM ends it early.
struct Pause {
  std::uint32_t seconds = 0;  ///< 0: until then
};
/// How a failure is told of which a step's user decides whether it counts.
enum class Trouble : std::uint8_t { Fatal, Warning, Silent };
/// A session or a process group of its own.
struct LeadGroup {
  bool session = true;      ///< else only a process group
  bool foreground = false;  ///< … which becomes that of the terminal
  bool guarded = false;     ///< with SIGTTOU ignored meanwhile
  bool contented = false;   ///< who leads a process group already has done all
  int terminal = 0;
  Trouble failure = Trouble::Warning;
};
/// A line for the kernel about a process, in BASE/PID/NAME, which is there already.
struct WriteProcessFile {
  std::string base;
  std::uint32_t process = 0;  ///< 0: this one
  std::string name;
  std::string line;
  Trouble failure = Trouble::Fatal;
};
struct HoldRecordLock {
  std::string path;
  bool shared = false;
  std::optional<unsigned> milliseconds = std::nullopt;  ///< so long it waits; none: for ever
  mode_t mode = 0666;                                   ///< of a new file
  bool mode_is_exact = false;                           ///< whatever the mask
  bool tells_pid = false;                               ///< it is the file's content
  std::optional<int> failure_code = 1;                  ///< of a lock that is not got; none: the family's
  bool quiet = false;  ///< a failure ends the chain without a word, and as if all were well
  std::optional<int> descriptor = std::nullopt;  ///< none: whichever is free, and is no standard stream
};
/// Says on standard error whether another process holds a record lock on the file, and ends the chain with 1 where it
/// does, else with 0. A file that is not there is not locked.
struct TellRecordLock {
  std::string path;
  bool quiet = false;
};
/// UID, GID and GIDLIST say who it is.
struct TellAccount {
  std::string user;                                 ///< of the account, or alone
  std::optional<std::string> group = std::nullopt;  ///< of its own; else that of the account
  bool tells_user = true, tells_group = true, tells_list = true;
  bool list_has_group = false;  ///< the group is in the list, too
  bool numbers = false;         ///< what is no name may be one
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
  bool exact = false;  ///< 0 is no exception, and the group is none of `groups` unless they have it
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
struct WriteText {
  int descriptor = 1;
  std::string text;
};
/// Whether orphans below this process become its children.
struct AdoptOrphans {
  bool adopts = true;
};
/// How likely the process is ended where memory runs out.
struct SetOomScore {
  int score = 0;
  bool may_be_refused = false;
};
/// In whose name the session is, for whoever keeps accounts.
struct SetLoginUser {
  std::string account;
};
/// UID, GID and GIDLIST say who this process is.
struct TellOwnIdentity {};
/// MACHINEID, HOSTNAME and DOMAINNAME say which machine this is; what it has not is removed.
struct TellMachine {};
/// What a log-in sets for the account whose number UID is: each is set or, as for no such account, removed.
struct TellUserEnvironment {
  bool user = true;   ///< HOME USER LOGNAME
  bool shell = true;  ///< SHELL
  bool tools = false, xdg = false, bus = false, path = false, terminal = false, time_zone = false,
       locale = false;
};
/// Where the program is searched for, whatever PATH is.
struct SearchIn {
  std::string path;
};

using AnyChainStep =
    std::variant<SetVariable, ReadEnvDirectory, ReadIniFile, TellIdentity, Become, SetLimit, CloseDescriptor,
                 EnterDirectory, ChangeRoot, NewSession, HoldLock, AddNiceness, NameProgram, LeadGroup,
                 HoldRecordLock, TellAccount, BecomeNumbers, BecomeNamedAccount, SetEnvironment,
                 ReadVariables, ReadWords, RequireRoot, FindIdentity, BecomeFound, SetLimits, OpenDescriptor,
                 MoveDescriptor, SetFileMask, Detach, Pause, WriteProcessFile, TellRecordLock, SearchIn,
                 SwapDescriptors, SetBlocking, TellFreeDescriptors, OpenPipe, TellProcess, WriteText,
                 AdoptOrphans, SetOomScore, SetLoginUser, TellOwnIdentity, TellMachine, TellUserEnvironment,
                 ChangeLimit, ListenInternet, ListenLocal, ListenFifo, ListenNetlink, ConnectInternet,
                 ConnectLocal, LeaveNamespaces, SetPropagation, MakeReadOnly, MakePrivate, JoinControlGroup>;

/// One of them. What copies, moves and ends any of them is compiled once, not again in every parser.
struct ChainStep : AnyChainStep {
  using AnyChainStep::AnyChainStep;
  ChainStep(const ChainStep& other);
  ChainStep(ChainStep&& other) noexcept;
  ChainStep& operator=(const ChainStep& other);
  ChainStep& operator=(ChainStep&& other) noexcept;
  ~ChainStep();
};

enum class Severity : std::uint8_t { Fatal, Warning };
/// Says what could not be done, in one line on standard error.
using TellError = void (*)(std::string_view speaker, Severity severity, const Error& error);

/// What the program is to get and this process does not have itself.
struct ProcessState {
  explicit ProcessState(const char* const* environment_block) : environment(environment_block) {}
  Environment environment;
  bool environment_changed = false;
  void change(const VariableChange& variable) {
    environment.apply(variable);
    environment_changed = true;
  }
  std::optional<std::string> program_name;
  /// Words that were read: before all, before the arguments, after them.
  std::vector<std::string> leading_words, first_words, last_words;
  std::optional<std::string> search_path;  ///< instead of PATH
  std::optional<Identity> identity;        ///< for BecomeFound
  std::optional<int> ended;                ///< the chain, by a step: the exit code
  bool quiet = false;
  std::optional<int> failure_code;  ///< of the step that fails, where it is not the family's
  std::string_view speaker;         ///< of warnings
  ErrorText reason = error_text;
  TellError tell = nullptr;  ///< null: "SPEAKER: warning: unable to …"
};

/// Says what could not be done and does not end the chain.
void warn(const ProcessState& state, const Error& error);

/// Errors: operation and object are what the family puts after "unable to"; code 0: they say it all.
[[nodiscard]] Status apply(const ChainStep& step, ProcessState& state);

}  // namespace kindred
