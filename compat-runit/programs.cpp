// runit's command line on one screen.

#include "compat-runit/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::runit;

constexpr kindred::Program kPrograms[] = {
    {"runsvchdir", runsvchdir_main, "choose the current services directory"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
