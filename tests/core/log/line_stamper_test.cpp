#include "core/log/line_stamper.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(LineStamper, EveryLineBeginsWithAStamp) {
  LineStamper stamper;
  std::string out;
  stamper.add("one\n\ntwo\n", "# ", out);
  EXPECT_EQ(out, "# one\n# \n# two\n");
  EXPECT_FALSE(stamper.within_line());
}

TEST(LineStamper, ALineHasTheStampOfItsFirstByte) {
  LineStamper stamper;
  std::string out;
  stamper.add("be", "1 ", out);
  EXPECT_TRUE(stamper.within_line());
  stamper.add("", "2 ", out);
  stamper.add("gun\nnext", "3 ", out);
  EXPECT_EQ(out, "1 begun\n3 next");
  EXPECT_TRUE(stamper.within_line());
}

TEST(LineStamper, PiecesMakeNoDifference) {
  const std::string text("a\nbc\n\n\0d\ne", 10);
  LineStamper whole, bytewise;
  std::string expected, out;
  whole.add(text, "=", expected);
  for (const char byte : text) bytewise.add({&byte, 1}, "=", out);
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace kindred
