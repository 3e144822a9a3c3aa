#include "core/run/system_call_filter.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kindred {
namespace {

bool has(std::string_view set, std::string_view call) {
  const auto calls = system_call_set(set);
  return std::find(calls.begin(), calls.end(), call) != calls.end();
}

TEST(SystemCallSets, AreThoseOfTheirNames) {
  EXPECT_TRUE(has("@mount", "mount") && has("@mount", "pivot_root"));
  EXPECT_TRUE(has("@privileged", "swapon") && has("@privileged", "setuid"));
  EXPECT_TRUE(has("@system-service", "read") && has("@system-service", "setuid"));
  EXPECT_FALSE(has("@system-service", "mount") || has("@system-service", "reboot"));
  EXPECT_TRUE(has("@default", "execve") && has("@default", "exit_group"));
  EXPECT_TRUE(system_call_set("@nonesuch").empty());
  EXPECT_TRUE(system_call_set("read").empty());
}

TEST(SystemCallFilter, TheFirstValueDecidesWhatItIs) {
  const auto allowed = change_filter(std::nullopt, "@mount");
  ASSERT_TRUE(allowed);
  EXPECT_TRUE(allowed->allows && allowed->calls.contains(SYS_mount) && allowed->calls.contains(SYS_execve));
  const auto fewer = change_filter(*allowed, "~mount");
  EXPECT_FALSE(fewer->calls.contains(SYS_mount));
  const auto forbidden = change_filter(std::nullopt, "~mount reboot:EPERM");
  EXPECT_EQ(forbidden->calls, (std::set<int>{SYS_mount, SYS_reboot}));
  EXPECT_FALSE(forbidden->allows);
  EXPECT_EQ(forbidden->error, EPERM);
  EXPECT_EQ(change_filter(*forbidden, "reboot")->calls, std::set<int>{SYS_mount});
}

TEST(SystemCallFilter, WhatThisMachineLacksIsNothing) {
  EXPECT_TRUE(change_filter(std::nullopt, "~no_such_call_here")->calls.empty());
  EXPECT_EQ(change_filter(std::nullopt, "@nonesuch").error().object, "@nonesuch");
  EXPECT_FALSE(change_filter(std::nullopt, "READ"));
  EXPECT_FALSE(change_filter(std::nullopt, "read:EWHAT"));
}

TEST(SystemCallFilter, ErrorsHaveNamesOrNumbers) {
  EXPECT_EQ(parse_error_number("EPERM"), EPERM);
  EXPECT_EQ(parse_error_number("38"), 38);
  for (const char* const text : {"", "0", "-1", "4096", "eperm", "1x"})
    EXPECT_FALSE(parse_error_number(text)) << text;
}

/// What the kernel would make of it: the few instructions that there are.
std::uint32_t judge(const SystemCallFilter& filter, const seccomp_data& data) {
  const std::vector<sock_filter> program = filter_program(filter);
  std::uint32_t loaded = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& each = program[at];
    if (BPF_CLASS(each.code) == BPF_RET) return each.k;
    if (BPF_CLASS(each.code) == BPF_LD)
      std::memcpy(&loaded, reinterpret_cast<const char*>(&data) + each.k, sizeof loaded);
    else
      at += (BPF_OP(each.code) == BPF_JEQ ? loaded == each.k : loaded >= each.k) ? each.jt : each.jf;
  }
  return 0xdead;
}

TEST(SystemCallFilter, ItsProgramJudgesByIt) {
  seccomp_data data{};
  data.arch = filter_program({})[1].k;
  SystemCallFilter filter{.allows = true, .calls = {SYS_read, SYS_write}};
  data.nr = SYS_write;
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_ALLOW);
  data.nr = SYS_mount;
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_KILL_PROCESS);
  filter.error = EPERM;
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_ERRNO | EPERM);
  filter = {.calls = {SYS_mount}, .error = ENOSYS};
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_ERRNO | ENOSYS);
  data.nr = SYS_write;
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_ALLOW);
  data.arch ^= 1;
  EXPECT_EQ(judge(filter, data), SECCOMP_RET_ERRNO | ENOSYS);
}

}  // namespace
}  // namespace kindred
