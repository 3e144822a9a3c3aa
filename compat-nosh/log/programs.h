#pragma once
// nosh's loggers and filters of logs: one main each.

namespace kindred::nosh {

int cyclog_main(int argc, char** argv);
int tai64n_main(int argc, char** argv);
int tai64nlocal_main(int argc, char** argv);

}  // namespace kindred::nosh
