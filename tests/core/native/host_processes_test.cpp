#include "core/native/host_processes.h"

#include <gtest/gtest.h>

#include <random>

namespace kindred {
namespace {

constexpr const char* kStat =
    "12 (a) b (c)) S 7 12 12 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 12345 1000000 300 "
    "18446744073709551615 1 1 0";

TEST(ParseProcessStat, NamesMayHoldAnything) {
  const auto process = parse_process_stat(kStat);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->pid, 12);
  EXPECT_EQ(process->parent, 7);
  EXPECT_EQ(process->command, "a) b (c)");
  EXPECT_EQ(process->cpu_ticks, 300U);
  EXPECT_EQ(process->memory, 300U);
}

TEST(ParseProcessStat, AnyBytesAreReadWithoutHarm) {
  std::mt19937 random(1);
  const std::string whole = kStat;
  for (std::size_t size = 0; size < whole.size(); ++size) (void)parse_process_stat(whole.substr(0, size));
  for (int i = 0; i < 1000; ++i) {
    std::string text = whole;
    text[random() % text.size()] = static_cast<char>(random());
    (void)parse_process_stat(text);
  }
  for (const char* text : {"", "()", "12", "12 (x", ") 12 (", "x (y) S 1"})
    EXPECT_FALSE(parse_process_stat(text)) << text;
}

HostProcesses family() {
  return HostProcesses::of({{1, 0, "init", 10, 0},
                            {12, 1, "web\033", 100, 150},
                            {14, 12, "worker 2", 50, 0},
                            {13, 12, "worker 1", 50, 250},
                            {15, 13, "child", 1, 0}});
}

TEST(HostProcesses, AddsUpWhatAProcessAndAllBelowItUse) {
  const auto usage = family().usage_below(12);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->memory, 201U);
  EXPECT_EQ(usage->cpu_seconds, 400U / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(usage->processes, 4U);
  EXPECT_FALSE(family().usage_below(99));
}

TEST(HostProcesses, ShowsThemAsATree) {
  EXPECT_EQ(family().tree_of(12, "  "), "  12 web\\x1b\n  ├─13 worker 1\n  │ └─15 child\n  └─14 worker 2\n");
  EXPECT_EQ(family().tree_of(99, "  "), "");
}

TEST(HostProcesses, ARingHarmsNobody) {
  const HostProcesses ring = HostProcesses::of({{2, 3, "a", 1, 0}, {3, 2, "b", 1, 0}});
  EXPECT_EQ(ring.usage_below(2)->processes, 2U);
  EXPECT_NE(ring.tree_of(2, ""), "");
}

TEST(HostProcesses, ReadsThisHosts) {
  const auto usage = HostProcesses::read().usage_below(getpid());
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->memory, 0U);
  EXPECT_FALSE(HostProcesses::read("/nonexistent").usage_below(getpid()));
}

}  // namespace
}  // namespace kindred
