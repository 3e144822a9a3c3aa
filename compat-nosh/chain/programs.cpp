#include "compat-nosh/chain/tools.h"

int main(int argc, char** argv) { return kindred::nosh::chain_main(argc, argv); }
