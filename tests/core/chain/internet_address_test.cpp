#include "core/chain/internet_address.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

constexpr AddressRules kNumbers{.numeric_host = true, .numeric_port = true};

/// "HOST PORT", or what is not known.
std::string found(std::string_view host, std::string_view port, const AddressRules& rules = kNumbers) {
  const auto addresses = find_addresses(host, port, rules);
  if (!addresses) return addresses.error().object + ": " + addresses.error().operation;
  return addresses->front().host() + " " + std::to_string(addresses->front().port());
}

TEST(InternetAddress, NumbersNeedNobody) {
  EXPECT_EQ(found("127.0.0.1", "80"), "127.0.0.1 80");
  EXPECT_EQ(found("0.0.0.0", "0"), "0.0.0.0 0");
  EXPECT_EQ(found("::1", "65535"), "::1 65535");
  EXPECT_EQ(found("FE80:0::1:2", "1"), "fe80::1:2 1");
  EXPECT_EQ(parse_internet_host("127.0.0.1")->family(), AF_INET);
  EXPECT_EQ(parse_internet_host("::ffff:1.2.3.4")->family(), AF_INET6);
}

TEST(InternetAddress, AnInterfaceIsPartOfIt) {
  EXPECT_EQ(found("fe80::1%lo", "1"), "fe80::1%lo 1");
  EXPECT_EQ(found("fe80::1%1", "1"), "fe80::1%lo 1");
  EXPECT_FALSE(parse_internet_host("fe80::1%no-such-interface"));
}

TEST(InternetAddress, WhatIsNoNumberIsNamed) {
  const std::string unknown = ": Name or service not known";
  for (const char* const host : {"", "nowhere", "1.2.3.4.5", "1.2.3.4 x", "256.0.0.1", "::g"})
    EXPECT_EQ(found(host, "80"), host + unknown);
  for (const char* const port : {"", "http", "65536", "-1", "80x"})
    EXPECT_EQ(found("::1", port), port + unknown);
}

TEST(InternetAddress, OfOtherFamiliesHasNoText) {
  InternetAddress none;
  EXPECT_EQ(none.host(), "");
  EXPECT_EQ(none.port(), 0);
}

}  // namespace
}  // namespace kindred
