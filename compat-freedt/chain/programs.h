#pragma once
// The tools of freedt that do more than become their program: one main each, and the words of those that have options.

#include "core/chain/tool.h"

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv);
int mkservice_main(int argc, char** argv);
int ratelimit_main(int argc, char** argv);
int recordio_main(int argc, char** argv);

[[nodiscard]] ChainRequest parse_ratelimit(int argc, char** argv, const Environment& environment);

}  // namespace kindred::freedt
