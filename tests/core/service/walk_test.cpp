// Random walks: whatever happens to a machine, the invariants hold, and from wherever it stands it comes up
// and leaves when it is told to.

#include "tests/core/walk.h"

#include <gtest/gtest.h>

#include "tests/core/random_convention.h"

namespace kindred::test {
namespace {

class MachineWalk : public testing::TestWithParam<const Family*> {};

TEST_P(MachineWalk, BreaksNoInvariant) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededDraw draw(seed);
    Walk walk(*GetParam(), draw);
    for (int i = 0; i < 2000; ++i) {
      walk.step();
      ASSERT_EQ(walk.broken(), "") << "seed " << seed << ", step " << i << ": "
                                   << describe(walk.simulation().record());
    }
  }
}

TEST_P(MachineWalk, ComesUpFromAnywhereWhenTold) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SeededDraw draw(seed);
    Walk walk(*GetParam(), draw);
    const unsigned steps = draw(120);
    for (unsigned i = 0; i < steps; ++i) walk.step();
    ASSERT_EQ(walk.comes_up(), "") << "seed " << seed;
  }
}

TEST_P(MachineWalk, LeavesFromAnywhereWhenTold) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SeededDraw draw(seed);
    Walk walk(*GetParam(), draw);
    const unsigned steps = draw(120);
    for (unsigned i = 0; i < steps; ++i) walk.step();
    ASSERT_EQ(walk.leaves(), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, MachineWalk, testing::ValuesIn(kAllFamilies),
                         [](const auto& row) { return std::string(row.param->name); });

/// A family that nobody has, another for each seed.
struct Stranger {
  explicit Stranger(std::uint64_t seed) : draw(seed), convention(ConventionDraw(draw).group()) {}

  SeededDraw draw;
  GroupConvention convention;
  Family family{"stranger", &convention};
};

TEST(AnyConvention, BreaksNoInvariant) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Stranger stranger(seed);
    Walk walk(stranger.family, stranger.draw);
    for (int i = 0; i < 200; ++i) {
      walk.step();
      ASSERT_EQ(walk.broken(), "") << "seed " << seed << ", step " << i << ": "
                                   << describe(walk.simulation().record());
    }
  }
}

TEST(AnyConvention, ComesUpFromAnywhereWhenTold) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Stranger stranger(seed);
    Walk walk(stranger.family, stranger.draw);
    const unsigned steps = stranger.draw(120);
    for (unsigned i = 0; i < steps; ++i) walk.step();
    ASSERT_EQ(walk.comes_up(), "") << "seed " << seed;
  }
}

TEST(AnyConvention, LeavesFromAnywhereWhenTold) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Stranger stranger(seed);
    Walk walk(stranger.family, stranger.draw);
    const unsigned steps = stranger.draw(120);
    for (unsigned i = 0; i < steps; ++i) walk.step();
    ASSERT_EQ(walk.leaves(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace kindred::test
