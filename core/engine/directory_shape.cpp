#include "core/engine/directory_shape.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace kindred {

DirectoryShape shape_of(int directory) {
  struct stat st;
  auto exists = [&](const char* name) { return ::fstatat(directory, name, &st, 0) == 0; };
  auto is_directory = [&](const char* name) { return exists(name) && S_ISDIR(st.st_mode); };
  DirectoryShape shape;
  shape.run = exists("run");
  shape.finish = exists("finish");
  shape.check = exists("check");
  shape.conf = exists("conf");
  shape.start = exists("start");
  shape.stop = exists("stop");
  shape.restart = exists("restart");
  shape.notify = exists("notify");
  shape.no_setsid = exists("no-setsid");
  shape.type_file = exists("type");
  shape.notification_fd = exists("notification-fd");
  shape.timeout_kill = exists("timeout-kill");
  shape.rc_main = exists("rc.main");
  shape.rc_log = exists("rc.log");
  shape.control_dir = is_directory("control");
  shape.data_dir = is_directory("data");
  shape.event_dir = is_directory("event");
  shape.service_dir = is_directory("service");
  shape.log_dir = is_directory("log");
  shape.log_executable = exists("log") && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR) != 0;
  shape.supervise_link =
      ::fstatat(directory, "supervise", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
  shape.sticky = ::fstat(directory, &st) == 0 && (st.st_mode & S_ISVTX) != 0;
  return shape;
}

}  // namespace kindred
