#include "core/run/follow.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(PidFile, HoldsANumber) {
  EXPECT_EQ(parse_pid("123\n"), 123);
  EXPECT_EQ(parse_pid("  123 rest"), 123);
  // Not process 1, and nothing that a signal would make a group of.
  for (const char* const text : {"", "\n", "0", "1", "-5", "x", "12x", "99999999999", "4194305"})
    EXPECT_FALSE(parse_pid(text)) << text;
}

}  // namespace
}  // namespace kindred
