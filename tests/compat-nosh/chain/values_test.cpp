// What the tools make of values, without a process.

#include <gtest/gtest.h>

#include "compat-nosh/chain/knob_value.h"
#include "compat-nosh/chain/printed_variable.h"
#include "compat-nosh/chain/socket_rules.h"
#include "core/base/quoted_words.h"

namespace kindred::nosh {
namespace {

TEST(PrintedValue, EndsAsItsFormSays) {
  EXPECT_EQ(printed_value("a\nb", PrintForm::Lines), "a\nb\n");
  EXPECT_EQ(printed_value("a", PrintForm::Nul), std::string("a\0", 2));
  EXPECT_EQ(printed_value("a\nb", PrintForm::EnvironmentDirectory), std::string("a\0b\n", 4));
}

TEST(PrintedValue, IsQuotedOnlyWhereItHasTo) {
  EXPECT_EQ(quoted_value("/a-b._9"), "/a-b._9");
  EXPECT_EQ(quoted_value(""), "''");
  EXPECT_EQ(quoted_value("a b"), "'a b'");
  EXPECT_EQ(quoted_value("a $'b"), "'a $'\\''b'");
  EXPECT_EQ(quoted_value("it's \"$`\\"), "\"it's \\\"\\$\\`\\\\\"");
}

TEST(PrintedValue, IsReadBackByReadConf) {
  for (const std::string& value : {std::string(), std::string("a b"), std::string("it's\n\"x\" \\ $y"),
                                   std::string("'\n'"), std::string("\n"), std::string("a'b\nc\\")}) {
    const QuotedWords words = split_quoted_words("A=" + quoted_value(value));
    EXPECT_EQ(words.words, std::vector<std::string>{"A=" + value});
  }
}

std::string rules(std::vector<const char*> variables) {
  variables.push_back(nullptr);
  const auto found = rule_directories(Environment(variables.data()), 0, 0);
  if (!found) return found.error().object + ": " + found.error().operation;
  std::string text;
  for (const std::string& name : found->names) text += name + " ";
  return text;
}

TEST(SocketRules, GoFromTheAddressToItsFirstBit) {
  const std::string v4 = rules({"PROTO=TCP", "TCPREMOTEIP=10.1.2.3"});
  EXPECT_TRUE(v4.starts_with("ip4/10.1.2.3_32 ip4/10.1.2.2_31 ip4/10.1.2.0_30 ")) << v4;
  EXPECT_NE(v4.find(" ip4/10.0.0.0_8 "), std::string::npos);
  EXPECT_TRUE(v4.ends_with(" ip4/0.0.0.0_1 "));
  const std::string v6 = rules({"PROTO=TCP6", "TCP6REMOTEIP=fe80::1:2"});
  EXPECT_TRUE(v6.starts_with("ip6/fe80::1:2_128 ")) << v6;
  EXPECT_NE(v6.find(" ip6/fe80::_10 "), std::string::npos);
}

TEST(SocketRules, KnowUsersAndGroups) {
  EXPECT_EQ(rules({"PROTO=UNIX", "UNIXREMOTEEUID=5", "UNIXREMOTEEGID=6"}), "uid/5 gid/6 uid/default ");
  EXPECT_EQ(rules({"PROTO=UNIX", "UNIXREMOTEEUID=0", "UNIXREMOTEEGID=0"}),
            "uid/self gid/self uid/0 gid/0 uid/default ");
}

TEST(SocketRules, WhatIsMissingOrWrongIsNamed) {
  EXPECT_EQ(rules({}), "PROTO: Missing environment variable");
  EXPECT_EQ(rules({"PROTO=UDP"}), "UDP: Unknown protocol");
  EXPECT_EQ(rules({"PROTO=TCP", "TCPREMOTEIP=nonsense"}), "nonsense: Bad address");
  EXPECT_EQ(rules({"PROTO=UNIX", "UNIXREMOTEEUID=x", "UNIXREMOTEEGID=0"}), "x: Not a number");
}

TEST(KnobValue, FollowsItsRules) {
  const auto device = [](const std::string& path) -> std::optional<dev_t> {
    return path == "/dev/sda" ? std::optional<dev_t>(0x810) : std::nullopt;
  };
  EXPECT_EQ(knob_value("as it is", {}, device), "as it is");
  EXPECT_EQ(knob_value("infinity", {.infinity_is_max = true}, device), "max");
  EXPECT_EQ(knob_value("2M", {.multiplies = true}, device), "2097152");
  EXPECT_EQ(knob_value("50%", {.percent_of = 1001}, device), "500");
  EXPECT_EQ(
      knob_value("/dev/sda 1K", {.multiplies = true, .begins_with_device = true, .key = "rbps"}, device),
      "8:16 rbps=1024");
  EXPECT_FALSE(knob_value("/dev/none 1", {.begins_with_device = true}, device));
  for (const char* const bad : {"", "x", "-1", "M", "99999999999999999999", "99999999T"})
    EXPECT_FALSE(knob_value(bad, {.multiplies = true}, device)) << bad;
  EXPECT_FALSE(knob_value("101%", {.percent_of = 1}, device));
}

}  // namespace
}  // namespace kindred::nosh
