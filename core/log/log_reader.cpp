#include "core/log/log_reader.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "core/base/error_text.h"
#include "core/log/rotation_rules.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr std::size_t kBlock = 256 * 1024;
/// A longer line is given out in parts.
constexpr std::size_t kLongestLine = 1 << 20;
constexpr const char* kCurrent = "current";
constexpr int kReadFile = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;

/// The bytes of a name that say when: @ and 24 digits, or _ and a date.
std::size_t stamp_bytes(std::string_view name) {
  constexpr std::size_t kLabel = 25, kDate = 23;
  return name.front() == '@' ? kLabel : kDate;
}

bool is_old(std::string_view name) {
  return is_old_file(KeepRule::Names::At25, name) || is_old_file(KeepRule::Names::UnderscoreT, name);
}

struct Magic {
  std::string_view bytes;
  const char* program;
};
constexpr Magic kMagic[] = {{"\x1f\x8b", "gzip"},
                            {"\x1f\x9d", "gzip"},
                            {"\x28\xb5\x2f\xfd", "zstd"},
                            {std::string_view("\xfd"
                                              "7zXZ\0",
                                              6),
                             "xz"},
                            {"BZh", "bzip2"}};

struct stat status_of(int fd) {
  struct stat st {};
  (void)::fstat(fd, &st);
  return st;
}

/// Where the last `lines` lines of a plain file begin; fewer are left in `lines` where it has not so many. What is longer
/// than a line may be counts as several, from its end on: nobody has to read a file of one line whole.
std::uint64_t find_last_lines(int fd, std::uint64_t& lines) {
  const std::uint64_t size = static_cast<std::uint64_t>(std::max<off_t>(status_of(fd).st_size, 0));
  std::vector<char> block(kBlock);
  std::uint64_t end = size;
  std::uint64_t line_end = size;
  bool at_end = true;
  while (end > 0) {
    const std::uint64_t begin = end > block.size() ? end - block.size() : 0;
    const ssize_t got = ::pread(fd, block.data(), end - begin, static_cast<off_t>(begin));
    if (got != static_cast<ssize_t>(end - begin)) return end;
    for (std::uint64_t i = end - begin; i-- > 0;) {
      if (block[i] != '\n') {
        if (at_end) --lines;  // the last line has no end yet
        at_end = false;
        continue;
      }
      if (at_end) {
        at_end = false;
        --lines;
        continue;
      }
      if (lines == 0) return begin + i + 1;
      --lines;
      line_end = begin + i;
    }
    end = begin;
    if (end == 0 || line_end - end < kLongestLine) continue;
    if (lines == 0) return end;
    --lines;
    line_end = end;
  }
  return 0;
}

}  // namespace

std::vector<LogFileEntry> log_files(std::vector<std::string> names, TaiOffset labels) {
  std::sort(names.begin(), names.end());
  std::vector<LogFileEntry> files;
  for (const std::string& name : names) {
    // What a processor is still writing has its name already.
    if (!is_old(name) || name.ends_with(".t")) continue;
    const std::optional<WallTime> until = read_file_stamp(name, labels);
    if (!until) continue;
    // Of one moment there is one file, with what is made of it beside it for a while.
    const auto same = [&](const LogFileEntry& other) {
      return stamp_bytes(other.name) == stamp_bytes(name) &&
             other.name.compare(0, stamp_bytes(name), name, 0, stamp_bytes(name)) == 0;
    };
    if (!files.empty() && same(files.back()) && name.starts_with(files.back().name)) continue;
    files.push_back({name, until});
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const LogFileEntry& a, const LogFileEntry& b) { return *a.until < *b.until; });
  for (const char* name : {"previous", kCurrent})
    if (std::binary_search(names.begin(), names.end(), name)) files.push_back({name, {}});
  return files;
}

const char* decompressor(std::string_view beginning) {
  for (const Magic& magic : kMagic)
    if (beginning.starts_with(magic.bytes)) return magic.program;
  return nullptr;
}

// --- one file ---

Result<LogFileLines> LogFileLines::open(UniqueFd file, std::string name) {
  LogFileLines lines;
  lines.name_ = std::move(name);
  std::array<char, 8> beginning{};
  const ssize_t size = ::pread(file.get(), beginning.data(), beginning.size(), 0);
  const char* const program =
      size > 0 ? decompressor({beginning.data(), static_cast<std::size_t>(size)}) : nullptr;
  if (program == nullptr) {
    lines.fd_ = std::move(file);
    return lines;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create a pipe for", lines.name_);
  UniqueFd reads(ends[0]), writes(ends[1]);
  // Nothing but calls that are safe after a fork follows in the child.
  const pid_t child = ::fork();
  if (child < 0) return error_here("fork for", lines.name_);
  if (child == 0) {
    (void)::dup2(file.get(), 0);
    (void)::dup2(writes.get(), 1);
    // That it fails is told here.
    if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) (void)::dup2(nowhere, 2);
    ::execlp(program, program, "-dc", static_cast<char*>(nullptr));
    ::_exit(errno == ENOENT ? 127 : 126);
  }
  lines.child_ = child;
  lines.fd_ = std::move(reads);
  lines.trouble_.clear();
  lines.name_ += std::string(" by ") + program;
  return lines;
}

LogFileLines::LogFileLines(LogFileLines&& from) noexcept { *this = std::move(from); }

LogFileLines& LogFileLines::operator=(LogFileLines&& from) noexcept {
  if (this == &from) return *this;
  end();
  fd_ = std::move(from.fd_);
  child_ = std::exchange(from.child_, 0);
  name_ = std::move(from.name_);
  buffer_ = std::move(from.buffer_);
  at_ = from.at_;
  searched_ = from.searched_;
  trouble_ = std::move(from.trouble_);
  return *this;
}

LogFileLines::~LogFileLines() { end(); }

void LogFileLines::end() noexcept {
  if (child_ <= 0) return;
  // It is killed by its next write, or has ended.
  fd_.reset();
  (void)::kill(child_, SIGTERM);
  (void)::waitpid(child_, nullptr, 0);
  child_ = -1;
}

bool LogFileLines::fill() {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
  }
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kBlock);
  ssize_t got;
  do got = ::read(fd_.get(), buffer_.data() + had, kBlock);
  while (got < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) return true;
  if (got < 0) trouble_ = "unable to read " + name_ + ": " + error_text(error);
  if (child_ > 0) {
    int status = 0;
    (void)::waitpid(child_, &status, 0);
    child_ = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      trouble_ = "unable to decompress " + name_ +
                 (WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ": there is no such program" : "");
  }
  return false;
}

void LogFileLines::seek(std::uint64_t offset) {
  (void)::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET);
  buffer_.clear();
  at_ = searched_ = 0;
}

std::optional<std::string_view> LogFileLines::next(bool last) {
  for (;;) {
    const void* const found = searched_ < buffer_.size()
                                  ? std::memchr(buffer_.data() + searched_, '\n', buffer_.size() - searched_)
                                  : nullptr;
    if (found != nullptr) {
      const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      const std::string_view line(buffer_.data() + at_, end - at_);
      at_ = searched_ = end + 1;
      return line;
    }
    searched_ = buffer_.size();
    const bool more = buffer_.size() - at_ < kLongestLine && fill();
    if (more) continue;
    const bool too_long = buffer_.size() - at_ >= kLongestLine;
    if (at_ == buffer_.size() || (!last && !too_long)) return std::nullopt;
    const std::string_view line(buffer_.data() + at_, buffer_.size() - at_);
    at_ = searched_ = buffer_.size();
    return line;
  }
}

// --- one log ---

Result<LogSource> LogSource::open(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) != 0) return error_here("open", path);
  const bool is_file = S_ISREG(st.st_mode);
  const std::size_t slash = path.rfind('/');
  const std::string place = !is_file ? path : slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Result<UniqueFd> directory = open_directory(AT_FDCWD, place.c_str());
  if (!directory) return error_here("open", path, directory.error().code);
  return LogSource(path, std::move(*directory), is_file ? path.substr(slash + 1) : std::string());
}

std::optional<LogFileLines> LogSource::open_file(const std::string& name) {
  UniqueFd file(::openat(directory_.get(), name.c_str(), kReadFile));
  if (!file) {
    // A file may be rotated away, or compressed, between listing and opening.
    if (errno != ENOENT)
      troubles_.push_back("unable to open " + path_ + "/" + name + ": " + error_text(errno));
    return std::nullopt;
  }
  if (!S_ISREG(status_of(file.get()).st_mode)) {
    troubles_.push_back("unable to read " + path_ + "/" + name + ": it is no ordinary file");
    return std::nullopt;
  }
  Result<LogFileLines> lines = LogFileLines::open(std::move(file), path_ + "/" + name);
  if (!lines) {
    troubles_.push_back("unable to " + lines.error().operation + " " + lines.error().object + ": " +
                        error_text(lines.error().code));
    return std::nullopt;
  }
  return std::move(*lines);
}

void LogSource::judge_labels() {
  const std::string& name = file_.empty() ? kCurrent : file_;
  const UniqueFd file(::openat(directory_.get(), name.c_str(), kReadFile));
  if (!file) return;
  const struct stat st = status_of(file.get());
  std::uint64_t lines = 1;
  const std::uint64_t begin = find_last_lines(file.get(), lines);
  std::array<char, 64> text{};
  const ssize_t size = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(begin));
  if (size <= 0) return;
  const LineStamp stamp = read_stamp({text.data(), static_cast<std::size_t>(size)}, TaiOffset::Constant10);
  if (stamp.kind == StampKind::Tai10)
    labels_ = rule_of_labels(stamp.at, {st.st_mtim.tv_sec, static_cast<std::uint32_t>(st.st_mtim.tv_nsec)});
}

void LogSource::list() {
  listed_ = true;
  judge_labels();
  if (!file_.empty()) {
    waiting_.push_back(file_);
    return;
  }
  file_ = kCurrent;
  for (LogFileEntry& entry : log_files(directory_names(directory_.get(), "."), labels_)) {
    if (entry.until) newest_ = entry.name;
    if (since_ && entry.until && *entry.until < *since_) continue;
    waiting_.push_back(std::move(entry.name));
  }
}

void LogSource::last(std::uint64_t lines) {
  list();
  if (lines == 0) {
    // Only what comes from now on.
    while (waiting_.size() > 1) waiting_.pop_front();
    if (!waiting_.empty() && waiting_.front() == file_) offset_ = UINT64_MAX;
    return;
  }
  // From the newest file back to the one in which they begin.
  for (std::size_t i = waiting_.size(); i-- > 0;) {
    std::optional<LogFileLines> file = open_file(waiting_[i]);
    if (!file) continue;
    if (!file->compressed()) {
      const std::uint64_t begin = find_last_lines(file->fd(), lines);
      if (lines > 0) continue;
      offset_ = begin;
    } else {
      std::uint64_t count = 0;
      while (file->next(true)) ++count;
      if (count < lines) {
        lines -= count;
        continue;
      }
      skip_lines_ = count - lines;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

bool LogSource::open_next() {
  if (!listed_) list();
  while (!waiting_.empty()) {
    const std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    open_ = open_file(name);
    if (!open_) continue;
    at_current_ = name == file_;
    inode_ = status_of(open_->fd()).st_ino;
    if (offset_ == UINT64_MAX)
      open_->seek(static_cast<std::uint64_t>(status_of(open_->fd()).st_size));
    else if (offset_ > 0)
      open_->seek(offset_);
    offset_ = 0;
    for (; skip_lines_ > 0; --skip_lines_)
      if (!open_->next(true)) break;
    skip_lines_ = 0;
    return true;
  }
  return false;
}

/// Whether current is another file than the one that is open; then what came between is waiting, too.
bool LogSource::take_up_rotation() {
  struct stat st;
  if (::fstatat(directory_.get(), file_.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (open_ && st.st_ino == inode_) {
    // One that has become shorter was written anew.
    if (const off_t at = ::lseek(open_->fd(), 0, SEEK_CUR); at > st.st_size) {
      open_->seek(0);
      return true;
    }
    return false;
  }
  if (file_ == kCurrent) {
    bool first = true;
    for (const LogFileEntry& entry : log_files(directory_names(directory_.get(), "."), labels_)) {
      if (entry.name == kCurrent) continue;
      if (entry.until && entry.name <= newest_) continue;
      if (entry.until) newest_ = entry.name;
      // The first is what has been read as current.
      if (!std::exchange(first, false)) waiting_.push_back(entry.name);
    }
  }
  waiting_.push_back(file_);
  return true;
}

std::optional<LogLine> LogSource::next(bool follow) {
  for (;;) {
    if (!open_ && !open_next()) {
      if (!follow || !take_up_rotation()) return std::nullopt;
      continue;
    }
    const bool waits = follow && at_current_ && waiting_.empty();
    const std::optional<std::string_view> line = open_->next(!waits);
    if (line) {
      const LineStamp stamp = read_stamp(*line, labels_);
      if (stamp.kind != StampKind::None) at_ = stamp.at;
      return LogLine{at_, stamp.kind != StampKind::None, line->substr(stamp.size)};
    }
    if (!open_->trouble().empty()) troubles_.push_back(open_->trouble());
    // A logger begins the next file when it writes to this one no more: what it wrote is read to the end then.
    if (waits && !take_up_rotation()) return std::nullopt;
    if (waits) continue;
    open_.reset();
  }
}

}  // namespace kindred
