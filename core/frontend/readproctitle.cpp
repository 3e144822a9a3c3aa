// readproctitle LABEL... AREA: shows the end of its standard input in its own command line.
// Source: interfaces/daemontools.md section 6.3.

#include "core/frontend/readproctitle.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/cli/title_window.h"

namespace kindred {
namespace {

// Three dots always stay at the left, so that a reader sees that the text had a beginning.
constexpr TitleRules kTitle{.minimum = 5, .kept = 3, .blank = true};

}  // namespace

int readproctitle(int argc, char** argv) {
  if (argc < 2) return kExitUsage;
  char* const area = argv[argc - 1];
  if (!TitleWindow::fits(area, kTitle)) return kExitUsage;
  TitleWindow window({area, std::strlen(area)}, kTitle);
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = read(0, buffer.data(), buffer.size());
    if (count == 0) return 0;
    if (count > 0) {
      window.push({buffer.data(), static_cast<std::size_t>(count)});
    } else if (errno != EINTR) {
      return fatal("readproctitle", {"unable to read standard input: ", error_text(errno)});
    }
  }
}

}  // namespace kindred
