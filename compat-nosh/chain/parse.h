#pragma once
// The words of nosh's chain tools, each into steps. Source: interfaces/nosh.md section 17, interfaces/nosh-system.md
// section 4.

#include "core/chain/tool.h"

namespace kindred::nosh {

// The process (4.1).
[[nodiscard]] ChainRequest parse_chdir(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_chroot(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_exec(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_line_banner(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_local_reaper(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_make_private_fs(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_make_read_only_fs(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_oom_kill_protect(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_set_mount_object(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setlock(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setlogin(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setpgrp(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setsid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_umask(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_unshare(int argc, char** argv, const Environment& environment);

// Users (4.2).
[[nodiscard]] ChainRequest parse_envgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_envuidgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_getuidgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setgid_fromenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setuidgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setuidgid_fromenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_userenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_userenv_fromenv(int argc, char** argv, const Environment& environment);

// The environment (4.3).
[[nodiscard]] ChainRequest parse_appendpath(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_clearenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_envdir(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_machineenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_prependpath(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_unsetenv(int argc, char** argv, const Environment& environment);

// Descriptors (4.4).
[[nodiscard]] ChainRequest parse_fdmove(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_fdredir(int argc, char** argv, const Environment& environment);

// Limits (4.5).
[[nodiscard]] ChainRequest parse_hardlimit(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_softlimit(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_ulimit(int argc, char** argv, const Environment& environment);

// Sockets (4.6).
[[nodiscard]] ChainRequest parse_fifo_listen(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_local_datagram_listen(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_local_seqpacket_listen(int argc, char** argv,
                                                        const Environment& environment);
[[nodiscard]] ChainRequest parse_local_stream_connect(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_local_stream_listen(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_netlink_listen(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_tcp_connect(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_tcp_listen(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_udp_connect(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_udp_listen(int argc, char** argv, const Environment& environment);

// Control groups (4.8).
[[nodiscard]] ChainRequest parse_move_to_control_group(int argc, char** argv, const Environment& environment);

}  // namespace kindred::nosh
