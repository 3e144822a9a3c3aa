#include "core/sys/execute.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace kindred {

int execute(const char* file, char* const argv[], char* const environment[], const char* search) {
  char* const* const given = environment != nullptr ? environment : environ;
  if (std::string_view(file).find('/') != std::string_view::npos) {
    execve(file, argv, given);
    return errno;
  }
  if (*file == '\0') return ENOENT;
  const char* const set = search != nullptr ? search : std::getenv("PATH");
  std::string_view path = set != nullptr ? set : "/bin:/usr/bin";
  int remembered = ENOENT;
  for (;;) {
    const std::size_t colon = path.find(':');
    const std::string_view element = path.substr(0, colon);
    const std::string candidate = std::string(element.empty() ? "." : element) + "/" + file;
    execve(candidate.c_str(), argv, given);
    if (errno == EACCES || errno == EPERM || errno == EISDIR)
      remembered = errno;
    else if (errno != ENOENT)
      return errno;
    if (colon == std::string_view::npos) return remembered;
    path.remove_prefix(colon + 1);
  }
}

}  // namespace kindred
