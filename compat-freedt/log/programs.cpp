// freedt's logger.

#include "compat-freedt/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::freedt;

constexpr kindred::Program kPrograms[] = {
    {"dumblog", dumblog_main, "append standard input to a file"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
