#pragma once
// How a family keeps a log directory, as data: when a file is big enough, what its files are called, in which
// order a rotation does its work, what is made of the files that a crash has left, and how many are kept.
// Everything here is pure.

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/tai64n.h"
#include "core/base/time.h"
#include "core/log/log_storage.h"

namespace kindred {

/// When `current` has grown enough.
struct SizeRule {
  enum class Cut : std::uint8_t {
    AfterLine,         ///< after the line that reaches the mark; a file may exceed `max` by that line
    AfterLineOrAtMax,  ///< likewise, but never beyond `max`: a longer line goes on in the next file
    BeforeLine,        ///< before the line with which the file would reach `max`
  };
  Cut cut = Cut::AfterLineOrAtMax;
  std::uint64_t max = 0;    ///< bytes; 0: never
  std::uint64_t slack = 0;  ///< the mark is `max` less this
};

/// How much of what is to be written goes to the file that has `size` bytes already.
struct Portion {
  std::size_t bytes = 0;
  bool then_rotate = false;  ///< … after these
};
/// `whole_lines`: whether the text ends with a line's end for good; else its last line may go on.
/// Source: interfaces/daemontools.md section 8.6, interfaces/runit.md section 10.6, interfaces/s6.md section 12.2,
/// interfaces/perp.md section 11, interfaces/nosh.md section 15.
[[nodiscard]] Portion portion_for(const SizeRule& rule, std::uint64_t size, std::string_view text);

/// What a rotated file is called.
enum class ArchiveName : std::uint8_t {
  Tai64n,  ///< @ and 24 hexadecimal digits
  Date,    ///< _YYYYMMDDTHHMMSS.uuuuuu, UTC: tinylog
};
[[nodiscard]] std::string archive_name(ArchiveName kind, TaiOffset offset, WallTime at,
                                       std::string_view suffix);

/// Which files of a directory are old ones, and which of these go.
struct KeepRule {
  enum class Names : std::uint8_t {
    At25,         ///< begins with @, at least 25 bytes: multilog
    At27,         ///< begins with @, exactly 27 bytes: svlogd
    Label27,      ///< @, 24 hexadecimal digits, .s or .u: s6-log, cyclog
    UnderscoreT,  ///< begins with _, T is its tenth byte, at least 23 bytes: tinylog
  };
  Names names = Names::At25;
  std::uint64_t count = 0;  ///< as many stay; ignored unless `by_count`
  bool by_count = true;
  std::uint64_t total = 0;          ///< bytes; 0: no limit
  bool total_with_current = false;  ///< … in which `current` counts
  bool one_at_a_time = false;       ///< at most one file goes at each rotation
  /// On a full disk the oldest goes for as long as there are more than this; any name of theirs counts then.
  std::uint64_t spared_when_full = UINT64_MAX;
  /// Files whose last byte is this are no old ones (0: none such).
  char not_counted = 0;
  char swept = 0;  ///< files whose last byte is this go at each rotation
};
struct OldFile {
  std::string name;
  std::uint64_t size = 0;
};
[[nodiscard]] bool is_old_file(KeepRule::Names rule, std::string_view name);
/// What to remove, in this order. `files`: everything in the directory.
[[nodiscard]] std::vector<OldFile> surplus(const KeepRule& rule, std::vector<OldFile> files,
                                           std::uint64_t current_size);

/// A rotation is a list of these, in the family's order. A crash may come between any two.
enum class RotationStep : std::uint8_t {
  SettlePrevious,    ///< a `previous` that an earlier life left goes to an old file of its own first
  Sync,              ///< fsync of current
  MarkCurrent,       ///< its mode says that it is complete
  Close,             ///< current is written no more
  ToPrevious,        ///< current is renamed previous
  ToArchive,         ///< … or straight to its final name
  ToUnfinished,      ///< … or to the name of an unfinished old file
  FinishUnfinished,  ///< … which then gets its final name
  OpenFresh,         ///< a new current
  MarkPrevious,      ///< previous's mode says that it is complete
  ArchivePrevious,   ///< previous gets its final name (with a processor: when that has ended)
  Prune,             ///< what is too much goes
};

/// What is done with a rotated file by a command.
struct ProcessorRule {
  enum class Files : std::uint8_t {
    Previous,  ///< previous -> processed, then an old file: multilog, s6-log
    Archive,   ///< @….u -> @….t -> @….s: svlogd
    Zip,  ///< an old file -> zipped -> the same name and .Z, with no state, while rotations go on: tinylog
  };
  Files files = Files::Previous;
  std::vector<std::string> argv;  ///< empty: none
  Duration retry{0};              ///< after a failure; negative: never, the file stays as it is
  bool signal_is_success = false;
  std::string complaint;  ///< what the child says before the reason when it cannot be executed
  [[nodiscard]] bool there() const { return !argv.empty(); }
};

/// What an existing directory is made of at the start.
struct OpeningRule {
  bool make_directory = false;
  mode_t directory_mode = 0700;
  const char* lock_name = "lock";
  mode_t lock_mode = 0600;
  LogLock lock = LogLock::Flock;
  /// previous, processed, newstate and state of an earlier life are settled where current is not complete.
  bool settles_previous = false;
  bool empty_is_complete = false;  ///< an empty current without its mark is continued
  bool rotates_complete = false;   ///< tinylog -r
  bool makes_state = false;        ///< an empty `state` beside a fresh current
  bool prunes_always = false;      ///< also where nothing was rotated
  bool prunes_recovered = true;    ///< after a current of an earlier life became an old file
  bool rotates_oversize = false;   ///< a continued current that is too big is rotated at once
  bool continues_line = false;     ///< one that ends within a line gets the rest of that first
};

struct RotationRules {
  SizeRule size;
  KeepRule keep;
  ProcessorRule processor;
  OpeningRule opening;
  std::span<const RotationStep> steps;

  ArchiveName name = ArchiveName::Tai64n;
  TaiOffset offset = TaiOffset::Constant10;
  std::string finished = ".s";    ///< suffix of an old file that is complete
  std::string unfinished = ".u";  ///< … of one that an earlier life left

  mode_t open_mode = 0644;      ///< of current while it is written
  mode_t complete_mode = 0744;  ///< of what is complete and synced: its owner's execute bit says so
  bool marks_archives = true;   ///< old files are marked complete, too
  bool syncs_at_end = true;
  bool rotates_empty = false;  ///< when asked to
  bool archives_empty = true;  ///< what is empty becomes an old file, too; else it only goes
  Duration every{0};           ///< rotates as often; 0: never
  Duration retry{0};  ///< how long the logger waits in trouble; 0: as long as with any other directory
};

}  // namespace kindred
