// s6's command line on one screen.

#include "compat-s6/programs.h"

#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::s6;

constexpr kindred::Program kPrograms[] = {
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"s6-cleanfifodir", cleanfifodir_main, "remove listeners that have gone from an event directory"},
    {"s6-ftrig-listen", ftrig_listen_main, "run a program and wait for events in several directories"},
    {"s6-ftrig-listen1", ftrig_listen1_main, "run a program and wait for events"},
    {"s6-ftrig-notify", ftrig_notify_main, "tell an event directory's listeners something"},
    {"s6-ftrig-wait", ftrig_wait_main, "wait for events"},
    {"s6-mkfifodir", mkfifodir_main, "make an event directory"},
    {"s6-notify-fd-from-socket", notify_fd_from_socket_main,
     "run a service that says at a socket when it is ready"},
    {"s6-notify-socket-from-fd", notify_socket_from_fd_main,
     "say at a socket when a service says that it is ready"},
    {"s6-notifyoncheck", notifyoncheck_main, "run a service and say when a check finds it ready"},
    {"s6-permafailon", permafailon_main, "end in failure for good once a service has died too often"},
    {"s6-supervise", supervise_main, "keep a service running"},
    {"s6-svc", svc_main, "control a service, and wait for it"},
    {"s6-svdt", svdt_main, "show the latest deaths of a service"},
    {"s6-svdt-clear", svdt_clear_main, "forget the deaths of a service"},
    {"s6-svlink", svlink_main, "put a service under a scanner"},
    {"s6-svlisten", svlisten_main, "run a program and wait for services"},
    {"s6-svlisten1", svlisten1_main, "run a program and wait for a service"},
    {"s6-svok", svok_main, "tell whether a service is supervised"},
    {"s6-svperms", svperms_main, "show and change who may look at, control and listen to services"},
    {"s6-svscan", svscan_main, "supervise every service of a directory"},
    {"s6-svscanctl", svscanctl_main, "control a scanner"},
    {"s6-svstat", svstat_main, "show the state of a service"},
    {"s6-svunlink", svunlink_main, "take a service away from a scanner"},
    {"s6-svwait", svwait_main, "wait for services to come up or go down"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
