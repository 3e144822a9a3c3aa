// freedt's supervisors and clients on one screen.

#include "compat-freedt/programs.h"

#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::freedt;

constexpr kindred::Program kPrograms[] = {
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"supervise", supervise_main, "keep a service running"},
    {"svc", svc_main, "control services"},
    {"svok", svok_main, "tell whether a service is supervised"},
    {"svscan", svscan_main, "supervise every service of a directory"},
    {"svstat", svstat_main, "show the state of services"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
