#include "core/definition/unit_file.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(UnitFile, HasSettingsInSections) {
  const UnitFile unit =
      parse_unit_file("# c\n ; c\n\n[Unit]\nA = one\n[Service]\n B=\"two  words\" \nB=\n", "x.service");
  ASSERT_EQ(unit.settings.size(), 3U);
  EXPECT_EQ(unit.settings[0].section, "Unit");
  EXPECT_EQ(unit.settings[0].key, "A");
  EXPECT_EQ(unit.settings[0].value, "one");
  EXPECT_EQ(unit.settings[0].file, "x.service");
  EXPECT_EQ(unit.settings[0].line, 5U);
  EXPECT_EQ(unit.settings[1].section, "Service");
  EXPECT_EQ(unit.settings[1].value, "\"two  words\"");
  EXPECT_EQ(unit.settings[2].value, "");
  EXPECT_EQ(unit.settings[2].line, 8U);
  EXPECT_TRUE(unit.strays.empty());
}

TEST(UnitFile, ALineGoesOnAfterABackslash) {
  const UnitFile unit = parse_unit_file("[S]\nA=1 \\\n  2\\\n# no part\n 3\nB=4", "f");
  ASSERT_EQ(unit.settings.size(), 2U);
  EXPECT_EQ(unit.settings[0].value, "1  2 3");
  EXPECT_EQ(unit.settings[0].line, 2U);
  EXPECT_EQ(unit.settings[1].value, "4");
  EXPECT_EQ(unit.settings[1].line, 6U);
  EXPECT_EQ(parse_unit_file("A=1\\", "f").settings.at(0).value, "1\\");
}

TEST(UnitFile, NothingIsPassedOver) {
  const UnitFile unit = parse_unit_file("word\nA=1\n[S\n=x\n", "f");
  ASSERT_EQ(unit.settings.size(), 1U);
  EXPECT_EQ(unit.settings[0].section, "");
  ASSERT_EQ(unit.strays.size(), 3U);
  EXPECT_EQ(unit.strays[0].text, "word");
  EXPECT_EQ(unit.strays[1].text, "[S");
  EXPECT_EQ(unit.strays[2].line, 4U);
}

TEST(UnitFile, ADropInComesBehind) {
  UnitFile unit = parse_unit_file("[S]\nA=1\n", "a");
  unit.append(parse_unit_file("[S]\nA=2\nstray\n", "b"));
  ASSERT_EQ(unit.settings.size(), 2U);
  EXPECT_EQ(unit.settings[1].file, "b");
  EXPECT_EQ(unit.strays.at(0).file, "b");
}

}  // namespace
}  // namespace kindred
