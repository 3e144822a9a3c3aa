// perp's command line on one screen.

#include "compat-perp/programs.h"

#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::perp;

constexpr kindred::Program kPrograms[] = {
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"perp-setup", perp_setup_main, "make a base directory and have init start perpboot on it"},
    {"perpboot", perpboot_main, "keep perpd and its logger running"},
    {"perpctl", perpctl_main, "control services"},
    {"perpd", perpd_main, "supervise every service of a directory"},
    {"perphup", perphup_main, "make perpd look at its services again, or end"},
    {"perpls", perpls_main, "list services, one line each"},
    {"perpok", perpok_main, "whether a service is activated, or up for long enough"},
    {"perpstat", perpstat_main, "report on services"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
