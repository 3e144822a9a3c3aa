#include "core/sys/process_title.h"

#include <sys/prctl.h>

#include <cstddef>
#include <cstdio>
#include <cstring>

namespace kindred {
namespace {

/// The arguments, where the kernel looks for them.
struct Area {
  char* begin = nullptr;
  char* end = nullptr;
  char** arguments = nullptr;
};
Area area;

// The C library calls it as it calls main(), and before that.
[[gnu::constructor]] void note_area(int argc, char** argv, char**) noexcept {
  if (argc < 1 || argv == nullptr || argv[0] == nullptr) return;
  area.arguments = argv;
  area.begin = area.end = argv[0];
  for (int i = 0; i < argc && argv[i] == area.end; ++i) area.end += std::strlen(argv[i]) + 1;
}

}  // namespace

char** own_arguments() noexcept { return area.arguments; }

void show_in_process_list(const char* name, const char* rest) noexcept {
  (void)::prctl(PR_SET_NAME, name);
  // Not beyond: there the environment begins, in which others find what belongs together.
  const auto room = static_cast<std::size_t>(area.end - area.begin);
  if (room == 0) return;
  std::memset(area.begin, 0, room);
  std::snprintf(area.begin, room, *rest != '\0' ? "%s %s" : "%s", name, rest);
}

}  // namespace kindred
