// perp's loggers on one screen.

#include "compat-perp/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::perp;

constexpr kindred::Program kPrograms[] = {
    {"sissylog", sissylog_main, "send lines to the system's log"},
    {"tinylog", tinylog_main, "write lines to a log directory"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
