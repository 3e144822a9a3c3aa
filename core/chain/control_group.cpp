#include "core/chain/control_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/chain/step.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr const char* kUnified = "/sys/fs/cgroup";
constexpr const char* kOld = "/sys/fs/cgroup/systemd";
constexpr const char* kProcesses = "/cgroup.procs";

std::string own_groups() {
  constexpr std::size_t kMost = 1 << 16;
  return read_kernel_file("/proc/self/cgroup", kMost);
}

/// "9:name=systemd:/a" without "9:" → "name=systemd:" and "/a".
std::optional<std::string> path_in(std::string_view line, std::string_view controllers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !line.substr(colon + 1).starts_with(controllers))
    return std::nullopt;
  line.remove_prefix(colon + 1 + controllers.size());
  return line == "/" ? std::string() : std::string(line);
}

}  // namespace

std::optional<ControlGroupPlace> control_group_place(std::string_view text, bool has_unified) {
  std::optional<ControlGroupPlace> old;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (has_unified && line.starts_with("0:"))
      if (auto path = path_in(line, ":")) return ControlGroupPlace{kUnified, std::move(*path)};
    if (!old)
      if (auto path = path_in(line, "name=systemd:")) old = ControlGroupPlace{kOld, std::move(*path)};
  }
  return old;
}

std::string control_group_directory(const ControlGroupPlace& own, std::string_view group) {
  const std::string whole = group.starts_with('/') ? std::string(group) : own.path + "/" + std::string(group);
  std::vector<std::string_view> names;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (name.empty() || name == ".") continue;
    if (name != "..")
      names.push_back(name);
    else if (!names.empty())
      names.pop_back();
  }
  std::string directory = own.root;
  for (const std::string_view name : names) directory.append("/").append(name);
  return directory;
}

std::optional<std::string> find_control_group(std::string_view group) {
  const bool has_unified = ::access((std::string(kUnified) + kProcesses).c_str(), F_OK) == 0;
  const auto own = control_group_place(own_groups(), has_unified);
  if (!own || ::access((own->root + kProcesses).c_str(), F_OK) != 0) return std::nullopt;
  return control_group_directory(*own, group);
}

Status apply_step(const JoinControlGroup& step, ProcessState& state) {
  const auto directory = find_control_group(step.group);
  if (!directory) {
    warn(state, Error{0, "no control groups here", step.group});
    return ok();
  }
  constexpr mode_t kMode = 0755;
  const std::string processes = *directory + kProcesses;
  if (::mkdir(directory->c_str(), kMode) == -1 && errno != EEXIST) {
    warn(state, error_here("make", *directory));
    return ok();
  }
  const UniqueFd file(::open(processes.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!file || ::write(file.get(), "0", 1) != 1) warn(state, error_here("join", processes));
  return ok();
}

}  // namespace kindred
