// execline's voice, and its executable: the table is in tools.cpp.

#include <algorithm>

#include "compat-s6/execline/tools.h"
#include "compat-s6/program_search.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{
    .reason = system_error_text,
    .runs = "exec",
    .not_found_code = 127,
    .not_executable_code = 126,
    .search = s6::kProgramSearch,
    .child_search = {.default_path = "/bin:/usr/bin", .passes_over_files = true},
    .children_block_nothing = true,
};

constexpr std::string_view kMulticall = "execline";

}  // namespace

int main(int argc, char** argv) {
  // `execline COMMAND ...`: see interfaces/execline.md section 1.
  if (base_name(argv[0]) == kMulticall) {
    if (argc < 2) {
      print_error({kMulticall, ": usage: ", kMulticall, " command [ arguments... ]"});
      return kExitUsage;
    }
    if (std::ranges::none_of(execline::chain_tools(),
                             [&](const ChainTool& tool) { return std::string_view(argv[1]) == tool.name; }))
      return fatal(kMulticall, {"unknown subcommand: ", argv[1]}, kExitUsage);
    --argc;
    ++argv;
  }
  return run_chain_program(execline::chain_tools(), kVoice, argc, argv, {}, InOneProcess::Yes);
}
