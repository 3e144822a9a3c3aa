// daemontools' command line on one screen.

#include "compat-daemontools/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::daemontools;

constexpr kindred::Program kPrograms[] = {
    {"readproctitle", readproctitle_main, "show the end of a log in the process title"},
    {"svc", svc_main, "control services"},
    {"svok", svok_main, "tell whether a service is supervised"},
    {"svstat", svstat_main, "show the state of services"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
