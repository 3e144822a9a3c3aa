#include "core/log/appended_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace kindred {

int AppendedFile::open() {
  constexpr mode_t kMode = 0666;
  file_.reset(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, kMode));
  return file_ ? 0 : errno;
}

int AppendedFile::append(std::string_view& text) {
  while (!text.empty()) {
    const ssize_t size = ::write(file_.get(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return 0;
}

}  // namespace kindred
