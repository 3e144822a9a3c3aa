#include "core/native/service_changes.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace kindred {

ServiceChanges::ServiceChanges(const StatusReport& report, const std::vector<std::string>& directories)
    : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!fd_) return;
  constexpr std::uint32_t kSigns = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MODIFY | IN_ONLYDIR;
  for (const std::string& directory : directories)
    (void)inotify_add_watch(fd_.get(), directory.c_str(), kSigns);
  for (const ServiceRow& row : report.services)
    for (const char* below : {"/supervise", "/log/supervise", "/supervise/log/supervise"})
      (void)inotify_add_watch(fd_.get(), (row.path + below).c_str(), kSigns);
}

bool ServiceChanges::wait(int milliseconds) const {
  // What comes together is looked at together.
  constexpr int kSettle = 20;
  pollfd ready[] = {{fd_.get(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  (void)poll(ready, 2, milliseconds);
  if ((ready[1].revents & (POLLERR | POLLHUP)) != 0) return false;
  if (ready[0].revents != 0) poll(nullptr, 0, kSettle);
  return true;
}

}  // namespace kindred
