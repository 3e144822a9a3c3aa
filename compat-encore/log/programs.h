#pragma once
// encore's loggers: one main each.

namespace kindred::encore {

int multilog_main(int argc, char** argv);
int tai64n_main(int argc, char** argv);
int tai64nlocal_main(int argc, char** argv);

}  // namespace kindred::encore
