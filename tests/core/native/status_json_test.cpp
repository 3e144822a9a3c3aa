#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

using Json = nlohmann::ordered_json;

Json service_of(const ServiceRow& service) {
  return Json::parse(render_json({{service}, {}}, kNow)).at("services").at(0);
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

// The schema that kindred(1) promises.
const std::vector<std::string> kKeys{"name",        "path",       "supervised", "stale",    "family",
                                     "state",       "last_state", "want",       "normally", "paused",
                                     "ready",       "pid",        "pid_alive",  "since",    "since_seconds",
                                     "age_seconds", "last_exit",  "log"};

TEST(StatusJson, EveryServiceHasEveryKey) {
  const Json web = service_of(row("web", live(Phase::Running, 7), unsupervised()));
  EXPECT_EQ(keys(web), kKeys);
  EXPECT_EQ(keys(web.at("log")), kKeys);
  EXPECT_EQ(keys(service_of(row("web", ServiceState{}))), kKeys);
}

TEST(StatusJson, TellsALiveService) {
  ServiceState state = live(Phase::Running, 7, 90);
  state.record->pid_changed.nanos = 12000500;
  state.record->want = Want::Down;
  state.record->paused = true;
  state.record->ready = true;
  state.tells_ready = true;
  state.record->exit_of(Script::Run) = ExitStatus::exited(3);
  state.normally_up = false;
  EXPECT_EQ(service_of(row("web", state)), Json::parse(R"({
      "name": "web", "path": "sv/web", "supervised": true, "stale": false, "family": "runit",
      "state": "run", "last_state": null, "want": "down", "normally": "down", "paused": true, "ready": true,
      "pid": 7, "pid_alive": null, "since": "2023-11-14T22:11:50.012000500Z", "since_seconds": 1699999910,
      "age_seconds": 90, "last_exit": {"kind": "exited", "code": 3}, "log": null})"));
}

TEST(StatusJson, AnUnsupervisedServiceIsMostlyNull) {
  EXPECT_EQ(service_of(row("web", unsupervised())), Json::parse(R"({
      "name": "web", "path": "sv/web", "supervised": false, "stale": false, "family": null,
      "state": "unsupervised", "last_state": null, "want": null, "normally": "up", "paused": false, "ready": null,
      "pid": null, "pid_alive": null, "since": null, "since_seconds": null, "age_seconds": null,
      "last_exit": null, "log": null})"));
}

TEST(StatusJson, AStaleServiceIsNeverTakenForARunningOne) {
  const Json web = service_of(row("web", stale(Phase::Running, 7, true)));
  EXPECT_EQ(web.at("supervised"), false);
  EXPECT_EQ(web.at("stale"), true);
  EXPECT_EQ(web.at("state"), "stale");
  EXPECT_EQ(web.at("last_state"), "run");
  EXPECT_EQ(web.at("pid_alive"), true);
}

TEST(StatusJson, WhatCouldNotBeFoundOutIsNull) {
  const Json web = service_of(row("web", ServiceState{}));
  EXPECT_EQ(web.at("supervised"), nullptr);
  EXPECT_EQ(web.at("state"), "unknown");
  EXPECT_EQ(web.at("normally"), nullptr);
}

TEST(StatusJson, AStampThatNoSupervisorWritesIsNull) {
  ServiceState state = live(Phase::Running, 7);
  state.record->pid_changed = {INT64_MAX, 4000000000};
  EXPECT_EQ(service_of(row("web", state)).at("since"), nullptr);
  state.record->pid_changed.seconds = 0;
  EXPECT_EQ(service_of(row("web", state)).at("since"), "1970-01-01T00:00:00.999999999Z");
}

TEST(StatusJson, TellsHowRunEnded) {
  ServiceState state = live(Phase::Stopped, 0);
  EXPECT_EQ(service_of(row("web", state)).at("last_exit"), nullptr);
  state.record->exit_of(Script::Run) = ExitStatus::signaled(11, true);
  EXPECT_EQ(service_of(row("web", state)).at("last_exit"),
            Json::parse(R"({"kind": "signaled", "signal": 11, "core_dumped": true})"));
  state.record->exit_of(Script::Run) = ExitStatus::unknown();
  EXPECT_EQ(service_of(row("web", state)).at("last_exit"), nullptr);
}

TEST(StatusJson, TheLogIsAServiceWithinItsService) {
  const Json log = service_of(row("web", live(Phase::Running, 7), live(Phase::Running, 8))).at("log");
  EXPECT_EQ(log.at("name"), "web/log");
  EXPECT_EQ(log.at("path"), "sv/web/log");
  EXPECT_EQ(log.at("pid"), 8);
  EXPECT_EQ(log.at("log"), nullptr);
}

TEST(StatusJson, ErrorsAreTold) {
  const Json whole = Json::parse(render_json({{}, {{"sv/web", "open", "access denied"}}}, kNow));
  EXPECT_EQ(whole, Json::parse(R"({"services": [],
      "errors": [{"path": "sv/web", "operation": "open", "message": "access denied"}]})"));
}

TEST(StatusJson, AnyBytesMayBeAName) {
  EXPECT_EQ(service_of(row("a\xff\"\n", unsupervised())).at("name"), "a\xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace kindred
