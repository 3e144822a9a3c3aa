// What runs as process 1, on one screen: it links nothing that it does not need.

#include "compat-runit/init/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::runit;

// A link of any other name, such as /sbin/init, is what the kernel starts.
constexpr kindred::Program kPrograms[] = {
    {"runit", runit_main, "run a system's stages, as process 1"},
    {"runit-init", runit_init_main, "be runit, or tell it to stop the system", true},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
