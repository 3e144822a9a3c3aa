#include "compat-runit/client/sv_action.h"

#include <gtest/gtest.h>

#include <string>

namespace kindred::runit {
namespace {

/// "LETTERS", with " waits" and " kills"; "show"; "usage".
std::string told(std::string_view word, bool lsb = false) {
  const auto action = parse_action(word, lsb);
  if (!action) return "usage";
  if (action->shows_status()) return "show";
  return std::string(action->letters) + (action->waits ? " waits" : "") + (action->kills ? " kills" : "");
}

TEST(SvAction, TheFirstLetterIsEnough) {
  for (const char* letter : {"u", "d", "o", "p", "c", "h", "a", "i", "q", "1", "2", "t", "k", "x"}) {
    EXPECT_EQ(told(letter), letter);
    EXPECT_EQ(told(std::string(letter) + "whatever"), letter);
  }
  EXPECT_EQ(told("exit"), "x");
}

TEST(SvAction, SomeWordsMeanMore) {
  EXPECT_EQ(told("start"), "u waits");
  EXPECT_EQ(told("stop"), "d waits");
  EXPECT_EQ(told("shutdown"), "x waits");
  EXPECT_EQ(told("restart"), "tcu waits");
  EXPECT_EQ(told("try-restart"), "tc waits");
  EXPECT_EQ(told("reload"), "h waits");
  EXPECT_EQ(told("check"), "C waits");
  EXPECT_EQ(told("force-stop"), "d waits kills");
  EXPECT_EQ(told("Down"), "d waits kills");
  EXPECT_EQ(told("force-reload"), "tc waits kills");
  EXPECT_EQ(told("T"), "tc waits kills");
  EXPECT_EQ(told("force-restart"), "tcu waits kills");
  EXPECT_EQ(told("force-shutdown"), "x waits kills");
  EXPECT_EQ(told("X"), "x waits kills");
  EXPECT_EQ(told("E"), "x waits kills");
}

TEST(SvAction, OnlyWholeWordsMeanMore) {
  EXPECT_EQ(told("checkup"), "c");
  EXPECT_EQ(told("tr"), "t");
  EXPECT_EQ(told("starts"), "show");
  EXPECT_EQ(told("status"), "show");
  EXPECT_EQ(told("s"), "show");
}

TEST(SvAction, WhatIsNoCommandIsUsage) {
  for (const char* word : {"", "r", "restarts", "f", "force", "force-x", "3", "z", "-", "U", "F"})
    EXPECT_EQ(told(word), "usage") << word;
}

TEST(SvAction, AnInitScriptIsStrictAboutWordsWithS) {
  EXPECT_EQ(told("status", true), "show");
  EXPECT_EQ(told("start", true), "u waits");
  EXPECT_EQ(told("s", true), "usage");
  EXPECT_EQ(told("statuss", true), "usage");
  EXPECT_EQ(told("upx", true), "u");
}

}  // namespace
}  // namespace kindred::runit
