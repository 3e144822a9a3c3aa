#pragma once
// A service as its author meant it, in no family's words: what is read from one family's service directory, or from a
// foreign source, and written as another's. Plain values, all comparable; nothing here opens a file.
//
// What a family does with every service alike (how long it waits between starts, whether a service leads a session, what
// its standard input is) is no part of a definition: kindred-convert(1) has it in tables. What the files of a service say
// is.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.h"
#include "core/service/back_off.h"
#include "core/service/convention.h"
#include "core/service/tree_wish.h"

namespace kindred::definition {

// --- steps: what is changed before the program runs, in this order ---

/// Of whom more than a name is wanted. Names and numbers as they were written; numbers only where `numeric`.
struct Account {
  std::string user;
  std::optional<std::string> group = std::nullopt;  ///< instead of the account's own
  std::vector<std::string> more_groups = {};  ///< supplementary ones, in the order in which they were written
  bool all_groups = false;                    ///< those of which the account is a member, too
  bool numeric = false;
  friend bool operator==(const Account&, const Account&) = default;
};
struct Become {
  Account account;
  friend bool operator==(const Become&, const Become&) = default;
};
/// UID and GID tell it to the program, which becomes it itself.
struct TellAccount {
  Account account;
  bool tells_list = false;  ///< GIDLIST, too
  friend bool operator==(const TellAccount&, const TellAccount&) = default;
};
/// Without a value it is removed.
struct SetVariable {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const SetVariable&, const SetVariable&) = default;
};
struct ClearEnvironment {
  friend bool operator==(const ClearEnvironment&, const ClearEnvironment&) = default;
};
/// A variable for each file of the directory, its value the first line.
struct ReadEnvDirectory {
  std::string path;
  friend bool operator==(const ReadEnvDirectory&, const ReadEnvDirectory&) = default;
};
struct EnterDirectory {
  std::string path;
  friend bool operator==(const EnterDirectory&, const EnterDirectory&) = default;
};
struct ChangeRoot {
  std::string path;
  bool enters = true;  ///< else the working directory stays where it is
  friend bool operator==(const ChangeRoot&, const ChangeRoot&) = default;
};
struct SetLimit {
  char letter = 0;  ///< as core/chain/soft_limit.h has them, but m
  enum class Which : std::uint8_t { Soft, Hard, Both } which = Which::Soft;
  /// nullopt: for a soft limit all that the hard one allows; else none.
  std::optional<std::uint64_t> value;
  friend bool operator==(const SetLimit&, const SetLimit&) = default;
};
struct AddNiceness {
  int increment = 0;
  friend bool operator==(const AddNiceness&, const AddNiceness&) = default;
};
struct SetFileMask {
  mode_t mask = 022;
  friend bool operator==(const SetFileMask&, const SetFileMask&) = default;
};
/// An exclusive lock for as long as the program runs.
struct HoldLock {
  std::string path;
  bool waits = true;
  enum class Kind : std::uint8_t { Flock, Record } kind = Kind::Flock;  ///< which do not see each other
  bool quiet = false;  ///< where it cannot be had, all is well
  friend bool operator==(const HoldLock&, const HoldLock&) = default;
};
struct OpenFile {
  int descriptor = 0;
  std::string path;
  enum class For : std::uint8_t { Reading, Writing, Appending } how = For::Reading;
  friend bool operator==(const OpenFile&, const OpenFile&) = default;
};
struct CopyDescriptor {
  int to = 2, from = 1;
  friend bool operator==(const CopyDescriptor&, const CopyDescriptor&) = default;
};
struct CloseDescriptor {
  int descriptor = 0;
  friend bool operator==(const CloseDescriptor&, const CloseDescriptor&) = default;
};
struct NewSession {
  friend bool operator==(const NewSession&, const NewSession&) = default;
};
/// The program's argv[0].
struct NameProgram {
  std::string name;
  friend bool operator==(const NameProgram&, const NameProgram&) = default;
};
/// Words of a program that no family has, which runs the rest of the chain: {"kindred", "run", "--notify"}.
struct RunThrough {
  std::vector<std::string> words;
  friend bool operator==(const RunThrough&, const RunThrough&) = default;
};

using AnyStep = std::variant<Become, TellAccount, SetVariable, ClearEnvironment, ReadEnvDirectory,
                             EnterDirectory, ChangeRoot, SetLimit, AddNiceness, SetFileMask, HoldLock,
                             OpenFile, CopyDescriptor, CloseDescriptor, NewSession, NameProgram, RunThrough>;

/// One of them. What copies, moves, ends and compares any of them is compiled once, not again in every codec.
struct Step : AnyStep {
  using AnyStep::AnyStep;
  Step(const Step& other);
  Step(Step&& other) noexcept;
  Step& operator=(const Step& other);
  Step& operator=(Step&& other) noexcept;
  ~Step();
  friend bool operator==(const Step& a, const Step& b);
};

// --- scripts ---

/// A script that is plainly a chain: the steps are done, and the process becomes the program.
struct Command {
  std::vector<std::string> comments = {};  ///< lines of the script's head, without "#"
  std::vector<Step> steps = {};
  std::vector<std::string>
      program;  ///< and its arguments, none of which anything expands; empty: it succeeds
  friend bool operator==(const Command&, const Command&) = default;
};

/// Any other script, or a program: as it is.
struct Script {
  std::string text;
  mode_t mode = 0755;
  friend bool operator==(const Script&, const Script&) = default;
};

/// What the exit of a finish script decides.
enum class Verdict : std::uint8_t {
  Nothing,
  DownBy125,   ///< the code 125: the service stays down
  DownByFail,  ///< any but 0: likewise
};

struct Body {
  std::variant<Command, Script> what;
  /// Of a Script: what it is told after its own name, where it looks; a target that tells other words gives it a wrapper.
  std::vector<Word> words = {};
  /// Of a log's Script: where it runs, from the log's directory; empty: there.
  std::string enter = {};
  std::string file = {};  ///< where it was read from, for losses
  friend bool operator==(const Body& a, const Body& b) {
    return a.what == b.what && a.words == b.words && a.enter == b.enter;
  }
};

// --- the log ---

enum class Stamp : std::uint8_t {
  None,
  Tai64n,
  Readable,     ///< YYYY-MM-DD_HH:MM:SS.fffff, UTC
  ReadableIso,  ///< YYYY-MM-DDTHH:MM:SS.fffff, UTC
  Local,        ///< YYYY-MM-DD HH:MM:SS.nnnnnnnnn, local time
  Compact,      ///< YYYYMMDDTHHMMSS.uuuuuu, UTC
  Calendar,     ///< as ctime(3), local time
  Seconds,      ///< UNIX seconds and microseconds
};

/// A directory of log files, rotated. What is nullopt is the logger's own default.
struct LogDirectory {
  std::string path;
  std::optional<std::uint64_t> size = std::nullopt;   ///< bytes of a file; 0: no limit
  std::optional<std::uint64_t> files = std::nullopt;  ///< old files that are kept; 0: all
  std::optional<std::uint64_t> total = std::nullopt;  ///< bytes that all old files may have
  std::optional<Duration> every = std::nullopt;       ///< rotated at least so often
  std::string processor = {};                         ///< a shell's command, from old file to new one
  std::string prefix = {};                            ///< of each line
  friend bool operator==(const LogDirectory&, const LogDirectory&) = default;
};

/// A logger whose script is plain: each line, stamped, goes to each of the directories.
struct Logger {
  Stamp stamp = Stamp::None;
  std::vector<LogDirectory> directories;
  friend bool operator==(const Logger&, const Logger&) = default;
};

// --- life ---

enum class Restart : std::uint8_t { Always, OnFailure, OnSuccess, Never };

/// How a service says that it is ready.
struct Readiness {
  enum class How : std::uint8_t {
    Started,     ///< it does not: it is ready when it runs
    Descriptor,  ///< by a newline on a descriptor
    Socket,      ///< by READY=1 on NOTIFY_SOCKET
    Exited,      ///< when run has ended
  };
  How how = How::Started;
  int descriptor = -1;
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

struct Relation {
  enum class Kind : std::uint8_t {
    Wants,
    Requires,
    After,
    Before,
    Conflicts,
    WantedBy,
    RequiredBy,
    StoppedBy,
    Expects
  };
  Kind kind = Kind::Wants;
  std::string name;         ///< of the other service
  std::string target = {};  ///< of the link that says so; empty: there is none
  friend bool operator==(const Relation&, const Relation&) = default;
};

/// A socket that is open before the service runs.
struct Listener {
  enum class Kind : std::uint8_t { Tcp, Udp, LocalStream, LocalDatagram, LocalSequenced, Fifo };
  Kind kind = Kind::Tcp;
  std::string address;  ///< a host, or the path
  std::string port = {};
  unsigned backlog = 0;       ///< 0: the tool's own
  mode_t mode = 0666;         ///< of a path
  bool accept = false;        ///< a process for each connection, which it has as 0 and 1
  std::string variable = {};  ///< its name in LISTEN_FDNAMES
  friend bool operator==(const Listener&, const Listener&) = default;
};

/// Anything else in the directory.
struct File {
  enum class Kind : std::uint8_t { Regular, Directory, Link };
  std::string path;  ///< from the service directory
  Kind kind = Kind::Regular;
  mode_t mode = 0644;
  std::string bytes = {};  ///< the content, or where the link leads
  std::string owner = {};  ///< "USER[:GROUP]", names or numbers, where it is not the directory's own
  friend bool operator==(const File&, const File&) = default;
};

/// Where a field was read, for losses: no part of what a service is.
struct Origins {
  struct Place {
    std::string field;  ///< as ServiceDefinition calls it
    std::string file;
    unsigned line = 0;
  };
  std::vector<Place> places = {};
  friend bool operator==(const Origins&, const Origins&) { return true; }
};

}  // namespace kindred::definition

namespace kindred {

struct ServiceDefinition {
  ServiceDefinition();
  ServiceDefinition(const ServiceDefinition& other);
  ServiceDefinition(ServiceDefinition&& other) noexcept;
  ServiceDefinition& operator=(const ServiceDefinition& other);
  ServiceDefinition& operator=(ServiceDefinition&& other) noexcept;
  ~ServiceDefinition();

  std::string name;  ///< of the directory; that of a log is empty
  std::string description = {};

  std::optional<definition::Body> run = std::nullopt;
  std::optional<definition::Body> start = std::nullopt;   ///< once, before the first run
  std::optional<definition::Body> finish = std::nullopt;  ///< after each end of run
  std::optional<definition::Body> stop = std::nullopt;    ///< once, after the last run
  std::optional<definition::Body> check =
      std::nullopt;  ///< succeeds when the service is ready; asked by clients
  std::optional<definition::Body> notify = std::nullopt;  ///< told each start and end of a script
  /// Scripts that take the place of a signal, by control letter: c d h i k p q t u x 1 2.
  std::vector<std::pair<char, definition::Body>> custom = {};
  definition::Verdict verdict = definition::Verdict::Nothing;  ///< of finish
  std::optional<Duration> finish_limit = std::nullopt;         ///< 0: it may take for ever

  /// At most one: the service that reads what this one writes. It has no log of its own.
  std::vector<ServiceDefinition> log = {};
  /// Of a log whose program is a plain logger: `run` is a Command without a program then.
  std::optional<definition::Logger> logger = std::nullopt;

  bool down = false;  ///< not started until somebody says so
  definition::Restart restart = definition::Restart::Always;
  std::optional<BackOff> back_off = std::nullopt;  ///< below kindred's supervisor, whatever the family
  std::optional<TreeWish> tree = std::nullopt;     ///< likewise
  std::optional<bool> own_session = std::nullopt;  ///< nullopt: as the family does
  int stop_signal = 15, reload_signal = 1;
  bool hang_up = false;                               ///< HUP, too, when it is stopped
  std::optional<Duration> kill_after = std::nullopt;  ///< after the stop signal; 0 or nullopt: never
  bool stays_up_empty = false;                        ///< up even when run has ended
  definition::Readiness readiness = {};
  std::optional<int> lock_descriptor = std::nullopt;   ///< held open for a lock of the supervisor's
  std::optional<unsigned> death_tally = std::nullopt;  ///< deaths that are remembered
  std::vector<definition::Relation> relations = {};
  std::vector<definition::Listener> listeners = {};
  std::string supervise_link = {};           ///< where `supervise` leads; empty: it is no link
  std::vector<definition::File> files = {};  ///< sorted by path
  definition::Origins origins = {};

  friend bool operator==(const ServiceDefinition&, const ServiceDefinition&) = default;
};

/// What does not carry over, or not wholly.
struct Loss {
  std::string file;    ///< from the service directory
  unsigned line = 0;   ///< 0: all of it
  std::string thing;   ///< in the source's words: "timeout-kill 5000"
  std::string why;     ///< "runit never kills by itself"
  std::string advice;  ///< what to do about it; empty: nothing can be done
  friend bool operator==(const Loss&, const Loss&) = default;
};

}  // namespace kindred
