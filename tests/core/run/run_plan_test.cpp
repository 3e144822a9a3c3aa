#include "core/run/run_plan.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace kindred {
namespace {

Result<RunPlan> parse(std::vector<std::string> words) { return parse_run(words); }

RunPlan plan_of(std::vector<std::string> options) {
  options.emplace_back("prog");
  const auto plan = parse_run(options);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().object + ": " + plan.error().operation);
  return plan ? *plan : RunPlan{};
}

TEST(RunPlan, OptionsEndBeforeTheProgram) {
  EXPECT_EQ(plan_of({}).program, std::vector<std::string>{"prog"});
  EXPECT_EQ(parse({"--", "--user=x"})->program, std::vector<std::string>{"--user=x"});
  EXPECT_EQ(parse({"--notify", "prog", "--notify"})->program, (std::vector<std::string>{"prog", "--notify"}));
  EXPECT_FALSE(plan_of({}).confines());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--notify"}, {"--nonesuch", "x"}, {"--notify=1", "x"}, {"--user", "x"}})
    EXPECT_FALSE(parse(words));
}

TEST(RunPlan, WhatIsWrongIsNamed) {
  for (const char* const word : {"--protect-system=perhaps",
                                 "--protect-home=x",
                                 "--capability-bounding-set=CAP_X",
                                 "--system-call-filter=@x",
                                 "--runtime-directory=../x",
                                 "--runtime-directory=/x",
                                 "--runtime-directory=a/../b",
                                 "--runtime-directory-mode=9",
                                 "--exec-start-pre=\"",
                                 "--exec-start-pre=",
                                 "--notify-fd=-1",
                                 "--oom-score-adjust=1001",
                                 "--type=dbus",
                                 "--listen-stream=host:http",
                                 "--listen-fifo=80",
                                 "--listen-sequential-packet=80",
                                 "--socket-mode=x",
                                 "--watchdog-sec=soon",
                                 "--user=",
                                 "--file-descriptor-name=a:b",
                                 "--backlog=x",
                                 "--bind-ipv6-only=x"}) {
    const auto plan = parse({word, "x"});
    ASSERT_FALSE(plan) << word;
    EXPECT_FALSE(plan.error().operation.empty()) << word;
  }
}

TEST(RunPlan, ListsAddUpAndAreTakenBack) {
  EXPECT_EQ(plan_of({"--read-only-paths=/a -/b", "--read-only-paths=/c"}).room.read_only,
            (std::vector<std::string>{"/a", "-/b", "/c"}));
  EXPECT_EQ(plan_of({"--read-only-paths=/a", "--read-only-paths=", "--read-only-paths=/c"}).room.read_only,
            std::vector<std::string>{"/c"});
  const RunPlan plan =
      plan_of({"--state-directory=a b/c", "--runtime-directory=r:link", "--state-directory-mode=0700"});
  ASSERT_EQ(plan.directories.size(), 2U);
  EXPECT_EQ(plan.directories[0].names, (std::vector<std::string>{"a", "b/c"}));
  EXPECT_EQ(plan.directories[0].mode, 0700U);
  EXPECT_EQ(plan.directories[1].names, std::vector<std::string>{"r"});
}

TEST(RunPlan, WhatProtectsIsACapabilityAndACall) {
  const RunPlan plan = plan_of({"--protect-clock", "--system-call-filter=@system-service",
                                "--system-call-error-number=EPERM", "--protect-kernel-modules"});
  EXPECT_TRUE(plan.confines());
  EXPECT_FALSE(*plan.bounding & *capability_named("CAP_SYS_TIME"));
  EXPECT_FALSE(*plan.bounding & *capability_named("CAP_SYS_MODULE"));
  EXPECT_TRUE(plan.guard->calls.contains(*system_call_named("clock_settime")));
  EXPECT_TRUE(plan.guard->calls.contains(*system_call_named("init_module")));
  EXPECT_FALSE(plan.guard->allows);
  EXPECT_TRUE(plan.filter->allows);
  EXPECT_EQ(plan.filter->error, EPERM);
  EXPECT_TRUE(plan_of({"--protect-hostname"}).own_host_name);
}

TEST(RunPlan, SocketsAreMadeAsIsSaidBehindThem) {
  const RunPlan plan = plan_of({"--listen-stream=80", "--listen-datagram=[::1]:53", "--listen-stream=/run/s",
                                "--listen-fifo=/run/f", "--socket-mode=0600", "--backlog=7",
                                "--file-descriptor-name=a", "--file-descriptor-name=b"});
  ASSERT_EQ(plan.listeners.size(), 4U);
  const auto& web = std::get<ListenInternet>(plan.listeners[0]);
  EXPECT_EQ(web.port, "80");
  EXPECT_EQ(web.backlog, 7);
  EXPECT_TRUE(web.passing.stacks && web.both_versions);
  EXPECT_EQ(std::get<ListenInternet>(plan.listeners[1]).host, "::1");
  EXPECT_TRUE(std::get<ListenInternet>(plan.listeners[1]).addresses.datagrams);
  EXPECT_EQ(std::get<ListenLocal>(plan.listeners[2]).ownership.mode, 0600U);
  EXPECT_EQ(plan.listener_names, "a:b");
}

TEST(RunPlan, CommandsComeInOrder) {
  const RunPlan plan = plan_of({"--exec-start-pre=-/a b ; +/c", "--exec-start-pre=/d"});
  ASSERT_EQ(plan.before.size(), 3U);
  EXPECT_TRUE(plan.before[0].ignores_failure);
  EXPECT_TRUE(plan.before[1].privileged);
  EXPECT_EQ(plan.before[2].words, std::vector<std::string>{"/d"});
}

TEST(RunPlan, ThereIsALineForEachOption) {
  const std::string text = run_options_text();
  EXPECT_NE(text.find("  --notify\n"), std::string::npos);
  EXPECT_NE(text.find("  --protect-system=yes|full|strict|no\n"), std::string::npos);
}

}  // namespace
}  // namespace kindred
