#pragma once

namespace kindred {

/// The native command's words; argv[0] is the subcommand's own name.
int act_main(int argc, char** argv);  ///< start, stop, restart, once, reload, signal, pause, continue
int adopt_main(int argc, char** argv);
int check_main(int argc, char** argv);
int control_main(int argc, char** argv);
int convert_main(int argc, char** argv);
int enable_main(int argc, char** argv);  ///< enable, disable
int log_main(int argc, char** argv);
int metrics_main(int argc, char** argv);
int notify_main(int argc, char** argv);
int run_main(int argc, char** argv);
int scan_main(int argc, char** argv);
int status_main(int argc, char** argv);
int top_main(int argc, char** argv);

}  // namespace kindred
