#pragma once
// s6's programs: one main each, in supervise/ and client/.

namespace kindred::s6 {

int cleanfifodir_main(int argc, char** argv);
int ftrig_listen_main(int argc, char** argv);
int ftrig_listen1_main(int argc, char** argv);
int ftrig_notify_main(int argc, char** argv);
int ftrig_wait_main(int argc, char** argv);
int mkfifodir_main(int argc, char** argv);
int notify_fd_from_socket_main(int argc, char** argv);
int notify_socket_from_fd_main(int argc, char** argv);
int notifyoncheck_main(int argc, char** argv);
int permafailon_main(int argc, char** argv);
int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svdt_main(int argc, char** argv);
int svdt_clear_main(int argc, char** argv);
int svlink_main(int argc, char** argv);
int svlisten_main(int argc, char** argv);
int svlisten1_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svperms_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svscanctl_main(int argc, char** argv);
int svstat_main(int argc, char** argv);
int svunlink_main(int argc, char** argv);
int svwait_main(int argc, char** argv);

}  // namespace kindred::s6
