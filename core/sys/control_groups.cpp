#include "core/sys/control_groups.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr std::size_t kMost = 1 << 20;

std::string_view next(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

/// Of the one hierarchy that has no number and no controllers in its line.
std::optional<std::string_view> path_of(std::string_view groups) {
  constexpr std::string_view kUnified = "0::";
  while (!groups.empty())
    if (const std::string_view line = next(groups, '\n'); line.starts_with(kUnified))
      return line.substr(kUnified.size());
  return std::nullopt;
}

bool is_delegated(const std::string& directory) {
  for (const char* const name : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (::getxattr(directory.c_str(), name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> control_group_directory_of(std::string_view groups, std::string_view mounts) {
  const std::optional<std::string_view> path = path_of(groups);
  // One that lies outside of what may be seen begins with "/..".
  if (!path || !path->starts_with('/') || path->starts_with("/..")) return std::nullopt;
  while (!mounts.empty()) {
    // number, parent, device, root of the mount, its place, options …, "-", type, …; see proc(5)
    std::string_view line = next(mounts, '\n');
    constexpr std::string_view kType = " - cgroup2 ";
    if (line.find(kType) == std::string_view::npos) continue;
    std::array<std::string_view, 5> words;
    for (std::string_view& word : words) word = next(line, ' ');
    std::string_view root = words[3], place = words[4];
    // A blank in it is told as a number: nobody has a mount like that.
    if (root.find('\\') != std::string_view::npos || place.find('\\') != std::string_view::npos) continue;
    if (root == "/") root = "";
    std::string_view below = *path;
    if (!below.starts_with(root)) continue;
    below.remove_prefix(root.size());
    if (!below.empty() && below[0] != '/') continue;
    if (below == "/") below = "";
    return std::string(place) + std::string(below);
  }
  return std::nullopt;
}

std::optional<std::string> control_group_of(const std::string& process) {
  return control_group_directory_of(read_kernel_file(("/proc/" + process + "/cgroup").c_str(), kMost),
                                    read_kernel_file("/proc/self/mountinfo", kMost));
}

std::optional<std::string> own_control_group(bool is_first) {
  std::optional<std::string> own = control_group_of("self");
  if (!own) return std::nullopt;
  // The root of all has no type.
  if (!is_first && ::access((*own + "/cgroup.type").c_str(), F_OK) != 0) return std::nullopt;
  if (::access("/run/systemd/system", F_OK) == 0 && !is_delegated(*own)) return std::nullopt;
  return own;
}

}  // namespace kindred
