#include "compat-s6/settings.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "compat-s6/convention.h"

namespace kindred::s6 {
namespace {

class Files final : public ServiceFiles {
 public:
  Files(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {}
  [[nodiscard]] std::optional<std::string_view> read(const char* name,
                                                     std::span<char> room) const noexcept override {
    const auto found = files_.find(name);
    if (found == files_.end()) return std::nullopt;
    return std::string_view(room.data(), found->second.copy(room.data(), room.size()));
  }
  void warn(std::string_view text) const noexcept override { warnings.emplace_back(text); }

  mutable std::vector<std::string> warnings;

 private:
  std::map<std::string, std::string> files_;
};

struct Configured {
  Convention convention = kConvention.main;
  std::vector<std::string> warnings;
  [[nodiscard]] Duration finish_limit() const { return convention.script(Script::Finish).limit; }
};

Configured configured(const Files& files) {
  Configured result{};
  for (const Setting setting : kSettings) configure(files, setting, result.convention);
  result.warnings = files.warnings;
  return result;
}

TEST(Settings, AServiceWithoutThemIsAsTheConventionSays) {
  const Configured plain = configured({});
  EXPECT_EQ(plain.convention.down_signal, SIGTERM);
  EXPECT_EQ(plain.convention.reload_signal, SIGHUP);
  EXPECT_EQ(plain.convention.kill_after, Duration{0});
  EXPECT_EQ(plain.finish_limit(), std::chrono::seconds(5));
  EXPECT_EQ(plain.convention.ready_fd, -1);
}

TEST(Settings, EachChangesItsField) {
  const Configured all = configured({{"notification-fd", "5\n"},
                                     {"lock-fd", "6"},
                                     {"timeout-kill", "300\n"},
                                     {"timeout-finish", "0\n"},
                                     {"max-death-tally", "2\n"},
                                     {"down-signal", "SIGhup\nignored"},
                                     {"reload-signal", "usr1\n"}});
  EXPECT_TRUE(all.warnings.empty());
  EXPECT_EQ(all.convention.ready_fd, 5);
  EXPECT_EQ(all.convention.lock_fd, 6);
  EXPECT_EQ(all.convention.kill_after, std::chrono::milliseconds(300));
  EXPECT_EQ(all.finish_limit(), Duration{0});
  EXPECT_EQ(all.convention.death_tally, 2);
  EXPECT_EQ(all.convention.down_signal, SIGHUP);
  EXPECT_EQ(all.convention.reload_signal, SIGUSR1);
}

TEST(Settings, WhatIsNoNumberIsSaidAndCountsAsAbsent) {
  for (const char* text : {"", "\n", " 5", "5 ", "+5", "-5", "x", "5x", "99999999999999", "0x5"}) {
    const Configured one = configured({{"timeout-kill", text}});
    EXPECT_EQ(one.warnings, std::vector<std::string>{"invalid timeout-kill"}) << text;
    EXPECT_EQ(one.convention.kill_after, Duration{0}) << text;
  }
  EXPECT_EQ(configured({{"down-signal", "SIGNAL"}}).warnings,
            std::vector<std::string>{"invalid down-signal"});
  EXPECT_EQ(configured({{"notification-fd", "0"}}).convention.ready_fd, -1);
  EXPECT_EQ(configured({{"notification-fd", "9999999"}}).convention.ready_fd, -1);
}

TEST(Settings, MoreDeathsThanTheFileHoldsAreAsManyAsItHolds) {
  EXPECT_EQ(configured({{"max-death-tally", "100000"}}).convention.death_tally, 4096);
  EXPECT_EQ(configured({{"max-death-tally", "0"}}).convention.death_tally, 0);
}

TEST(Settings, OneIsReadAndNoOther) {
  const Files files({{"timeout-kill", "300"}, {"timeout-finish", "wrong"}});
  Convention convention = kConvention.main;
  configure(files, Setting::KillAfter, convention);
  EXPECT_EQ(convention.kill_after, std::chrono::milliseconds(300));
  EXPECT_TRUE(files.warnings.empty());
}

TEST(Settings, OneDescriptorCannotBeBoth) {
  const Configured both = configured({{"notification-fd", "5"}, {"lock-fd", "5"}});
  EXPECT_EQ(both.convention.ready_fd, 5);
  EXPECT_EQ(both.convention.lock_fd, -1);
  EXPECT_EQ(both.warnings.size(), 1U);
}

}  // namespace
}  // namespace kindred::s6
