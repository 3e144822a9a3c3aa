#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace kindred {
namespace {

using Four = std::array<std::uint8_t, 4>;

TEST(Bytes, BigEndianPutsTheHighByteFirst) {
  Four out{};
  put_be<4>(out, 0, 0x01020304);
  EXPECT_EQ(out, (Four{1, 2, 3, 4}));
  EXPECT_EQ(get_be<4>(out, 0), 0x01020304U);
}

TEST(Bytes, LittleEndianPutsTheLowByteFirst) {
  Four out{};
  put_le<4>(out, 0, 0x01020304);
  EXPECT_EQ(out, (Four{4, 3, 2, 1}));
  EXPECT_EQ(get_le<4>(out, 0), 0x01020304U);
}

TEST(Bytes, OnlyTheFieldIsTouched) {
  Four out{9, 9, 9, 9};
  put_be<2>(out, 1, 0xffff'0102);
  EXPECT_EQ(out, (Four{9, 1, 2, 9}));
  put_le<2>(out, 1, 0xffff'0102);
  EXPECT_EQ(out, (Four{9, 2, 1, 9}));
}

TEST(Bytes, EightBytesHoldAnyNumber) {
  std::array<std::uint8_t, 8> out{};
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x8000'0000'0000'0000},
                                    UINT64_MAX, std::uint64_t{0x0123'4567'89ab'cdef}}) {
    put_be<8>(out, 0, value);
    EXPECT_EQ(get_be<8>(out, 0), value);
    put_le<8>(out, 0, value);
    EXPECT_EQ(get_le<8>(out, 0), value);
  }
}

TEST(Bytes, AreUsableAtCompileTime) {
  constexpr auto reversed = [] {
    Four out{};
    put_le<4>(out, 0, 0x0a0b0c0d);
    return get_be<4>(out, 0);
  }();
  static_assert(reversed == 0x0d0c0b0a);
}

}  // namespace
}  // namespace kindred
