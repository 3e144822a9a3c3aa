#pragma once
// nosh's chain tools and its interpreter. Source: interfaces/nosh.md sections 16 and 17, interfaces/nosh-system.md
// sections 2 and 4.

namespace kindred::nosh {

/// The tool that argv[0] names, or kindred-nosh-chain's first argument.
int chain_main(int argc, char** argv);

}  // namespace kindred::nosh
