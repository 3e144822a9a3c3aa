#include "core/engine/script_environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace kindred {
namespace {

std::vector<std::string> variables(const SpawnPlan& plan) {
  std::vector<std::string> all;
  for (const char* const* variable = plan.environment; *variable != nullptr; ++variable)
    all.emplace_back(*variable);
  return all;
}
bool has(const std::vector<std::string>& all, const std::string& variable) {
  return std::find(all.begin(), all.end(), variable) != all.end();
}

class Environment : public ::testing::Test {
 protected:
  Environment() {
    setenv("KINDRED_TEST_PID", "inherited", 1);
    setenv("KINDRED_TEST_P", "near", 1);
  }
  ~Environment() override {
    unsetenv("KINDRED_TEST_PID");
    unsetenv("KINDRED_TEST_P");
  }
};

TEST_F(Environment, IsOursWhereNothingIsAskedFor) {
  ScriptEnvironment environment;
  SpawnPlan plan;
  environment.give(ScriptRule{}, ServiceMachine{}, Instant{0}, plan);
  EXPECT_EQ(plan.environment, nullptr);
  EXPECT_EQ(plan.own_pid, nullptr);
}

TEST_F(Environment, TellsOfTheRunThatHasEnded) {
  ScriptRule rule;
  rule.environment = {{"KINDRED_TEST_PID", Fact::EndedPid}, {"KINDRED_TEST_SECONDS", Fact::SecondsLived}};
  ServiceMachine machine;
  machine.run_pid = 815;
  machine.started_at = Instant{1'000'000};
  ScriptEnvironment environment;
  SpawnPlan plan;
  environment.give(rule, machine, Instant{13'600'000}, plan);
  const auto all = variables(plan);
  EXPECT_TRUE(has(all, "KINDRED_TEST_PID=815"));
  EXPECT_TRUE(has(all, "KINDRED_TEST_SECONDS=13"));
  EXPECT_FALSE(has(all, "KINDRED_TEST_PID=inherited"));
  EXPECT_TRUE(has(all, "KINDRED_TEST_P=near"));
  EXPECT_TRUE(has(all, std::string("PATH=") + std::getenv("PATH")));
}

TEST_F(Environment, LeavesRoomForTheScriptsOwnPid) {
  ScriptRule rule;
  rule.environment = {{"KINDRED_TEST_PID", Fact::OwnPid}};
  ScriptEnvironment environment;
  SpawnPlan plan;
  environment.give(rule, ServiceMachine{}, Instant{0}, plan);
  ASSERT_NE(plan.own_pid, nullptr);
  std::string("4194304").copy(plan.own_pid, 8);
  plan.own_pid[7] = '\0';
  EXPECT_TRUE(has(variables(plan), "KINDRED_TEST_PID=4194304"));
}

}  // namespace
}  // namespace kindred
