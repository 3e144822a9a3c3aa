#include "compat-s6/execline/mode_text.h"

#include <gtest/gtest.h>

namespace kindred::execline {
namespace {

// interfaces/execline.md section 15.
TEST(ParseMask, ClausesChangeWhatIsLetThrough) {
  EXPECT_EQ(parse_mask("027", 022), 027U);
  EXPECT_EQ(parse_mask("77777", 022), 0777U);
  EXPECT_EQ(parse_mask("g+w", 022), 002U);
  EXPECT_EQ(parse_mask("go-rx", 022), 077U);
  EXPECT_EQ(parse_mask("+w", 022), 0U);
  EXPECT_EQ(parse_mask("g=u", 022), 002U);
  EXPECT_EQ(parse_mask("a=r,u+w", 022), 0133U);
  EXPECT_EQ(parse_mask("u=rwx,g=rx,o=", 022), 022U);  // recorded: o= says nothing
  for (const char* wrong : {"z", "o=gu", "08", "-22 ", "+u", "u=rz"})
    EXPECT_FALSE(parse_mask(wrong, 022)) << wrong;
}

TEST(SymbolicMask, IsWhatIsLetThrough) {
  EXPECT_EQ(symbolic_mask(022), "u=rwx,g=rx,o=rx");
  EXPECT_EQ(symbolic_mask(0777), "u=,g=,o=");
}

TEST(CanonicalPath, GoesByTheText) {
  EXPECT_EQ(canonical_path("/a/b", "../c/./d"), "/a/c/d");
  EXPECT_EQ(canonical_path("/a", "/x//y/.."), "/x");
  EXPECT_EQ(canonical_path("/a", "../../.."), "/");
}

}  // namespace
}  // namespace kindred::execline
