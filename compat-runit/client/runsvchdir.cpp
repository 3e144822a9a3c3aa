// runsvchdir DIR: makes DIR the current one of /etc/runit/runsvdir. Source: interfaces/runit.md section 8.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "compat-runit/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"

namespace kindred::runit {
namespace {

constexpr const char* kProgram = "runsvchdir";
constexpr const char* kBase = "/etc/runit/runsvdir";

int fail(std::string_view what, std::string_view object) {
  return fatal(kProgram, {"unable to ", what, ": ", object, ": ", error_text(errno)});
}

bool remove_if_there(const char* name) { return unlink(name) == 0 || errno == ENOENT; }

// current.new becomes current, and what was current becomes previous.
int switch_links(const char* directory) {
  if (!remove_if_there("current.new")) return fail("unlink", "current.new");
  if (symlink(directory, "current.new") == -1) return fail("create", "current.new");
  if (!remove_if_there("previous")) return fail("unlink", "previous");
  // The exchange leaves no moment without `current`, as the original's two renames do.
  if (renameat2(AT_FDCWD, "current.new", AT_FDCWD, "current", RENAME_EXCHANGE) == 0)
    return rename("current.new", "previous") == 0 ? 0 : fail("rename to previous", "the former current");
  if (errno == ENOENT) return fail("rename to current", "current.new");
  // Older kernels, some file systems and container profiles refuse the exchange, each in its way.
  if (rename("current", "previous") == -1) return fail("rename to previous", "current");
  if (rename("current.new", "current") == -1) {
    const int code = errno;
    (void)rename("previous", "current");
    errno = code;
    return fail("rename to current", "current.new");
  }
  return 0;
}

int say(const char* directory, std::string_view what) {
  Output out;
  out.add(kProgram).add(": ").add(directory).add(what).add("\n");
  const Status flushed = out.flush();
  return flushed ? 0 : fatal(kProgram, flushed.error());
}

}  // namespace

int change_directory(const char* base, const char* directory) {
  if (directory[0] == '.') return fatal(kProgram, {directory, ": must not start with a dot."});
  if (chdir(base) == -1) return fail("chdir", base);
  struct stat wanted {
  }, current{};
  if (stat(directory, &wanted) == -1) return fatal(kProgram, {directory, ": ", error_text(errno)});
  if (!S_ISDIR(wanted.st_mode)) return fatal(kProgram, {directory, "not a directory."});
  if (stat("current", &current) == -1) return fail("stat", "current");
  if (wanted.st_dev == current.st_dev && wanted.st_ino == current.st_ino) return say(directory, ": current.");
  if (const int code = switch_links(directory); code != 0) return code;
  return say(directory, ": now current.");
}

int runsvchdir_main(int argc, char** argv) {
  if (argc < 2) {
    print_error({"usage: runsvchdir dir\n"});
    return 1;
  }
  return change_directory(kBase, argv[1]);
}

}  // namespace kindred::runit
