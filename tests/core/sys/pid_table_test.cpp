#include "core/sys/pid_table.h"

#include <gtest/gtest.h>

#include <map>

namespace kindred {
namespace {

TEST(PidTable, GivesBackWhatWasEnteredOnce) {
  PidTable table;
  table.reserve(4);
  table.insert({.pid = 7, .role = Role::Log, .owner = nullptr});
  EXPECT_EQ(table.take(8).pid, 0);
  EXPECT_EQ(table.take(7).role, Role::Log);
  EXPECT_EQ(table.take(7).pid, 0);
}

TEST(PidTable, FindsWithoutTaking) {
  PidTable table;
  EXPECT_EQ(table.find(7).pid, 0);
  table.reserve(4);
  table.insert({7, Role::Log, nullptr});
  EXPECT_EQ(table.find(7).role, Role::Log);
  EXPECT_EQ(table.find(8).pid, 0);
  EXPECT_EQ(table.take(7).pid, 7);
  EXPECT_EQ(table.find(7).pid, 0);
}

TEST(PidTable, KnowsNobodyBeforeItHasRoom) { EXPECT_EQ(PidTable().take(1).pid, 0); }

TEST(PidTable, AgreesWithAMapOverManyComingsAndGoings) {
  PidTable table;
  std::map<std::int32_t, Role> model;
  constexpr std::size_t kMost = 300;
  table.reserve(kMost);
  std::uint32_t state = 12345;
  auto draw = [&](std::uint32_t below) { return (state = state * 1664525U + 1013904223U) / 65536U % below; };
  for (int i = 0; i < 200'000; ++i) {
    const auto pid = static_cast<std::int32_t>(1 + draw(2000));
    const Role role = draw(2) == 0 ? Role::Main : Role::Log;
    if (model.contains(pid)) {
      ASSERT_EQ(table.take(pid).role, model[pid]);
      model.erase(pid);
    } else if (model.size() < kMost && draw(3) != 0) {
      table.insert({.pid = pid, .role = role, .owner = nullptr});
      model[pid] = role;
    } else {
      ASSERT_EQ(table.take(pid).pid, 0);
    }
    ASSERT_EQ(table.size(), model.size());
  }
}

TEST(PidTable, KeepsItsEntriesWhenItGrows) {
  PidTable table;
  for (std::int32_t pid = 1; pid <= 1000; ++pid) {
    table.reserve(static_cast<std::size_t>(pid));
    table.insert({.pid = pid, .role = Role::Main, .owner = nullptr});
  }
  for (std::int32_t pid = 1; pid <= 1000; ++pid) ASSERT_EQ(table.take(pid).pid, pid);
}

}  // namespace
}  // namespace kindred
