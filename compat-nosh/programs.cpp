// nosh's command line on one screen.

#include "compat-nosh/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::nosh;

constexpr kindred::Program kPrograms[] = {
    {"service-control", service_control_main, "control services"},
    {"service-is-enabled", service_is_enabled_main, "tell whether a service is to be brought up"},
    {"service-is-ok", service_is_ok_main, "tell whether a service is supervised"},
    {"service-is-up", service_is_up_main, "tell whether a service runs"},
    {"service-manager", service_manager_main, "supervise what loaders ask for"},
    {"service-show", service_show_main, "show the state of services to programs"},
    {"service-status", service_status_main, "show the state of services"},
    {"svc", service_control_main, "service-control"},
    {"svok", service_is_ok_main, "service-is-ok"},
    {"svshow", service_show_main, "service-show"},
    {"svstat", service_status_main, "service-status, in short"},
    {"svup", service_is_up_main, "service-is-up"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
