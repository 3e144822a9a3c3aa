// s6's chain tools: the table is in tools.cpp.

#include "compat-s6/chain/tools.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{.reason = system_error_text,
                            .runs = "exec",
                            .not_found_code = 127,
                            .not_executable_code = 126,
                            .search = {.seeks_empty_name = true}};

}  // namespace

int main(int argc, char** argv) { return run_chain_program(s6::chain_tools(), kVoice, argc, argv); }
