// s6's chain tools: the table is in tools.cpp.

#include "compat-s6/chain/tools.h"
#include "compat-s6/program_search.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{.reason = system_error_text,
                            .runs = "exec",
                            .not_found_code = 127,
                            .not_executable_code = 126,
                            .search = s6::kProgramSearch};

}  // namespace

int main(int argc, char** argv) { return run_chain_program(s6::chain_tools(), kVoice, argc, argv); }
