#include "core/definition/unit_name.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(UnitName, HasASuffixAndPerhapsAnInstance) {
  EXPECT_EQ(parse_unit_name("web").full(), "web.service");
  EXPECT_EQ(parse_unit_name("a.b.socket").suffix, ".socket");
  EXPECT_EQ(parse_unit_name("a.b").full(), "a.b.service");
  EXPECT_FALSE(parse_unit_name("web.service").instance);
  const UnitName instance = parse_unit_name("getty@tty1@x.service");
  EXPECT_EQ(instance.prefix, "getty");
  EXPECT_EQ(instance.instance, "tty1@x");
  EXPECT_EQ(instance.bare(), "getty@tty1@x");
  EXPECT_EQ(instance.template_file(), "getty@.service");
  EXPECT_EQ(parse_unit_name("getty@.service").instance, "");
  EXPECT_EQ(parse_unit_name(".service").full(), ".service.service");
}

TEST(EscapedUnitName, IsFitForAUnit) {
  EXPECT_EQ(escaped_unit_name("dev/sd_a1:x.y"), "dev-sd_a1:x.y");
  EXPECT_EQ(escaped_unit_name(".a-b@"), "\\x2ea\\x2db\\x40");
  EXPECT_EQ(escaped_unit_name("\xc3"), "\\xc3");
  EXPECT_EQ(escaped_unit_name(""), "");
}

TEST(EscapedUnitName, IsReadBack) {
  for (const char* const name : {"dev/sd_a1:x.y", ".a-b@", "\xc3", "", "a b\\x2d"})
    EXPECT_EQ(unescaped_unit_name(escaped_unit_name(name)), name);
  EXPECT_EQ(unescaped_unit_name("a\\x2\\xg0\\x-"), "a\\x2\\xg0\\x/");
}

}  // namespace
}  // namespace kindred
