#include "core/base/printable.h"

#include <gtest/gtest.h>

#include <random>

namespace kindred {
namespace {

TEST(Printable, NothingSteersTheTerminalAndNothingIsLost) {
  EXPECT_EQ(printable("a\033[31m\nb\x7f"), "a\\x1b[31m\\x0ab\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\xc2\\x9b2J")
      << "a control character beyond ASCII";
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3") << "no UTF-8";
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80"), "\\xc0\\xaf\\xed\\xa0\\x80") << "overlong, and half a pair";
  EXPECT_EQ(printable("a\u202eb"), "a\\xe2\\x80\\xaeb") << "what turns the direction of writing";
  EXPECT_EQ(printable("a\tb"), "a\\x09b");
  EXPECT_EQ(printable("dämon 守护 🐘 שלום"), "dämon 守护 🐘 שלום");
  std::string tabbed;
  append_printable(tabbed, "a\tb\a");
  EXPECT_EQ(tabbed, "a\tb\\x07");
}

TEST(Printable, AnyBytesBecomeHarmless) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (const char c : printable(bytes)) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    EXPECT_EQ(printable(printable(bytes)), printable(bytes));
  }
}

TEST(DisplayWidth, CountsPlaces) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("dämon"), 5U);
  EXPECT_EQ(display_width("守护"), 4U);
  EXPECT_EQ(display_width("🐘"), 2U);
  EXPECT_EQ(display_width("a\u0301"), 1U) << "a mark on the letter before";
}

TEST(CutTo, LeavesWhatFits) {
  EXPECT_EQ(cut_to("abc", 3), "abc");
  EXPECT_EQ(cut_to("abcd", 3), "ab…");
  EXPECT_EQ(cut_to("守护神", 4), "守…") << "half a character is none";
  EXPECT_EQ(cut_to("abc", 0), "");
  EXPECT_EQ(cut_to(std::string(255, 'x'), 10).size(), 9 + std::string_view("…").size());
}

}  // namespace
}  // namespace kindred
