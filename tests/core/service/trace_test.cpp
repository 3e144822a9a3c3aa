#include "core/service/trace.h"

#include <gtest/gtest.h>

#include "core/service/describe.h"
#include "tests/core/simulation.h"
#include "tests/core/walk.h"

namespace kindred::test {
namespace {

using namespace std::chrono_literals;
using Kind = TraceEntry::Kind;

std::string story(const Simulation& sim) {
  std::string text;
  for (const TraceEntry& entry : sim.trace_of().read()) text += trace_words(entry) + "\n";
  return text;
}

TEST(Trace, TellsWhatHappenedAndWhatWasDone) {
  Simulation sim(kRunit);
  sim.begin();
  sim.main_exits(1);
  sim.advance(1s);
  sim.tell(Verb::Down);
  sim.main_killed(15);
  EXPECT_EQ(story(sim),
            "supervision began, wanted up\n"
            "run was started\n"
            "run exited with 1\n"
            "the pause before its start was over\n"
            "run was started\n"
            "was told: down\n"
            "its process was sent TERM\n"
            "its process was sent CONT\n"
            "run was killed by TERM\n");
}

TEST(Trace, KeepsTheLatestInOrder) {
  Trace trace;
  for (std::uint64_t at = 1; at <= 100; ++at)
    trace.add(
        {.kind = Kind::Commanded, .subject = static_cast<std::uint8_t>(at % kVerbs), .milliseconds = at});
  const std::vector<TraceEntry> read = trace.read();
  ASSERT_EQ(read.size(), trace.entries.size());
  EXPECT_EQ(read.front().milliseconds, 85U);
  EXPECT_EQ(read.back().milliseconds, 100U);
  EXPECT_TRUE(Trace{}.read().empty());
}

TEST(Trace, IsReadWhileItIsWritten) {
  Trace trace;
  for (std::uint64_t at = 1; at <= 20; ++at) trace.add({.kind = Kind::Ready, .milliseconds = at});
  --trace.count;  // as if it had been read in the middle of add()
  EXPECT_EQ(trace.read().back().milliseconds, 20U);
}

TEST(Trace, AnEntryIsWhatWasPacked) {
  SeededDraw draw(1);
  int understood = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = static_cast<std::uint64_t>(draw(1U << 31)) << 32 | draw(1U << 31);
    const auto entry = TraceEntry::unpack(bits);
    if (!entry) continue;
    ++understood;
    EXPECT_EQ(entry->pack(), bits);
    EXPECT_NE(trace_words(*entry), "nothing");
  }
  EXPECT_GT(understood, 1000);
  const ExitStatus dumped = ExitStatus::signaled(11, true);
  Simulation sim(kS6);
  sim.begin();
  sim.exits(Role::Main, dumped);
  const TraceEntry ended = sim.trace_of().read()[2];
  EXPECT_EQ(ended.kind, Kind::Ended);
  EXPECT_EQ(ended.status(), dumped);
  EXPECT_EQ(ended.script(), Script::Run);
  EXPECT_EQ(ended.milliseconds / 1000, 1'700'000'000U);
}

TEST(Trace, ValuesThatNoEntryHasAreNone) {
  EXPECT_FALSE(TraceEntry::unpack(0));
  EXPECT_FALSE(TraceEntry::unpack(~0ULL));
  for (const TraceEntry& entry :
       {TraceEntry{.kind = Kind::Begun, .subject = kWants},
        TraceEntry{.kind = Kind::Commanded, .subject = kVerbs},
        TraceEntry{.kind = Kind::Started, .subject = kScripts}, TraceEntry{.kind = Kind::Ended, .detail = 32},
        TraceEntry{.kind = Kind::CustomStarted, .subject = 27},
        TraceEntry{.kind = Kind::TimeOver, .subject = kPhases}})
    EXPECT_FALSE(TraceEntry::unpack(entry.pack())) << static_cast<int>(entry.kind);
}

TEST(Trace, ACustomScriptIsNotTheService) {
  Simulation sim(kRunit);
  sim.world.custom = "t";
  sim.begin();
  sim.tell({.verb = Verb::Terminate, .custom = 't'});
  sim.custom_ends(ExitStatus::exited(0));
  EXPECT_NE(story(sim).find("its control script exited with 0\n"), std::string::npos) << story(sim);
}

TEST(Trace, ABackOffThatEndsIsTold) {
  GroupConvention convention = *kS6.convention;
  convention.main.back_off = BackOff{.failures = 1};
  Family family = kS6;
  family.convention = &convention;
  Simulation sim(family);
  sim.begin();
  sim.main_exits(3);
  EXPECT_NE(story(sim).find("is not to be restarted\n"), std::string::npos) << story(sim);
}

}  // namespace
}  // namespace kindred::test
