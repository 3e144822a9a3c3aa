// What runs as process 1, on one screen: it links no supervisor.

#include "compat-nosh/init/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::nosh;

// A link of any other name, such as /sbin/init, is what the kernel starts.
constexpr kindred::Program kPrograms[] = {
    {"per-user-manager", per_user_manager_main, "keep a user's service manager"},
    {"system-manager", system_manager_main, "be process 1, and keep the system's service manager", true},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
