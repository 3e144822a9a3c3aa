// nosh's loggers and filters of logs on one screen.

#include "compat-nosh/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::nosh;

constexpr kindred::Program kPrograms[] = {
    {"cyclog", cyclog_main, "write lines to log directories of limited size"},
    {"tai64n", tai64n_main, "put a time stamp before each line"},
    {"tai64nlocal", tai64nlocal_main, "show time stamps as local time"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
