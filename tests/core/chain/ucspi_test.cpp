#include "core/chain/ucspi.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace kindred {
namespace {

std::string value(const std::vector<VariableChange>& changes, std::string_view name) {
  for (const VariableChange& change : changes)
    if (change.name == name) return change.value.value_or("removed");
  return "untouched";
}

TEST(InternetVariables, TellBothEndsAndRemoveWhatIsNotKnown) {
  ConnectionEnds ends{*parse_internet_host("10.0.0.1"), *parse_internet_host("fe80::1:2")};
  ends.local.set_port(80);
  ends.remote.set_port(65535);
  const auto changes = internet_variables("TCP", ends, std::nullopt);
  EXPECT_EQ(value(changes, "PROTO"), "TCP");
  EXPECT_EQ(value(changes, "TCPLOCALIP"), "10.0.0.1");
  EXPECT_EQ(value(changes, "TCPLOCALPORT"), "80");
  EXPECT_EQ(value(changes, "TCPREMOTEIP"), "fe80::1:2");
  EXPECT_EQ(value(changes, "TCPREMOTEPORT"), "65535");
  for (const char* const name : {"TCPLOCALHOST", "TCPLOCALINFO", "TCPREMOTEHOST", "TCPREMOTEINFO"})
    EXPECT_EQ(value(changes, name), "removed") << name;
  EXPECT_EQ(value(internet_variables("UDP", ends, "me"), "UDPLOCALHOST"), "me");
}

TEST(LocalVariables, TellWhoIsThere) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const auto changes = local_variables(ends[0], "name");
  EXPECT_EQ(value(changes, "UNIXLOCALPATH"), "name");
  EXPECT_EQ(value(changes, "UNIXREMOTEPATH"), "removed");
  EXPECT_EQ(value(changes, "UNIXREMOTEPID"), std::to_string(::getpid()));
  EXPECT_EQ(value(changes, "UNIXREMOTEEUID"), std::to_string(::geteuid()));
  EXPECT_EQ(value(changes, "UNIXLOCALUID"), "removed");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(InheritedSockets, AreCountedOnlyForThisProcess) {
  const std::string mine = "LISTEN_PID=" + std::to_string(::getpid());
  const auto count = [](std::vector<const char*> block) {
    block.push_back(nullptr);
    return inherited_sockets(Environment(block.data()));
  };
  EXPECT_EQ(count({mine.c_str(), "LISTEN_FDS=3"}), 3U);
  EXPECT_EQ(count({"LISTEN_PID=1", "LISTEN_FDS=3"}), 0U);
  EXPECT_EQ(count({mine.c_str()}), 0U);
  EXPECT_EQ(count({"LISTEN_FDS=3"}), 0U);
  for (const char* const bad : {"LISTEN_FDS=x", "LISTEN_FDS=-1", "LISTEN_FDS=4294967295", "LISTEN_FDS="})
    EXPECT_EQ(count({mine.c_str(), bad}), 0U) << bad;
}

}  // namespace
}  // namespace kindred
