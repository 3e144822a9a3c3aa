#include "core/engine/input_pipe.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace kindred {

Result<InputPipe> InputPipe::make() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
  InputPipe made;
  UniqueFd reading(ends[0]), writing(ends[1]);
  char self[40];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", reading.get());
  made.both_.reset(::open(self, O_RDWR | O_CLOEXEC));
  if (!made.both_) {
    made.both_ = std::move(reading);
    made.write_ = std::move(writing);
  }
  return made;
}

InputPipe InputPipe::take_over(UniqueFd both) {
  InputPipe taken;
  taken.both_ = std::move(both);
  return taken;
}

std::uint64_t InputPipe::inode() const noexcept {
  struct stat st;
  return both_ && ::fstat(both_.get(), &st) == 0 ? st.st_ino : 0;
}

void InputPipe::end_writing() noexcept {
  // The reading end alone already where there is a writing one.
  if (!write_) {
    char self[32];
    std::snprintf(self, sizeof self, "/proc/self/fd/%d", both_.get());
    both_.reset(::open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  write_.reset();
}

int InputPipe::unread() const noexcept {
  int bytes = 0;
  return both_ && ::ioctl(both_.get(), FIONREAD, &bytes) == 0 ? bytes : 0;
}

Result<UniqueFd> InputPipe::open_writer() const {
  if (write_) {
    UniqueFd copy(::fcntl(write_.get(), F_DUPFD_CLOEXEC, 3));
    return copy ? Result<UniqueFd>(std::move(copy)) : error_here("open", "pipe");
  }
  char self[32];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", both_.get());
  UniqueFd writer(::open(self, O_WRONLY | O_CLOEXEC));
  return writer ? Result<UniqueFd>(std::move(writer)) : error_here("open", "pipe");
}

}  // namespace kindred
