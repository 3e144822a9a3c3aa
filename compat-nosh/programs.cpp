// nosh's command line on one screen.

#include "compat-nosh/programs.h"

#include "compat-nosh/client/options.h"
#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"

namespace {

using namespace kindred::nosh;

// Section 1: only here do names that are no program's come.
int no_such_personality(int, char** argv) {
  return fail(kindred::base_name(argv[0]), {"Unknown command personality."});
}

constexpr kindred::Program kPrograms[] = {
    {"convert-fstab-services", convert_fstab_services_main, "make bundles of what is to be mounted"},
    {"convert-systemd-units", convert_systemd_units_main, "make a bundle of a unit"},
    {"disable", system_control_main, "system-control disable"},
    {"enable", system_control_main, "system-control enable"},
    {"initctl", system_control_main, "system-control"},
    {kindred::kCoreName, kindred::handover_main, "tell whether a running one can become this version"},
    {"nagios-check-service", nagios_check_service_main, "tell a monitor of services"},
    {"preset", system_control_main, "system-control preset"},
    {"rcctl", system_control_main, "system-control"},
    {"reset", system_control_main, "system-control reset"},
    {"service-control", service_control_main, "control services"},
    {"service-dt-scanner", service_dt_scanner_main, "have every bundle of a directory supervised"},
    {"service-is-enabled", service_is_enabled_main, "tell whether a service is to be brought up"},
    {"service-is-ok", service_is_ok_main, "tell whether a service is supervised"},
    {"service-is-up", service_is_up_main, "tell whether a service runs"},
    {"service-manager", service_manager_main, "supervise what loaders ask for"},
    {"service-show", service_show_main, "show the state of services to programs"},
    {"service-status", service_status_main, "show the state of services"},
    {"show", system_control_main, "system-control show"},
    {"show-json", system_control_main, "system-control show-json"},
    {"start", system_control_main, "system-control start"},
    {"status", system_control_main, "system-control status"},
    {"stop", system_control_main, "system-control stop"},
    {"svc", service_control_main, "service-control"},
    {"svcadm", system_control_main, "system-control"},
    {"svok", service_is_ok_main, "service-is-ok"},
    {"svscan", service_dt_scanner_main, "service-dt-scanner"},
    {"svshow", service_show_main, "service-show"},
    {"svstat", service_status_main, "service-status, in short"},
    {"svup", service_is_up_main, "service-is-up"},
    {"system-control", system_control_main, "services by name"},
    {"systemctl", system_control_main, "system-control"},
    {"systemd-escape", systemd_escape_main, "escape names for units"},
    {"?", no_such_personality, "what answers to any other name", true},
};

}  // namespace

int main(int argc, char** argv) {
  return kindred::run_program(kPrograms, argc, argv, kindred::OtherNames::Taken);
}
