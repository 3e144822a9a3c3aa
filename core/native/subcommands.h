#pragma once

namespace kindred {

/// The native command's words; argv[0] is the subcommand's own name.
int control_main(int argc, char** argv);
int scan_main(int argc, char** argv);
int status_main(int argc, char** argv);

}  // namespace kindred
