#include "core/base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace kindred {
namespace {

TEST(Number, IsAllOfTheWord) {
  EXPECT_EQ(parse_unsigned<unsigned>("0"), 0U);
  EXPECT_EQ(parse_unsigned<unsigned>("007"), 7U);
  EXPECT_EQ(parse_unsigned<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  for (const char* const text : {"", " 1", "1 ", "-1", "+1", "0x1", "1x", "x"})
    EXPECT_FALSE(parse_unsigned<unsigned>(text)) << text;
}

TEST(Number, IsNoneWhereTheTypeCannotHoldIt) {
  EXPECT_EQ(parse_unsigned<std::uint16_t>("65535"), 65535U);
  EXPECT_FALSE(parse_unsigned<std::uint16_t>("65536"));
  EXPECT_FALSE(parse_unsigned<std::uint64_t>("18446744073709551616"));
}

}  // namespace
}  // namespace kindred
