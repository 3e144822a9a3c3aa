#include "compat-nosh/client/preset.h"

#include <gtest/gtest.h>

namespace kindred::nosh {
namespace {

TEST(PresetLine, IsAWordAndAPattern) {
  EXPECT_TRUE(parse_preset_line("  enable  web.service \t")->enables);
  EXPECT_EQ(parse_preset_line("  enable  web.service \t")->pattern, "web.service");
  EXPECT_FALSE(parse_preset_line("disable a b")->enables);
  EXPECT_EQ(parse_preset_line("disable a b")->pattern, "a b");
  for (const char* const line :
       {"", "# enable web", " ; disable web", "enable", "enable ", "enabled web", "ENABLE web"})
    EXPECT_FALSE(parse_preset_line(line)) << line;
}

TEST(PresetPattern, HasStarsQuestionMarksAndBackslashes) {
  for (const char* const pattern :
       {"web", "w?b", "w*b", "*b", "*", "we\\b", "w**b", "***", "w*e*b*", "\\w\\e\\b"})
    EXPECT_TRUE(matches_preset(pattern, "web")) << pattern;
  for (const char* const pattern : {"", "w?", "we\\", "we\\b?", "W*", "web2", "we", "?", "*x", "\\*"})
    EXPECT_FALSE(matches_preset(pattern, "web")) << pattern;
  EXPECT_TRUE(matches_preset("\\*\\?", "*?"));
  EXPECT_FALSE(matches_preset("\\*", "x"));
  EXPECT_TRUE(matches_preset("", ""));
}

TEST(PresetPattern, HasSets) {
  for (const char* const pattern :
       {"[w]eb", "[vwx]*", "w[a-f]b", "w[!a-d]b", "w[^x]b", "*[a-c]", "[]w]eb", "[!]]eb"})
    EXPECT_TRUE(matches_preset(pattern, "web")) << pattern;
  for (const char* const pattern :
       {"[v]eb", "w[f-z]b", "w[!a-f]b", "w[e", "[]eb", "[!w]eb", "we[b-]x", "\\[w]eb"})
    EXPECT_FALSE(matches_preset(pattern, "web")) << pattern;
  EXPECT_TRUE(matches_preset("a[", "a["));
  EXPECT_TRUE(matches_preset("a[b-]", "a-"));
  EXPECT_TRUE(matches_preset("getty@tty[0-9]*", "getty@tty12"));
}

TEST(PresetPattern, ManyStarsTakeNoLonger) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(matches_preset(pattern + "b", std::string(5000, 'a')));
}

TEST(PresetPattern, ASuffixFitsItsKindAlone) {
  EXPECT_TRUE(matches_preset("web.service", "web", BundleKind::Service));
  EXPECT_FALSE(matches_preset("web.target", "web", BundleKind::Service));
  EXPECT_TRUE(matches_preset("web.target", "web", BundleKind::Target));
  EXPECT_FALSE(matches_preset("web.socket", "web", BundleKind::Service));
  for (const char* const pattern : {"web", "web.service", "web.target", "web.socket", "web.timer"})
    EXPECT_TRUE(matches_preset(pattern, "web", BundleKind::ByPath)) << pattern;
}

TEST(PresetFile, TheFirstLineThatMatchesDecides) {
  EXPECT_EQ(preset_of("# c\nenable web\ndisable web*\n", "web", BundleKind::Service), true);
  EXPECT_EQ(preset_of("# c\nenable web\ndisable web*\n", "web2", BundleKind::Service), false);
  EXPECT_EQ(preset_of("enable other", "web", BundleKind::Service), std::nullopt);
}

TEST(RcConf, IsReadAsWords) {
  const auto setting = [](std::string_view text, std::string_view name) {
    return *rc_conf_setting(text, name);
  };
  EXPECT_EQ(setting("web_enable=\"NO\" db_enable=YES # c", "web"), false);
  EXPECT_EQ(setting("web_enable=\"NO\" db_enable=YES # c", "db"), true);
  for (const char* const yes : {"1", "On", "TRUE", "yes"})
    EXPECT_EQ(setting(std::string("x_enable='") + yes + "'", "x"), true) << yes;
  EXPECT_EQ(setting("x_enable=", "x"), false);
  EXPECT_EQ(setting("xx_enable=1", "x"), std::nullopt);
  EXPECT_FALSE(rc_conf_setting("x_enable=\"1", "x"));
}

TEST(OtherFiles, TtysAndFstab) {
  EXPECT_EQ(ttys_setting("# c\ntty1 \"getty\" xterm on secure\ntty2 x y off\n", "tty1"), true);
  EXPECT_EQ(ttys_setting("# c\ntty1 \"getty\" xterm on secure\ntty2 x y off\n", "tty2"), false);
  EXPECT_EQ(ttys_setting("", "tty1"), std::nullopt);
  constexpr std::string_view kTable = "/dev/sda1 / ext4 ro 0 1\n/dev/sdb /srv/a-b ext4 rw,noauto 0 2\n";
  EXPECT_EQ(fstab_setting(kTable, "/"), true);
  EXPECT_EQ(fstab_setting(kTable, "srv-a\\x2db"), false);
  EXPECT_EQ(fstab_setting(kTable, "dev-sda1"), true);
  EXPECT_EQ(fstab_setting(kTable, "nowhere"), std::nullopt);
}

TEST(Presets, WhatNobodyMentionsIsWantedOnlyWherePresetFilesAloneAreAsked) {
  const std::string name = "no-such-service-anywhere";
  PresetSources sources;
  EXPECT_FALSE(*is_preset(sources, "", name, BundleKind::Service));
  sources.rc_conf = false;
  EXPECT_TRUE(*is_preset(sources, "", name, BundleKind::Service));
  sources.fstab = true;
  EXPECT_FALSE(*is_preset(sources, "", name, BundleKind::Service));
}

}  // namespace
}  // namespace kindred::nosh
