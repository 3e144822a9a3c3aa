// runit's logger.

#include "compat-runit/log/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::runit;

constexpr kindred::Program kPrograms[] = {
    {"svlogd", svlogd_main, "write lines to log directories"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
