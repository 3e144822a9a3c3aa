// encore's loggers on one screen.

#include "compat-encore/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::encore;

constexpr kindred::Program kPrograms[] = {
    {"multilog", multilog_main, "write lines to log directories"},
    {"tai64n", tai64n_main, "put a time stamp before each line"},
    {"tai64nlocal", tai64nlocal_main, "show time stamps as local time"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
