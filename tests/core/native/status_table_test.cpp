#include <gtest/gtest.h>

#include <sstream>

#include "core/base/printable.h"
#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

std::string table(const std::vector<ServiceRow>& services, const TableStyle& style = {}) {
  return render_table(services, kNow, style);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

/// What one column says of one service. Columns are two spaces or more apart.
std::string column(std::string_view heading, const ServiceState& state) {
  const std::vector<std::string> shown = lines(table({row("web", state)}));
  const std::size_t at = shown[0].find(heading);
  return shown[1].substr(at, shown[1].find("  ", at) - at);
}

std::string state_of(const ServiceState& state) { return column("STATE", state); }

ServiceState with_want(ServiceState state, Want want) {
  state.record->want = want;
  return state;
}

TEST(StatusTable, ColumnsAreAsWideAsWhatStandsInThem) {
  ServiceState queue = live(Phase::Running, 31415, 3 * 86400 + 4 * 3600 + 59);
  queue.family = "daemontools";
  ServiceState cron = with_want(live(Phase::Stopped, 0, 3600), Want::Down);
  cron.normally_up = false;
  const std::vector<ServiceRow> services{
      row("cron", cron), row("long-queue", queue, live(Phase::Running, 31416)), row("new", unsupervised())};
  EXPECT_EQ(table(services),
            "SERVICE     STATE         SINCE  PID    FAMILY       LOG        READY\n"
            "cron        down          1h     -      runit        -          -\n"
            "long-queue  run           3d 4h  31415  daemontools  run 31416  -\n"
            "new         unsupervised  -      -      -            -          -\n");
}

TEST(StatusTable, OrdinaryServicesFitEightyColumns) {
  ServiceState busy = with_want(live(Phase::Running, 4194303, 364 * 86400 + 23 * 3600), Want::Down);
  busy.family = "daemontools";
  for (const std::string& line : lines(table({row("postgresql", busy, live(Phase::Running, 4194304))})))
    EXPECT_LE(line.size(), 80U) << line;
}

TEST(StatusTable, LongNamesAreShownWhole) {
  const std::string name(200, 'n');
  EXPECT_NE(table({row(name, unsupervised())}).find(name), std::string::npos);
}

TEST(StatusTable, WithoutServicesThereAreHeadings) {
  EXPECT_EQ(table({}), "SERVICE  STATE  SINCE  PID  FAMILY  LOG  READY\n");
}

TEST(StatusTable, NamesThatTwoDirectoriesShareAreShownAsPaths) {
  const ServiceRow other{"web", "other/web", unsupervised(), std::nullopt};
  const std::vector<std::string> shown =
      lines(table({row("web", unsupervised()), other, row("db", unsupervised())}));
  EXPECT_TRUE(shown[1].starts_with("sv/web "));
  EXPECT_TRUE(shown[2].starts_with("other/web "));
  EXPECT_TRUE(shown[3].starts_with("db "));
}

TEST(StatusTable, EveryPhaseHasItsWord) {
  EXPECT_EQ(state_of(with_want(live(Phase::Stopped, 0), Want::Up)), "down, normally up, want up");
  EXPECT_EQ(state_of(live(Phase::Waiting, 0)), "waiting");
  EXPECT_EQ(state_of(live(Phase::Starting, 7)), "starting");
  EXPECT_EQ(state_of(live(Phase::Started, 0)), "started");
  EXPECT_EQ(state_of(live(Phase::Running, 7)), "run");
  EXPECT_EQ(state_of(live(Phase::Finishing, 7)), "finish");
  EXPECT_EQ(state_of(with_want(live(Phase::Stopping, 7), Want::Up)), "stopping");
  EXPECT_EQ(state_of(with_want(live(Phase::Failed, 0), Want::Down)), "failed, normally up");
  ServiceState odd = live(Phase::Running, 7);
  odd.phase_known = false;
  EXPECT_EQ(state_of(odd), "unknown");
}

TEST(StatusTable, WantAndNormallyAreSaidWhereTheyDiffer) {
  EXPECT_EQ(state_of(with_want(live(Phase::Running, 7), Want::Down)), "run, want down");
  EXPECT_EQ(state_of(with_want(live(Phase::Running, 7), Want::Once)), "run, want once");
  EXPECT_EQ(state_of(with_want(live(Phase::Stopped, 0), Want::Down)), "down, normally up");
  EXPECT_EQ(state_of(with_want(live(Phase::Stopped, 0), Want::Once)), "down, normally up");
  ServiceState state = live(Phase::Running, 7);
  state.normally_up = false;
  EXPECT_EQ(state_of(state), "run, normally down");
  state.record->paused = true;
  EXPECT_EQ(state_of(state), "run, paused, normally down");
  state.record->exiting = true;
  state.normally_up.reset();
  EXPECT_EQ(state_of(state), "run, paused, want exit");
  state.record->pid = 0;
  EXPECT_EQ(state_of(state), "run, want exit") << "nothing without a process is paused";
}

TEST(StatusTable, AStaleRecordSaysSo) {
  EXPECT_EQ(state_of(stale(Phase::Running, 7, true)), "stale: run, pid alive");
  EXPECT_EQ(state_of(stale(Phase::Running, 7, false)), "stale: run, pid gone");
  EXPECT_EQ(state_of(stale(Phase::Stopped, 0, false)), "stale: down");
  ServiceState unreadable = stale(Phase::Running, 0, false);
  unreadable.record.reset();
  EXPECT_EQ(state_of(unreadable), "stale");
}

TEST(StatusTable, WhatCouldNotBeFoundOutIsUnknown) {
  EXPECT_EQ(state_of(ServiceState{}), "unknown");
  ServiceState unreadable = live(Phase::Running, 7);
  unreadable.record.reset();
  EXPECT_EQ(state_of(unreadable), "unknown");
}

TEST(StatusTable, AgesHaveTheirTwoLargestUnits) {
  const auto since = [](std::int64_t age) { return column("SINCE", live(Phase::Running, 7, age)); };
  EXPECT_EQ(since(-5), "0s") << "a stamp in the future";
  EXPECT_EQ(since(0), "0s");
  EXPECT_EQ(since(59), "59s");
  EXPECT_EQ(since(60), "1m");
  EXPECT_EQ(since(3599), "59m 59s");
  EXPECT_EQ(since(3600 + 59), "1h");
  EXPECT_EQ(since(86400 - 1), "23h 59m");
  EXPECT_EQ(since(86400), "1d");
  EXPECT_EQ(since(365 * 86400 - 1), "364d 23h");
  EXPECT_EQ(since(800 * 86400), "2y 70d");
}

TEST(StatusTable, AStampThatNoSupervisorWritesHasNoAge) {
  for (const std::int64_t seconds : {std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{253402300800}}) {
    ServiceState state = live(Phase::Running, 7);
    state.record->pid_changed = {seconds, 0};
    EXPECT_EQ(column("SINCE", state), "-") << seconds;
  }
}

TEST(StatusTable, APidThatNoKernelGivesIsShownUnsigned) {
  EXPECT_EQ(column("PID", live(Phase::Running, -1)), "4294967295");
}

TEST(StatusTable, ReadinessIsAskedWhereTheFamilyTellsIt) {
  ServiceState state = live(Phase::Running, 7);
  state.record->ready = true;
  EXPECT_EQ(column("READY", state), "-");
  state.tells_ready = true;
  EXPECT_EQ(column("READY", state), "yes");
  state.record->ready = false;
  EXPECT_EQ(column("READY", state), "no");
}

TEST(StatusTable, TheLogIsToldInAWordOrInARowOfItsOwn) {
  const ServiceRow web = row("web", live(Phase::Running, 7), with_want(live(Phase::Running, 8), Want::Down));
  EXPECT_NE(table({web}).find("run 8"), std::string::npos);
  EXPECT_EQ(lines(table({web})).size(), 2U);
  const std::vector<std::string> shown = lines(table({web, row("db", unsupervised())}, {.log_rows = true}));
  ASSERT_EQ(shown.size(), 4U);
  EXPECT_TRUE(shown[2].starts_with("web/log  run, want down "));
}

TEST(StatusTable, ColorChangesNoColumn) {
  const std::vector<ServiceRow> services{row("web", live(Phase::Running, 7), live(Phase::Running, 8)),
                                         row("db", stale(Phase::Running, 7, false)),
                                         row("new", unsupervised())};
  std::string colored = table(services, {.color = true});
  EXPECT_NE(colored.find("\033[32mrun\033[0m"), std::string::npos);
  for (std::size_t at; (at = colored.find('\033')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) - at + 1);
  EXPECT_EQ(colored, table(services));
}

TEST(StatusTable, NamesCannotSteerTheTerminal) {
  EXPECT_EQ(table({row("\033[2J", unsupervised())}).find('\033'), std::string::npos);
}

TEST(StatusTable, WhatItWasWrittenForStandsBesideWhatSupervisesIt) {
  ServiceRow service = row("web", live(Phase::Running, 7));
  service.written_for = "perp";
  EXPECT_NE(table({service}).find("  runit (perp)  "), std::string::npos);
  service.written_for = "runit";
  EXPECT_NE(table({service}).find("  runit   -"), std::string::npos);
}

TEST(StatusTable, ALineFitsTheTerminalWhereCuttingNamesHelps) {
  const std::vector<ServiceRow> services{row(std::string(255, 'x'), live(Phase::Running, 7)),
                                         row("web", live(Phase::Running, 8))};
  for (const std::string& each : lines(table(services, {.columns = 80})))
    EXPECT_LE(display_width(each), 80U) << each;
  EXPECT_NE(table(services, {.columns = 80}).find("xxx… "), std::string::npos);
  EXPECT_NE(table(services).find(std::string(255, 'x')), std::string::npos)
      << "whole where it is no terminal";
  EXPECT_EQ(table({row("web", live(Phase::Running, 7))}, {.columns = 20}),
            table({row("web", live(Phase::Running, 7))}));
}

TEST(StatusTable, WideTellsOfUseAndEnds) {
  ServiceState state = live(Phase::Running, 7);
  state.usage = ProcessUsage{.memory = 12900000, .cpu_seconds = 75, .processes = 2};
  state.deaths = Deaths{.count = 4, .oldest = before_now(90), .lately = 3};
  state.record->exit_of(Script::Run) = ExitStatus::exited(1);
  const std::vector<std::string> shown = lines(table({row("web", state)}, {.wide = true}));
  EXPECT_TRUE(shown[1].starts_with("web      run, flapping")) << shown[1];
  EXPECT_TRUE(shown[1].ends_with("12.3M   1m 15s  4       exited with 1")) << shown[1];
}

TEST(StatusTable, LettersBeyondAsciiTakeOnePlace) {
  const std::vector<std::string> shown = lines(table({row("dämonen", unsupervised())}));
  EXPECT_EQ(shown[0].find("STATE"), shown[1].find("unsupervised") - 1);
}

}  // namespace
}  // namespace kindred
