// encore's chain tools: the table is in tools.cpp.

#include "compat-encore/chain/tools.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{.search = {.seeks_empty_name = true}};

}  // namespace

int main(int argc, char** argv) { return run_chain_program(encore::chain_tools(), kVoice, argc, argv); }
