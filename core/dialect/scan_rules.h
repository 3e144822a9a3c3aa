#pragma once
// How a family reads a scan directory: which entries are services, and what follows when entries come and go.
// Pure: names, kinds and inodes in, decisions out.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error_text.h"
#include "core/base/fixed_vector.h"
#include "core/base/time.h"

namespace kindred {

/// A directory is known by its device and inode, never by its name.
struct DirectoryId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const DirectoryId&, const DirectoryId&) = default;
};

enum class LogPairing : std::uint8_t {
  None,              ///< the scanner knows nothing of logs
  SeparateServices,  ///< DIR/log is a service of its own; the scanner holds the pipe between the two
  OneGroup,          ///< the supervisor of DIR looks after DIR/log too
};

/// When the log of a service that is ended is ended.
enum class EndLogs : std::uint8_t {
  AfterMain,  ///< it reads to the end what its main has written
  AtOnce,
};

/// What says, for good, that a service is to run.
enum class EnabledBy : std::uint8_t {
  NoDownFile,  ///< its directory has no file that says otherwise
  Link,  ///< a link to its directory in the scan directory; where that holds the directory itself, as above
  StickyBit,  ///< the bit on its directory
};

struct ScanRules {
  const char* scanner = nullptr;  ///< the program's name
  /// … and that of the program which an original's scanner starts for each service. Null: it starts none.
  const char* supervisor = nullptr;
  bool scanner_is_alone = false;  ///< it locks the directory: of two in one place the second ends
  /// Letters of the scanner's options that name a descriptor which came with it.
  const char* descriptor_options = "";
  FixedVector<const char*, 4> usual{};  ///< where hosts of the family have their scan directory
  const char* definitions = nullptr;    ///< where they have service directories that are linked into it
  EnabledBy enabled_by = EnabledBy::NoDownFile;
  const char* warning =
      nullptr;  ///< its messages; {dir} is the scan directory, {what} and {why} as in Wording
  ErrorText reason = error_text;
  /// What could not be done to a scan directory that does not exist, and to one that is none.
  const char* absent = "open directory";
  const char* not_entered = "open directory";
  LogPairing pairing = LogPairing::None;
  bool log_is_directory = false;      ///< of what is named log, only a directory is a log service
  bool only_sticky = false;           ///< only a directory with the sticky bit is a service
  bool on_request = false;            ///< it is read when somebody asks for it, not when it changes
  bool removed_is_stopped = false;    ///< an entry that goes takes its service down; otherwise it runs on
  bool shutdown_tells_again = false;  ///< what is being ended already is told once more to end
  /// What a known directory is called now is what its scripts are told; of several names, the one met last.
  bool name_follows = false;
  Duration restart_after =
      std::chrono::seconds(5);                ///< a service that was left by its supervisor is taken up again
  Duration settle = std::chrono::seconds(1);  ///< a directory must be quiet for so long before it is read
};

/// One name in a scan directory.
struct ScanEntry {
  std::string name;
  DirectoryId id;
  bool is_directory = false;
  bool has_log = false;
  bool by_name = false;  ///< it was asked for by this name, which may begin with a dot
};

/// Whether the name may be a service at all: names that begin with a dot never are.
[[nodiscard]] bool is_service_name(std::string_view name);

struct ScanDiff {
  std::vector<std::size_t> appeared;                         ///< indices into `seen`
  std::vector<std::size_t> vanished;                         ///< indices into `known`
  std::vector<std::pair<std::size_t, std::size_t>> renamed;  ///< known index, seen index
};

/// Compares what is supervised with what the directory holds now. Two names of one directory are one service,
/// under the name met first; a directory that is already known keeps its place whatever its name has become,
/// and its name while it still has that, unless `name_follows`.
[[nodiscard]] ScanDiff diff(std::span<const ScanEntry> known, std::span<const ScanEntry> seen,
                            bool name_follows = false);

}  // namespace kindred
