#include "core/engine/run_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace kindred {

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
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return error_here("open", path);
  struct stat st;
  if (::fstat(directory.get(), &st) != 0) return error_here("stat", path);
  if (st.st_uid != ::geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return error_here("trust", path, EPERM);
  return directory;
}

std::string core_socket_name(const DirectoryId& scan_directory) {
  char name[64];
  std::snprintf(name, sizeof name, "core-%llx-%llx", static_cast<unsigned long long>(scan_directory.device),
                static_cast<unsigned long long>(scan_directory.inode));
  return name;
}

}  // namespace kindred
