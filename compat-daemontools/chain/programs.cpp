// daemontools' chain tools: the table is in tools.cpp.

#include "compat-daemontools/chain/tools.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{.search = {.seeks_empty_name = true}};

}  // namespace

int main(int argc, char** argv) { return run_chain_program(daemontools::chain_tools(), kVoice, argc, argv); }
