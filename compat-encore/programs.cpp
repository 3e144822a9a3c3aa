// encore's command line on one screen.

#include "compat-encore/programs.h"

#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::encore;

constexpr kindred::Program kPrograms[] = {
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"readproctitle", readproctitle_main, "show the end of a log in the process title"},
    {"supervise", supervise_main, "keep a service and its log running"},
    {"svc", svc_main, "control services"},
    {"svok", svok_main, "tell whether a service is supervised"},
    {"svscan", svscan_main, "supervise every service of a directory"},
    {"svscanboot", svscanboot_main, "start svscan on the system's services"},
    {"svstat", svstat_main, "show the state of services and their logs"},
    {"svup", svup_main, "tell whether a service is up"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
