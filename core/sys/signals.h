#pragma once
// Signals as readable events. They are blocked for the life of the process; children get back the mask and
// the dispositions with which it was started.

#include <signal.h>
#include <sys/types.h>

#include <initializer_list>
#include <span>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class Signals {
 public:
  /// Takes these signals through a descriptor. One that was ignored when the process started stays ignored,
  /// unless it is in `always`. PIPE is blocked besides: a reader of our messages that goes away must not end
  /// us.
  [[nodiscard]] Status open(std::initializer_list<int> always, std::initializer_list<int> unless_ignored);
  [[nodiscard]] Status open_list(std::span<const int> always, std::span<const int> unless_ignored = {});
  /// Likewise, but what was ignored stays ignored in children, whether it is taken or not: all but
  /// `at_default`.
  [[nodiscard]] Status open_keeping_ignored(std::span<const int> always, std::span<const int> unless_ignored,
                                            std::span<const int> at_default);
  /// This process was forked with what its parent takes blocked, and `mask` is what that was started with: from now on
  /// taken for what this one was started with.
  static void take_for_inherited(const sigset_t& mask) noexcept;
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The next signal that has come, 0 for none. `sender`: the process that it is about, for SIGCHLD the
  /// child.
  [[nodiscard]] int next(pid_t* sender = nullptr) noexcept;
  /// The mask that this process was started with, but for CHLD and TERM: whoever started us may have had them
  /// blocked by accident.
  [[nodiscard]] const sigset_t& inherited_mask() const { return inherited_; }
  /// … as it was.
  [[nodiscard]] const sigset_t& original_mask() const { return original_; }

 private:
  UniqueFd fd_;
  sigset_t inherited_{}, original_{};
};

}  // namespace kindred
