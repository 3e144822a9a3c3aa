#pragma once
// s6's loggers and filters of logs: one main each.

namespace kindred::s6 {

int s6_log_main(int argc, char** argv);
int tai64n_main(int argc, char** argv);
int tai64nlocal_main(int argc, char** argv);

}  // namespace kindred::s6
