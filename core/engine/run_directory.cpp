#include "core/engine/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "core/keeper/keeper.h"
#include "core/sys/files.h"
#include "core/sys/record_lock.h"
#include "core/sys/waiting.h"

namespace kindred {
namespace {
constexpr const char* kOwnerLock = "scan.lock";
// The one before us has it until its core listens, which is before that one's first scan.
constexpr int kTurnLooks = 1000, kTurnPause = 5;  // milliseconds
}  // namespace

std::string default_run_directory() {
  auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
  };
  if (const char* chosen = set("KINDRED_RUN_DIR")) return chosen;
  if (::geteuid() == 0) return "/run/kindred";
  if (const char* runtime = set("XDG_RUNTIME_DIR")) return std::string(runtime) + "/kindred";
  return "/tmp/kindred-" + std::to_string(::geteuid());
}

Result<UniqueFd> open_run_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return error_here("create", path);
  return find_run_directory(path);
}

Result<UniqueFd> find_run_directory(const std::string& path) {
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!directory) return error_here("open", path);
  struct stat st;
  if (::fstat(directory.get(), &st) != 0) return error_here("stat", path);
  if (st.st_uid != ::geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return error_here("trust", path, EPERM);
  return directory;
}

Result<UniqueFd> own_run_directory(const std::string& path) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return directory.error();
  UniqueFd lock(::openat(directory->get(), kOwnerLock,
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  const std::string name = path + "/" + kOwnerLock;
  if (!lock) return error_here("open", name);
  struct stat st;
  if (::fstat(lock.get(), &st) != 0) return error_here("stat", name);
  if (!S_ISREG(st.st_mode)) return error_here("use as a lock", name, EINVAL);
  const Status taken = take_record_lock(lock.get(), name);
  if (taken) {
    // The process that others know: the kernel would tell them of a core.
    const std::string number = std::to_string(known_pid()) + "\n";
    if (::ftruncate(lock.get(), 0) == 0) (void)!::pwrite(lock.get(), number.data(), number.size(), 0);
    return lock;
  }
  if (taken.error().code != EAGAIN) return taken.error();
  char number[16]{};
  const ssize_t size = ::pread(lock.get(), number, sizeof number - 1, 0);
  int owner = size > 0 ? std::atoi(number) : 0;
  if (owner <= 0)
    if (const Result<pid_t> holder = record_lock_owner(lock.get(), name)) owner = *holder;
  return Error{EAGAIN, "lock", path + (owner > 0 ? " (process " + std::to_string(owner) + ")" : "")};
}

Result<UniqueFd> take_turn_in_run_directory(const std::string& path) {
  Result<UniqueFd> directory = open_run_directory(path);
  if (!directory) return directory;
  for (int looks = 0; ::flock(directory->get(), LOCK_EX | LOCK_NB) != 0; ++looks) {
    if ((errno != EWOULDBLOCK && errno != EINTR) || looks == kTurnLooks) return error_here("lock", path);
    (void)wait_for_any({}, kTurnPause);
  }
  return directory;
}

std::string core_socket_name(const DirectoryId& scan_directory) {
  char name[64];
  std::snprintf(name, sizeof name, "core-%llx-%llx", static_cast<unsigned long long>(scan_directory.device),
                static_cast<unsigned long long>(scan_directory.inode));
  return name;
}

}  // namespace kindred
