#include "core/engine/directory_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace kindred {
namespace {

constexpr std::uint32_t kEntries = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t kItself = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr int kMostLinks = 40;  // as the kernel follows

/// The next component of a path, which is cut off it.
std::string take_component(std::string& path) {
  const std::size_t begin = path.find_first_not_of('/');
  if (begin == std::string::npos) {
    path.clear();
    return {};
  }
  const std::size_t end = path.find('/', begin);
  std::string component = path.substr(begin, end == std::string::npos ? end : end - begin);
  path.erase(0, end == std::string::npos ? path.size() : end);
  return component;
}

}  // namespace

void DirectoryWatch::watch_name(const std::string& directory, const std::string& name) {
  const int id = ::inotify_add_watch(fd_.get(), directory.c_str(), kEntries | IN_MASK_ADD | IN_ONLYDIR);
  if (id < 0) return;
  auto [found, is_new] = names_.try_emplace(id);
  if (is_new || !found->second.empty()) found->second.push_back(name);
}

Status DirectoryWatch::watch(const std::string& path) {
  names_.clear();
  fd_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd_) return error_here("watch", path);
  std::string rest = path;
  std::string here(1, !path.empty() && path.front() == '/' ? '/' : '.');
  int links = 0;
  while (true) {
    const std::string component = take_component(rest);
    if (component.empty()) break;
    if (component == ".") continue;
    const std::string there = here + "/" + component;
    struct stat st;
    if (::lstat(there.c_str(), &st) != 0) {
      watch_name(here, component);
      return ok();
    }
    if (!S_ISLNK(st.st_mode)) {
      // A plain directory on the way is watched only as the last one: what replaces a parent replaces a tree.
      if (rest.find_first_not_of('/') == std::string::npos) watch_name(here, component);
      here = there;
      continue;
    }
    watch_name(here, component);
    char target[PATH_MAX];
    const ssize_t size = ::readlink(there.c_str(), target, sizeof target);
    if (size <= 0 || ++links > kMostLinks) return ok();
    const std::string link(target, static_cast<std::size_t>(size));
    if (link.front() == '/') here.assign(1, '/');
    rest = link + rest;
  }
  const int id = ::inotify_add_watch(fd_.get(), here.c_str(), kEntries | kItself | IN_MASK_ADD | IN_ONLYDIR);
  if (id < 0) return error_here("watch", path);
  names_[id].clear();
  return ok();
}

bool DirectoryWatch::changed() noexcept {
  alignas(inotify_event) char buffer[4096];
  bool relevant = false;
  ssize_t size;
  while ((size = ::read(fd_.get(), buffer, sizeof buffer)) > 0) {
    for (const char* at = buffer; at < buffer + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      const auto found = names_.find(event->wd);
      if (found == names_.end() || found->second.empty() || (event->mask & IN_Q_OVERFLOW) != 0) {
        relevant = true;
        continue;
      }
      const char* name = event->len > 0 ? event->name : "";
      relevant = relevant || std::any_of(found->second.begin(), found->second.end(),
                                         [&](const std::string& wanted) { return wanted == name; });
    }
  }
  return relevant;
}

}  // namespace kindred
