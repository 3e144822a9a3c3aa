// runit's chain tools: the table is in tools.cpp.

#include "compat-runit/chain/tools.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{
    .prefix = "chpst", .between = ": ", .after_usage = "\n\n", .search = {.seeks_empty_name = true}};

}  // namespace

int main(int argc, char** argv) {
  return run_chain_program(runit::chain_tools(), kVoice, argc, argv,
                           {.others = "chpst", .ignored_first = 'd'});
}
