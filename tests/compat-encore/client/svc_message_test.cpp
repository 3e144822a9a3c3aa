#include "compat-encore/client/svc_message.h"

#include <gtest/gtest.h>

namespace kindred::encore {
namespace {

std::string message(std::string_view options) {
  SvcMessage m;
  for (const char letter : options) EXPECT_TRUE(m.add(letter));
  return m.bytes();
}

// interfaces/encore.md section 10.1, the table of invocations.
TEST(SvcMessage, IsWhatTheOriginalSends) {
  EXPECT_EQ(message(""), "l");
  EXPECT_EQ(message("u"), "lu");
  EXPECT_EQ(message("dx"), "ldx");
  EXPECT_EQ(message("ddu"), "ldu");
  EXPECT_EQ(message("Ldx"), "lLdx");
  EXPECT_EQ(message("Ldlu"), "lLdlu");
  EXPECT_EQ(message("ddLdd"), "ldLd");
  EXPECT_EQ(message("udopchaitkwxq12"), "ludopchaitkwxq12");
}

TEST(SvcMessage, TheSameLetterForOtherProcessesIsAnother) {
  EXPECT_EQ(message("+t=h+k"), "l+t=h+k");
  EXPECT_EQ(message("t+tt=t"), "lt+t=t");
}

TEST(SvcMessage, AnAddresseeIsNamedOnce) {
  EXPECT_EQ(message("++"), "l+");
  EXPECT_EQ(message("+u+d+"), "l+ud");
  EXPECT_EQ(message("=t=h"), "l=th");
  EXPECT_EQ(message("+tL+t"), "l+tL+t");
  EXPECT_EQ(message("+d+d"), "l+d");
}

TEST(SvcMessage, HoldsThirtyTwoBytes) {
  SvcMessage m;
  for (std::size_t i = 1; i < SvcMessage::kMost; ++i) EXPECT_TRUE(m.add(i % 2 == 0 ? 'L' : 'l'));
  const std::string full = m.bytes();
  EXPECT_EQ(full.size(), 32U);
  EXPECT_FALSE(m.add('u'));
  EXPECT_FALSE(m.add('l'));
  EXPECT_EQ(m.bytes(), full);
}

}  // namespace
}  // namespace kindred::encore
