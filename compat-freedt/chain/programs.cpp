// freedt's chain tools: the table is in tools.cpp.

#include "compat-freedt/chain/tools.h"

int main(int argc, char** argv) { return kindred::freedt::chain_main(argc, argv); }
