// freedt's command line on one screen.

#include "compat-freedt/programs.h"

#include "core/cli/program.h"
#include "core/engine/scanner.h"

namespace {

using namespace kindred::freedt;

constexpr kindred::Program kPrograms[] = {
    {"anonidentd", anonidentd_main, "answer ident requests, and tell nobody"},
    {"argv0", argv0_main, "run a program under another name"},
    {kindred::kCoreProgram, core_main, "supervise for svscan, which starts it"},
    {"mkservice", mkservice_main, "make a service directory with a log service"},
    {"setlock", setlock_main, "run a program that holds a lock"},
    {"supervise", supervise_main, "keep a service running"},
    {"svc", svc_main, "control services"},
    {"svok", svok_main, "tell whether a service is supervised"},
    {"svscan", svscan_main, "supervise every service of a directory"},
    {"svstat", svstat_main, "show the state of services"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
