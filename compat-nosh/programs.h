#pragma once
// nosh's programs: one main each, in supervise/, client/ and import/.

namespace kindred::nosh {

int convert_fstab_services_main(int argc, char** argv);
int convert_systemd_units_main(int argc, char** argv);
int get_mount_what_main(int argc, char** argv);
int get_mount_where_main(int argc, char** argv);
int nagios_check_service_main(int argc, char** argv);
int service_control_main(int argc, char** argv);
int service_dt_scanner_main(int argc, char** argv);
int service_is_enabled_main(int argc, char** argv);
int service_is_ok_main(int argc, char** argv);
int service_is_up_main(int argc, char** argv);
int service_manager_main(int argc, char** argv);
int service_show_main(int argc, char** argv);
int service_status_main(int argc, char** argv);
int system_control_main(int argc, char** argv);
int systemd_escape_main(int argc, char** argv);
int write_volume_service_bundles_main(int argc, char** argv);

}  // namespace kindred::nosh
