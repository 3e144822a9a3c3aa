#pragma once
// perp's loggers: one main each. tinylog_run is a shell script.

namespace kindred::perp {

int sissylog_main(int argc, char** argv);
int tinylog_main(int argc, char** argv);

}  // namespace kindred::perp
