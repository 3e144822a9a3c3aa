#pragma once
// What can be seen of a service directory from outside, gathered once and judged by every dialect.

#include <cstdint>

#include "core/base/bytes.h"

namespace kindred {

/// The content of a supervise directory.
struct Evidence {
  bool has_lock = false, has_control = false, has_ok = false;
  bool has_pid = false, has_stat = false;  ///< runit's text files
  bool has_death_tally = false;            ///< s6's
  bool has_event_dir = false;              ///< s6's, beside supervise/
  std::int64_t status_size = -1;           ///< -1: there is no status file
  ByteView status;                         ///< as much as was read of it
};

/// What a service directory's author put into it.
struct DirectoryShape {
  bool run = false, finish = false, check = false, control_dir = false, start = false, stop = false;
  bool log = false;  ///< something has that name
  bool log_dir = false, log_executable = false, conf = false;
  bool supervise_link = false;  ///< `supervise` is a symbolic link
  bool type_file = false, notification_fd = false, timeout_kill = false, data_dir = false, event_dir = false;
  bool rc_main = false, rc_log = false;
  bool service_dir = false;  ///< a bundle's `service/`
  bool restart = false;
  bool notify = false, no_setsid = false;
  bool sticky = false;
};

}  // namespace kindred
