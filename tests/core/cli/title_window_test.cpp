#include "core/cli/title_window.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace kindred {
namespace {

constexpr TitleRules kDots{.minimum = 5, .kept = 3, .blank = true};
constexpr TitleRules kLabelled{.minimum = 7, .kept = 5, .blank = false};

TEST(TitleWindow, BeginsAsDotsOrAsItIs) {
  std::string dots = "aaaaaaaa", label = "log: 1234";
  TitleWindow(dots, kDots);
  TitleWindow(label, kLabelled);
  EXPECT_EQ(dots, "........");
  EXPECT_EQ(label, "log: 1234");
}

TEST(TitleWindow, KeepsItsLeftAndShowsTheEnd) {
  std::string area = "log: ......";
  TitleWindow window(area, kLabelled);
  window.push("ab");
  EXPECT_EQ(area, "log: ....ab");
  window.push("cdef\n");
  EXPECT_EQ(area, "log: bcdef\n");
  window.push("a line that is longer than the window");
  EXPECT_EQ(area, "log: window");
}

TEST(TitleWindow, LeavesNulsOut) {
  std::string area(8, 'x');
  TitleWindow window(area, kDots);
  window.push(std::string_view("a\0\0b\0", 5));
  EXPECT_EQ(area, "......ab");
  window.push({});
  window.push(std::string_view("\0", 1));
  EXPECT_EQ(area, "......ab");
}

TEST(TitleWindow, FitsFromTheMinimumOn) {
  EXPECT_FALSE(TitleWindow::fits("four", kDots));
  EXPECT_TRUE(TitleWindow::fits("fives", kDots));
}

TEST(TitleWindow, ManyBytesAtOnceAreTheSameAsOneByOne) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string whole(5 + random() % 20, '-'), single = whole;
    TitleWindow at_once(whole, kDots), one_by_one(single, kDots);
    for (int push = 0; push < 4; ++push) {
      std::string bytes(random() % 30, ' ');
      for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? 0 : 'a' + random() % 26);
      at_once.push(bytes);
      for (const char& byte : bytes) one_by_one.push({&byte, 1});
      ASSERT_EQ(whole, single);
    }
  }
}

}  // namespace
}  // namespace kindred
