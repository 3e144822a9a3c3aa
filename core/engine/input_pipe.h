#pragma once
// The pipe between a service and its log. It belongs to the reader and is held open by the supervisor, so
// that either side can die and return without losing a byte.

#include <cstdint>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class InputPipe {
 public:
  [[nodiscard]] static Result<InputPipe> make();
  /// One that exists already: what a log process of a former supervisor still reads.
  [[nodiscard]] static InputPipe take_over(UniqueFd both);

  /// A descriptor from which the reading or writing end can be opened.
  [[nodiscard]] int read_end() const { return both_.get(); }
  [[nodiscard]] int write_end() const { return write_ ? write_.get() : both_.get(); }
  /// The writing end, opened for who keeps it.
  [[nodiscard]] Result<UniqueFd> open_writer() const;
  /// By which the kernel and /proc know it; 0 for none.
  [[nodiscard]] std::uint64_t inode() const noexcept;
  /// Lets go of the writing end only: how much is left to read can still be asked.
  void end_writing() noexcept;
  /// Bytes that nobody has read; 0 where that cannot be told.
  [[nodiscard]] int unread() const noexcept;
  /// Of the services that write: how many more of them leave and still have a process to speak, and whether the
  /// latest to change has gone that way.
  void note_leaving(int more, bool gone) noexcept {
    leaving_ = static_cast<std::int16_t>(leaving_ + more);
    one_has_left_ = gone;
  }
  /// What is said now is the last: who reads it is ended after it.
  [[nodiscard]] bool has_last_words() const noexcept { return leaving_ > 0 || one_has_left_; }
  [[nodiscard]] bool awaits_last_words() const noexcept { return leaving_ > 0; }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(both_); }
  /// Lets go: the reader sees the end once the last writer has gone.
  void close() {
    both_.reset();
    write_.reset();
  }

 private:
  UniqueFd both_;   ///< open for both directions: one descriptor holds the pipe
  UniqueFd write_;  ///< only where /proc is missing and `both_` is just the reading end
  std::int16_t leaving_ = 0;
  bool one_has_left_ = false;
};

}  // namespace kindred
