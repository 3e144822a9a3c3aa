#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstring>
#include <random>

#include "core/dialect/registry.h"
#include "core/native/status.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::write_file;
namespace fs = std::filesystem;

std::vector<std::string> names(const StatusReport& report) {
  std::vector<std::string> result;
  for (const ServiceRow& service : report.services) result.push_back(service.name);
  return result;
}

/// The number of a process that was, and is no more.
pid_t gone_pid() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

class StatusGather : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path at(const std::string& name) const { return root_.path(name); }
  FakeService daemontools(const std::string& name) { return {at(name), FakeService::Of::Daemontools}; }
  FakeService runit(const std::string& name) { return {at(name), FakeService::Of::Runit}; }

  [[nodiscard]] StatusReport look(const fs::path& path) const {
    const std::vector<std::string> directories{path.string()};
    return gather_status(directories, families());
  }
  /// For the one service of that name; no trouble expected.
  [[nodiscard]] ServiceRow service(const std::string& name) const {
    StatusReport report = look(at(name));
    EXPECT_TRUE(report.errors.empty());
    if (report.services.size() != 1) throw std::runtime_error("not one service");
    return std::move(report.services.front());
  }
  /// The one error that looking at `name` makes: "OPERATION NAME: MESSAGE", below the root.
  [[nodiscard]] std::string error_of(const std::string& name) const {
    const StatusReport report = look(at(name));
    EXPECT_EQ(report.errors.size(), 1U);
    if (report.errors.size() != 1) return "";
    const StatusError& error = report.errors.front();
    return error.operation + " " + fs::path(error.path).lexically_relative(root_.path()).string() + ": " +
           error.message;
  }

  test::TestDirectory root_;
};

// --- one service ---

TEST_F(StatusGather, AServiceIsReadInItsFamilysWay) {
  FakeService web = daemontools("web"), queue = runit("queue");
  web.record({.age = 50, .pid = 7, .paused = true, .want = 'd'});
  queue.record({.age = 50, .pid = 8, .state = 2});
  const ServiceRow seen = service("web");
  EXPECT_EQ(seen.name, "web");
  EXPECT_EQ(seen.path, at("web").string());
  EXPECT_EQ(seen.main.supervision, Supervision::Live);
  EXPECT_EQ(seen.main.family, "daemontools");
  EXPECT_EQ(seen.main.record->phase, Phase::Running);
  EXPECT_EQ(seen.main.record->want, Want::Down);
  EXPECT_TRUE(seen.main.record->paused);
  EXPECT_EQ(seen.main.normally_up, true);
  EXPECT_FALSE(seen.main.pid_alive) << "who asks a living supervisor need not ask for the pid";
  EXPECT_FALSE(seen.log);
  EXPECT_EQ(service("queue").main.family, "runit");
  EXPECT_EQ(service("queue").main.record->phase, Phase::Finishing);
}

TEST_F(StatusGather, ADownFileSaysWhatIsNormal) {
  FakeService web = daemontools("web");
  web.record({});
  write_file(at("web/down"), "");
  EXPECT_EQ(service("web").main.normally_up, false);
}

TEST_F(StatusGather, TheLogIsLookedAtToo) {
  FakeService web = runit("web"), log = runit("web/log");
  web.record({.pid = 7, .state = 1});
  log.record({.pid = 8, .state = 1});
  write_file(at("web/log/down"), "");
  EXPECT_EQ(service("web").log->record->pid, 8);
  EXPECT_EQ(service("web").log->normally_up, false);
  log.leave();
  EXPECT_EQ(service("web").log->supervision, Supervision::Stale);
  EXPECT_EQ(service("web").main.supervision, Supervision::Live);
}

TEST_F(StatusGather, ALogThatIsNoDirectoryIsNone) {
  FakeService web = runit("web");
  web.record({});
  write_file(at("web/log"), "");
  EXPECT_FALSE(service("web").log);
}

TEST_F(StatusGather, NobodySupervisesWhereThereIsNoRecord) {
  write_file(at("web/run"), "");
  EXPECT_EQ(service("web").main.supervision, Supervision::None);
  EXPECT_FALSE(service("web").main.record);
  fs::create_symlink("/nonexistent/supervise", at("web/supervise"));
  EXPECT_EQ(service("web").main.supervision, Supervision::None) << "runit's link before the first start";
  fs::remove(at("web/supervise"));
  write_file(at("web/supervise"), "");
  EXPECT_EQ(service("web").main.supervision, Supervision::None) << "a file in the directory's place";
}

TEST_F(StatusGather, WithoutASupervisorARecordIsStaleAndItsPidLookedFor) {
  FakeService web = daemontools("web");
  web.record({.pid = static_cast<std::uint32_t>(getpid())});
  web.leave();
  EXPECT_EQ(service("web").main.supervision, Supervision::Stale);
  EXPECT_EQ(service("web").main.record->pid, getpid());
  EXPECT_EQ(service("web").main.pid_alive, true);
  web.record({.pid = static_cast<std::uint32_t>(gone_pid())});
  EXPECT_EQ(service("web").main.pid_alive, false);
  web.record({.pid = 0});
  EXPECT_EQ(service("web").main.pid_alive, std::nullopt);
}

TEST_F(StatusGather, APidThatMeansAGroupIsNoProcess) {
  FakeService web = daemontools("web");
  web.leave();
  for (const std::uint32_t pid : {0xFFFFFFFFU, 0x80000000U, 0xFFFFFFFEU}) {
    web.record({.pid = pid});
    EXPECT_EQ(service("web").main.pid_alive, false) << pid;
  }
}

// --- directories of services ---

TEST_F(StatusGather, ADirectoryOfServicesIsShownByName) {
  for (const char* name : {"web", "Alpha", "db", ".hidden"}) write_file(at("sv") / name / "run", "");
  fs::create_directory(at("sv/empty"));
  write_file(at("sv/file"), "");
  fs::create_symlink("web", at("sv/link"));
  fs::create_symlink("file", at("sv/link-to-file"));
  const StatusReport report = look(at("sv"));
  EXPECT_EQ(names(report), (std::vector<std::string>{"Alpha", "db", "empty", "link", "web"}));
  EXPECT_EQ(report.services[1].path, at("sv/db").string());
  EXPECT_TRUE(report.errors.empty());
}

TEST_F(StatusGather, ALinkToNothingAmongServicesIsNamed) {
  fs::create_directory(at("sv"));
  fs::create_symlink("nowhere", at("sv/gone"));
  EXPECT_EQ(error_of("sv"), "open sv/gone: file does not exist");
}

TEST_F(StatusGather, ArgumentsKeepTheirOrderAndTroubleStopsNone) {
  for (const char* name : {"b/run", "a/run"}) write_file(at(name), "");
  const std::vector<std::string> directories{at("b").string(), at("none").string(), at("a").string() + "//"};
  const StatusReport report = gather_status(directories, families());
  EXPECT_EQ(names(report), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(report.services[1].path, at("a").string());
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].path, at("none").string());
}

TEST_F(StatusGather, ADirectoryWithoutServicesIsNamed) {
  fs::create_directory(at("sv"));
  EXPECT_EQ(error_of("sv"), "find a service in sv: there is none");
  write_file(at("sv/README"), "");
  EXPECT_EQ(error_of("sv"), "find a service in sv: there is none");
  const std::vector<std::string> directories{at("none").string(), at("sv").string()};
  EXPECT_EQ(gather_status(directories, families()).errors.size(), 2U);
}

TEST_F(StatusGather, AServiceOfAnyShapeIsOneThoughNobodyEverSupervisedIt) {
  write_file(at("perp/rc.main"), "", 0755);
  write_file(at("bundle/service/run"), "", 0755);
  fs::create_directory(at("bundle/after"));
  write_file(at("encore/start"), "", 0755);
  for (const char* name : {"perp", "bundle", "encore"}) {
    const ServiceRow seen = service(name);
    EXPECT_EQ(seen.name, name);
    EXPECT_EQ(seen.main.supervision, Supervision::None) << name;
  }
}

TEST_F(StatusGather, ADirectoryOfServicesIsNoneWhateverTheirNames) {
  const std::vector<std::string> all{"run", "service", "start", "supervise", "web"};
  for (const std::string& name : all) write_file(at("sv") / name / "run", "", 0755);
  EXPECT_EQ(names(look(at("sv"))), all);
}

TEST_F(StatusGather, ADirectoryThatNamesItselfByDotsHasANameAllTheSame) {
  write_file(at("web/run"), "");
  fs::create_directory(at("web/env"));
  EXPECT_EQ(look(at("web/.")).services.at(0).name, "web");
  EXPECT_EQ(look(at("web/env/..")).services.at(0).name, "web");
}

// --- what an owner may put there ---

TEST_F(StatusGather, WhatIsNoRecordIsAnErrorOfThatServiceAlone) {
  FakeService web = runit("sv/web"), db = runit("sv/db");
  db.record({.pid = 7, .state = 1});
  for (const std::size_t size : {0U, 1U, 17U, 19U}) {
    write_file(at("sv/web/supervise/status"), std::string(size, '\1'));
    EXPECT_EQ(error_of("sv"), "read sv/web/supervise/status: bad format") << size;
    const StatusReport report = look(at("sv"));
    EXPECT_EQ(names(report), (std::vector<std::string>{"db", "web"}));
    EXPECT_EQ(report.services[0].main.record->pid, 7);
    EXPECT_EQ(report.services[1].main.supervision, Supervision::Live);
    EXPECT_FALSE(report.services[1].main.record);
  }
}

TEST_F(StatusGather, ARecordThatSpeaksForNoFamilyIsNotGuessedAt) {
  FakeService web = daemontools("web");
  write_file(at("web/supervise/status"), std::string(4096, 'u'));
  EXPECT_EQ(error_of("web"), "read web/supervise/status: bad format");
  EXPECT_EQ(look(at("web")).services.at(0).main.family, "");
}

TEST_F(StatusGather, ASupervisorThatHasNoRecordYetIsNamed) {
  FakeService web = daemontools("web");
  EXPECT_EQ(error_of("web"), "open web/supervise/status: file does not exist");
  EXPECT_EQ(look(at("web")).services.at(0).main.supervision, Supervision::Live);
}

TEST_F(StatusGather, NothingInARecordsPlaceIsWaitedFor) {
  FakeService web = daemontools("web");
  mkfifo(at("web/supervise/status").c_str(), 0600);
  EXPECT_EQ(error_of("web"), "read web/supervise/status: bad format");
  fs::remove(at("web/supervise/status"));
  fs::create_directory(at("web/supervise/status"));
  EXPECT_EQ(error_of("web"), "read web/supervise/status: is a directory");
}

TEST_F(StatusGather, OnlyAFifoTellsOfALivingSupervisor) {
  FakeService web = daemontools("web");
  web.record({.pid = 7});
  fs::rename(at("web/supervise/ok"), at("web/supervise/held"));
  fs::create_symlink("held", at("web/supervise/ok"));
  EXPECT_EQ(service("web").main.supervision, Supervision::Stale);
  fs::remove(at("web/supervise/ok"));
  write_file(at("web/supervise/ok"), "");
  EXPECT_EQ(service("web").main.supervision, Supervision::Stale);
}

TEST_F(StatusGather, AnyBytesAreReadWithoutHarm) {
  FakeService web = runit("web");
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(20, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    write_file(at("web/supervise/status"), bytes);
    const StatusReport report = look(at("web"));
    ASSERT_EQ(report.services.size(), 1U);
    const WallTime now{1700000000, 0};
    EXPECT_FALSE(render_table(report.services, now, {.color = true, .log_rows = true}).empty());
    EXPECT_FALSE(render_json(report, now).empty());
  }
}

// --- families that tell more ---

/// One record for main and log, readiness included: magic, then pid and readiness of each.
std::size_t encode_pair(const GroupSnapshot& snapshot, Role, ByteSpan out) {
  const StatusRecord& log = snapshot.of(Role::Log);
  const std::uint8_t bytes[] = {'P', static_cast<std::uint8_t>(snapshot.main.pid), snapshot.main.ready,
                                static_cast<std::uint8_t>(log.pid), log.ready};
  std::memcpy(out.data(), bytes, sizeof bytes);
  return sizeof bytes;
}

std::optional<DecodedStatus> decode_pair(ByteView in) {
  if (in.size() != 5 || in[0] != 'P') return std::nullopt;
  DecodedStatus status;
  status.snapshot.log = StatusRecord{};
  StatusRecord* const records[] = {&status.snapshot.main, &*status.snapshot.log};
  for (std::size_t i = 0; i < 2; ++i) {
    records[i]->phase = in[1 + 2 * i] != 0 ? Phase::Running : Phase::Stopped;
    records[i]->pid = in[1 + 2 * i];
    records[i]->ready = in[2 + 2 * i] != 0;
  }
  return status;
}

TEST_F(StatusGather, OneRecordMayTellOfBothAndOfReadiness) {
  Dialect pair = *families().front();
  pair.name = "pair";
  pair.status = {.files = {{.name = "status", .encode = encode_pair}}, .decode = decode_pair};
  pair.recognise = [](const Evidence& evidence) {
    return evidence.status_size == 5 && evidence.status[0] == 'P' ? 100 : 0;
  };
  const Dialect* const known[] = {families().front(), &pair};
  FakeService web = daemontools("web");
  write_file(at("web/supervise/status"), std::string("P\7\1\0\0", 5));
  write_file(at("web/log"), "");
  const std::vector<std::string> directories{at("web").string()};
  const StatusReport report = gather_status(directories, known);
  ASSERT_EQ(report.services.size(), 1U);
  const ServiceRow& seen = report.services[0];
  EXPECT_EQ(seen.main.family, "pair");
  EXPECT_TRUE(seen.main.tells_ready);
  EXPECT_TRUE(seen.main.record->ready);
  ASSERT_TRUE(seen.log);
  EXPECT_EQ(seen.log->family, "pair");
  EXPECT_EQ(seen.log->supervision, Supervision::Live);
  EXPECT_EQ(seen.log->record->phase, Phase::Stopped);
  EXPECT_FALSE(seen.log->record->ready);
}

TEST_F(StatusGather, WhereTheRecordHasNoPlaceForReadinessItIsNotTold) {
  FakeService web = daemontools("web"), queue = runit("queue");
  web.record({.pid = 7});
  queue.record({.pid = 8, .state = 1});
  EXPECT_FALSE(service("web").main.tells_ready);
  EXPECT_FALSE(service("queue").main.tells_ready);
}

}  // namespace
}  // namespace kindred
