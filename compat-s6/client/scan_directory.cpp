#include "compat-s6/client/scan_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/sys/files.h"
#include "core/sys/record_lock.h"
#include "core/sys/unique_fd.h"

namespace kindred::s6 {

Status tell_scanner(int directory, std::string_view letters) {
  constexpr const char* kControl = ".s6-svscan/control";
  const UniqueFd fd(openat(directory, kControl, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat st;
  if (!fd || fstat(fd.get(), &st) != 0) return error_here("open", kControl);
  if (!S_ISFIFO(st.st_mode)) return error_here("open", kControl, EINVAL);
  // The supervision tree reads soon; until then there is room for all that one call can say.
  if (const int error = write_all(fd.get(), letters); error != 0)
    return error_here("write to", kControl, error);
  return ok();
}

Result<bool> has_scanner(int directory) { return is_locked(directory, ".s6-svscan/lock"); }

}  // namespace kindred::s6
