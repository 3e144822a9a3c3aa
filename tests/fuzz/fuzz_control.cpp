// Any bytes as a stream of control commands, to any family, in a world that answers as it likes.
//
//   byte 0     the family
//   bytes 1-4  the seed of the world's answers
//   then       two for each turn: a control byte, and how much happens before the next one

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "tests/core/walk.h"

namespace kindred::test {
namespace {

constexpr std::size_t kHeader = 5;
constexpr std::size_t kMaxTurns = 256;

void drive(ByteView input) {
  if (input.size() < kHeader) return;
  SeededDraw draw(get_le<4>(input, 1));
  Walk walk(*kAllFamilies[input[0] % std::size(kAllFamilies)], draw);
  for (std::size_t turn = 0; turn < kMaxTurns && kHeader + 2 * turn + 1 < input.size(); ++turn) {
    walk.control(static_cast<char>(input[kHeader + 2 * turn]));
    for (unsigned events = input[kHeader + 2 * turn + 1] % 4; events > 0; --events) walk.step();
    if (walk.broken().empty()) continue;
    std::fprintf(stderr, "%s: %s\n", walk.simulation().family().name, walk.broken().c_str());
    std::abort();
  }
}

}  // namespace
}  // namespace kindred::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::test::drive({data, size});
  return 0;
}
