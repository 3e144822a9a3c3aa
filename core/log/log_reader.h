#pragma once
// Log directories read back: the files of any logger in the order of their lines, current, rotated and compressed, and on
// across rotations. Nothing is locked and nothing is written.
//
// A log directory belongs to the log's user: what is read of it is bounded, of regular files only, and opened without
// waiting.

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/log/stamp_reader.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// One file of a log directory.
struct LogFileEntry {
  std::string name;
  std::optional<WallTime> until;  ///< of an old file: when it was rotated
};

/// The files that hold lines among these names, oldest first: old ones, then what is on its way to be one, then current.
/// A name with a suffix counts only where the plain one is not there. Pure.
[[nodiscard]] std::vector<LogFileEntry> log_files(std::vector<std::string> names, TaiOffset labels);

/// How a file is compressed, by its first bytes; null: it is not. Else the program that writes it plain to its standard output
/// with "-dc", from standard input.
[[nodiscard]] const char* decompressor(std::string_view beginning);

struct LogLine {
  WallTime at;  ///< the moment of its stamp; without one, that of the line before
  bool stamped = false;
  std::string_view text;  ///< without stamp and newline; valid until the next line is asked for
};

/// The lines of one open file, plain or compressed.
class LogFileLines {
 public:
  LogFileLines() = default;
  /// Errors: fork's and read's.
  [[nodiscard]] static Result<LogFileLines> open(UniqueFd file, std::string name);
  LogFileLines(LogFileLines&&) noexcept;
  LogFileLines& operator=(LogFileLines&&) noexcept;
  ~LogFileLines();

  /// The next line with its stamp, without its newline; nullopt where there is none now. What does not end in a
  /// newline is a line once `last` says that nothing will follow.
  [[nodiscard]] std::optional<std::string_view> next(bool last);
  [[nodiscard]] bool compressed() const { return child_ > 0; }
  /// Goes on at this byte of a plain file.
  void seek(std::uint64_t offset);
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Why it is not read to its end; empty: no trouble.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  [[nodiscard]] bool fill();
  void end() noexcept;

  UniqueFd fd_;
  pid_t child_ = 0;  ///< the decompressor; -1: it has been waited for
  std::string name_;
  std::string buffer_;
  std::size_t at_ = 0;        ///< what of the buffer has been given out
  std::size_t searched_ = 0;  ///< where no newline is before
  std::string trouble_;
};

/// The lines of one log, in order.
class LogSource {
 public:
  /// A directory with `current`, or one ordinary file. Errors: open's; object `path`.
  [[nodiscard]] static Result<LogSource> open(const std::string& path);

  /// Leaves out files that ended before; not all that is older.
  void since(WallTime at) { since_ = at; }
  /// Only the last so many lines of those that are there now.
  void last(std::uint64_t lines);

  /// The next line; nullopt: none is there now. `follow`: more may come, and what is within its line is waited for.
  [[nodiscard]] std::optional<LogLine> next(bool follow);

  /// What changes when there may be more, for inotify: a directory, or a file.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::vector<std::string> take_troubles() { return std::exchange(troubles_, {}); }

 private:
  LogSource(std::string path, UniqueFd directory, std::string file)
      : path_(std::move(path)), directory_(std::move(directory)), file_(std::move(file)) {}
  void list();
  [[nodiscard]] bool open_next();
  [[nodiscard]] std::optional<LogFileLines> open_file(const std::string& name);
  [[nodiscard]] bool take_up_rotation();
  void judge_labels();

  std::string path_;
  UniqueFd directory_;
  std::string file_;  ///< the file that is still written
  TaiOffset labels_ = TaiOffset::Constant10;
  std::optional<WallTime> since_;
  bool listed_ = false;
  std::deque<std::string> waiting_;  ///< files yet to be read
  std::string newest_;               ///< the newest old file that there was when current was opened
  std::optional<LogFileLines> open_;
  bool at_current_ = false;
  ino_t inode_ = 0;  ///< of current
  std::uint64_t skip_lines_ = 0;
  std::uint64_t offset_ = 0;
  WallTime at_{};
  std::vector<std::string> troubles_;
};

}  // namespace kindred
