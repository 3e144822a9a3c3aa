#pragma once
// What a log directory lies on: the few operations of which keeping a log is made. The one seam between the
// rules of a rotation and a disk, so that full disks and crashes after every single operation are tested
// without one.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred {

/// An open file of a log directory; the storage knows what it means.
enum class LogFile : int { None = -1 };

/// How a log directory is kept to one logger.
enum class LogLock : std::uint8_t {
  Flock,         ///< flock(2) on an empty file
  Record,        ///< fcntl(2)
  RecordWithPid  ///< … on a file that holds the pid and a newline
};

struct LogFileFacts {
  std::uint64_t size = 0;
  mode_t mode = 0;  ///< the permission bits
  nlink_t links = 1;
};

class LogStorage {
 public:
  virtual ~LogStorage() = default;
  // Errors of all: an errno value; 0 for none. Names are names in the directory.

  [[nodiscard]] virtual int lock(const char* name, mode_t mode, LogLock kind) = 0;
  /// Opens for appending; makes the file where there is none. What is no regular file is ENXIO (a FIFO), EINVAL or
  /// what open(2) says of it, and never waited for.
  [[nodiscard]] virtual int open_append(const char* name, mode_t mode, LogFile& file) = 0;
  /// As write(2): less than all of it may be written.
  [[nodiscard]] virtual int append(LogFile file, std::string_view bytes, std::size_t& written) = 0;
  /// Makes sure of room for what will be appended until the file has `size` bytes. ENOSPC and EDQUOT where
  /// there is none; 0 also where this storage cannot tell, or has so much that none need be set aside.
  [[nodiscard]] virtual int reserve(LogFile file, std::uint64_t size) = 0;
  /// What a file takes of the storage is a multiple of this.
  [[nodiscard]] virtual std::uint64_t block_size() const = 0;
  /// Gives back what was reserved beyond `size`.
  virtual void release(LogFile file, std::uint64_t size) = 0;
  [[nodiscard]] virtual int sync(LogFile file) = 0;
  [[nodiscard]] virtual int set_mode(LogFile file, mode_t mode) = 0;
  virtual void close(LogFile file) = 0;

  /// Makes an empty file, or empties the one that is there.
  [[nodiscard]] virtual int make_empty(const char* name, mode_t mode) = 0;
  /// fsync and mode of a file that nobody of us has open.
  [[nodiscard]] virtual int sync_name(const char* name) = 0;
  [[nodiscard]] virtual int set_mode_name(const char* name, mode_t mode) = 0;
  /// Replaces what has the new name.
  [[nodiscard]] virtual int rename(const char* from, const char* to) = 0;
  /// EEXIST where the new name is taken.
  [[nodiscard]] virtual int link(const char* from, const char* to) = 0;
  [[nodiscard]] virtual int remove(const char* name) = 0;
  /// nullopt with error 0: there is no such name.
  [[nodiscard]] virtual int look(const char* name, std::optional<LogFileFacts>& facts) = 0;
  [[nodiscard]] virtual int list(std::vector<std::string>& names) = 0;
};

/// A directory of this system. Descriptors are close-on-exec, and a name that is a link is followed only where nobody
/// but its owner can have planted it (ELOOP).
class SystemLogStorage final : public LogStorage {
 public:
  SystemLogStorage() = default;
  SystemLogStorage(SystemLogStorage&& other) noexcept;
  SystemLogStorage& operator=(SystemLogStorage&&) = delete;
  ~SystemLogStorage() override;

  /// Errors: open(2)'s; ENOTDIR.
  [[nodiscard]] int open(const char* path);
  [[nodiscard]] int descriptor() const { return directory_; }
  /// Whether the path leads to the directory that is open.
  [[nodiscard]] bool is_at(const char* path) const;
  /// Whether the file has something and its last byte is no newline; false also where that cannot be read.
  [[nodiscard]] bool ends_within_line(const char* name) const;

  [[nodiscard]] int lock(const char* name, mode_t mode, LogLock kind) override;
  [[nodiscard]] int open_append(const char* name, mode_t mode, LogFile& file) override;
  [[nodiscard]] int append(LogFile file, std::string_view bytes, std::size_t& written) override;
  [[nodiscard]] int reserve(LogFile file, std::uint64_t size) override;
  [[nodiscard]] std::uint64_t block_size() const override { return block_size_; }
  void release(LogFile file, std::uint64_t size) override;
  [[nodiscard]] int sync(LogFile file) override;
  [[nodiscard]] int set_mode(LogFile file, mode_t mode) override;
  void close(LogFile file) override;
  [[nodiscard]] int make_empty(const char* name, mode_t mode) override;
  [[nodiscard]] int sync_name(const char* name) override;
  [[nodiscard]] int set_mode_name(const char* name, mode_t mode) override;
  [[nodiscard]] int rename(const char* from, const char* to) override;
  [[nodiscard]] int link(const char* from, const char* to) override;
  [[nodiscard]] int remove(const char* name) override;
  [[nodiscard]] int look(const char* name, std::optional<LogFileFacts>& facts) override;
  [[nodiscard]] int list(std::vector<std::string>& names) override;

 private:
  int directory_ = -1;
  int lock_ = -1;
  std::uint64_t block_size_ = 4096;
};

}  // namespace kindred
