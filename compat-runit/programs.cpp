// runit's command line on one screen.

#include "compat-runit/programs.h"

#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::runit;

constexpr kindred::Program kPrograms[] = {
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"runsv", runsv_main, "keep a service and its log running"},
    {"runsvchdir", runsvchdir_main, "choose the current services directory"},
    {"runsvdir", runsvdir_main, "supervise every service of a directory"},
    {"sv", sv_main, "control and ask about services", true},
    {"update-service", update_service_main, "put a service below the scanner, or take it away"},
    {"utmpset", utmpset_main, "log a terminal line out"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
