// s6's loggers on one screen.

#include "compat-s6/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::s6;

constexpr kindred::Program kPrograms[] = {
    {"s6-log", s6_log_main, "select lines and write them to log directories"},
    {"s6-tai64n", tai64n_main, "put a time stamp before each line"},
    {"s6-tai64nlocal", tai64nlocal_main, "show time stamps as local time"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
