#pragma once
// Thousands of lock files, one descriptor. Every service needs a `lock` that is held and an `ok` that has a
// reader; neither carries content. On one file system they can all be hard links of one inode: the lock is
// held, or the reader is there, by one descriptor for all of them.
//
// A service that leaves gets a fresh file under its name, so that its name is free while the others stay
// held. Where links are not to be had (another file system, no /proc, too many links) a file is held by
// itself.

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// The claim to one name. `own` is the descriptor where the file is held by itself.
struct HeldFile {
  UniqueFd own;
  bool shared = false;
  bool exact_mode = false;  ///< whatever the umask
};

class SharedInodes {
 public:
  /// Takes the lock `path`, making the file if it is not there; with `exact` it then has just this mode,
  /// whatever the umask. Errors: EAGAIN (EWOULDBLOCK) where somebody else holds it.
  [[nodiscard]] Result<HeldFile> lock(int at, const char* path, mode_t mode, LockKind kind,
                                      bool exact = false);
  /// Gives the FIFO `path` a reader. One that is there already and has another mode or owner than we would
  /// give it stays what it is: administrators grant access with it. With `exact` a FIFO of ours gets just
  /// this mode, whatever the umask and its mode are, and is never replaced: whoever made it may wait for its
  /// reader.
  [[nodiscard]] Result<HeldFile> listen(int at, const char* path, mode_t mode, bool exact = false);
  /// Frees the name.
  void release(int at, const char* path, mode_t mode, HeldFile held, bool is_fifo) noexcept;

 private:
  struct Anchor {
    bool is_fifo;
    mode_t mode;
    UniqueFd fd;
  };
  enum class IfThere : std::uint8_t { Leave, Replace };
  [[nodiscard]] bool link_to_anchor(int at, const char* path, bool is_fifo, mode_t mode, IfThere if_there);

  std::vector<Anchor> anchors_;
};

}  // namespace kindred
