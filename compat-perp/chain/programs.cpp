// perp's chain tools: the table is in tools.cpp.

#include "compat-perp/chain/tools.h"
#include "compat-perp/words.h"

namespace {

using namespace kindred;

constexpr ChainVoice kVoice{.reason = perp::reason_text};

}  // namespace

int main(int argc, char** argv) {
  return run_chain_program(perp::chain_tools(), kVoice, argc, argv, {}, InOneProcess::Yes);
}
