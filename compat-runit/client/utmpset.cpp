// utmpset [-w] LINE: tells utmp, and wtmp too, that nobody is logged in on a terminal line any more.
// Source: interfaces/runit.md section 12.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "compat-runit/programs.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::runit {
namespace {

constexpr std::string_view kProgram = "utmpset";

/// Locked as well, which is waited for. Errors: no descriptor, and errno.
UniqueFd open_locked(const char* path, int flags, mode_t mode = 0) {
  UniqueFd file(open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode));
  while (file && flock(file.get(), LOCK_EX) != 0)
    if (errno != EINTR) file.reset();
  return file;
}

void stamp_dead(utmp& record) {
  record.ut_type = DEAD_PROCESS;
  timeval now{};
  gettimeofday(&now, nullptr);
  record.ut_tv.tv_sec = static_cast<decltype(record.ut_tv.tv_sec)>(now.tv_sec);
  record.ut_tv.tv_usec = static_cast<decltype(record.ut_tv.tv_usec)>(now.tv_usec);
}

/// Whether the fixed field, which may end without a NUL, holds the text.
template <std::size_t N>
bool holds(const char (&field)[N], std::string_view text) {
  return std::string_view(field, strnlen(field, N)) == text;
}

/// Errors: errno; ENOENT where nobody is logged in there.
int log_out_in_utmp(int file, std::string_view line) {
  utmp record;
  for (off_t at = 0;; at += sizeof record) {
    const ssize_t size = pread(file, &record, sizeof record, at);
    if (size < 0) return errno;
    // What is left at the end is no record.
    if (size != sizeof record) return ENOENT;
    if (record.ut_user[0] == '\0' || !holds(record.ut_line, line)) continue;
    std::ranges::fill(record.ut_user, '\0');
    std::ranges::fill(record.ut_host, '\0');
    stamp_dead(record);
    const ssize_t written = pwrite(file, &record, sizeof record, at);
    if (written < 0) return errno;
    return written == sizeof record ? 0 : EIO;
  }
}

/// Errors: errno. A record that was written in part is taken away again.
int log_out_in_wtmp(int file, std::string_view line) {
  utmp record{};
  stamp_dead(record);
  line.copy(record.ut_line, sizeof record.ut_line);
  struct stat before;
  if (fstat(file, &before) != 0) return errno;
  const ssize_t written = write(file, &record, sizeof record);
  if (written == sizeof record) return 0;
  const int error = written < 0 ? errno : ENOSPC;
  return ftruncate(file, before.st_size) == 0 ? error : errno;
}

int fail_to_open(const char* path) {
  return fatal(kProgram, {"unable to open ", path, ": ", error_text(errno)});
}

int fail_to_log_out(std::string_view line, const char* file, const char* why) {
  print_warning(kProgram, {"unable to logout line ", line, " in ", file, ": ", why});
  return kExitFatal;
}

}  // namespace

int log_out(std::string_view line, const char* utmp_path, const char* wtmp_path) {
  const UniqueFd utmp_file = open_locked(utmp_path, O_RDWR);
  if (!utmp_file) return fail_to_open(utmp_path);
  if (const int error = log_out_in_utmp(utmp_file.get(), line); error != 0)
    return fail_to_log_out(line, "utmp", error == ENOENT ? "no such entry" : error_text(error));
  if (wtmp_path == nullptr) return 0;
  constexpr mode_t kMode = 0600;
  const UniqueFd wtmp_file = open_locked(wtmp_path, O_WRONLY | O_CREAT | O_APPEND, kMode);
  if (!wtmp_file) return fail_to_open(wtmp_path);
  if (const int error = log_out_in_wtmp(wtmp_file.get(), line); error != 0)
    return fail_to_log_out(line, "wtmp", error_text(error));
  return 0;
}

int utmpset_main(int argc, char** argv) {
  const auto misused = [] {
    print_error({"usage: utmpset [-w] line\n"});
    return 1;
  };
  bool both = false;
  Options options(argc, argv, "w", LongDashes::All);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused();
    both = true;
  }
  if (options.operands().empty()) return misused();
  return log_out(options.operands().front(), "/var/run/utmp", both ? "/var/log/wtmp" : nullptr);
}

}  // namespace kindred::runit
