#pragma once
// The two files by which a supervise directory is held: a `lock`, and an `ok` that has a reader. Each service
// has its own: a right on one of them is a right on one service. What exists keeps its mode, owner and access
// lists, and stays when it is let go of.

#include <sys/types.h>

#include <cstdint>
#include <utility>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A lock that is held for as long as this lives. A mapping of the file holds it, which costs no descriptor:
/// the kernel gives a lock back when nothing refers to the opened file any more, and a mapping does. Where a
/// file cannot be mapped its descriptor is kept.
class HeldLock {
 public:
  HeldLock() = default;
  explicit HeldLock(UniqueFd opened) noexcept;
  HeldLock(HeldLock&& from) noexcept { *this = std::move(from); }
  HeldLock& operator=(HeldLock&& from) noexcept;
  ~HeldLock() { release(); }

  explicit operator bool() const { return mapping_ != nullptr || kept_; }
  void release() noexcept;

 private:
  void* mapping_ = nullptr;
  UniqueFd kept_;
};

/// Makes the lock file `path` for who takes it later, if nothing is there; with `exact` in just this mode.
void make_lock_file(int at, const char* path, mode_t mode, bool exact = false) noexcept;
/// Likewise the FIFO `path`. Errors: errno; EEXIST where something is there.
[[nodiscard]] int make_fifo(int at, const char* path, mode_t mode, bool exact = false) noexcept;

/// Takes the lock `path`, making the file if it is not there; with `exact` it then has just this mode,
/// whatever the umask. Errors: EAGAIN (EWOULDBLOCK) where somebody else holds it; ENXIO where it is no
/// regular file.
[[nodiscard]] Result<HeldLock> hold_lock(int at, const char* path, mode_t mode, LockKind kind,
                                         bool exact = false);

/// Gives the FIFO `path` a reader, making it if it is not there; with `exact` one of ours gets just this
/// mode, whatever the umask and its own.
[[nodiscard]] Result<UniqueFd> hold_reader(int at, const char* path, mode_t mode, bool exact = false);

}  // namespace kindred
