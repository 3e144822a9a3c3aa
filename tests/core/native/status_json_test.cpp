#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
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
const std::vector<std::string> kKeys{"name",          "path",         "supervised",  "stale",     "family",
                                     "written_for",   "state",        "last_state",  "want",      "normally",
                                     "paused",        "ready",        "pid",         "pid_alive", "since",
                                     "since_seconds", "age_seconds",  "last_exit",   "deaths",    "flapping",
                                     "health",        "memory_bytes", "cpu_seconds", "processes", "log"};

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
      "name": "web", "path": "sv/web", "supervised": true, "stale": false, "family": "runit", "written_for": null,
      "state": "run", "last_state": null, "want": "down", "normally": "down", "paused": true, "ready": true,
      "pid": 7, "pid_alive": null, "since": "2023-11-14T22:11:50.012000500Z", "since_seconds": 1699999910,
      "age_seconds": 90, "last_exit": {"kind": "exited", "code": 3}, "deaths": null, "flapping": false, "health": "passing",
      "memory_bytes": null, "cpu_seconds": null, "processes": null, "log": null})"));
}

TEST(StatusJson, AnUnsupervisedServiceIsMostlyNull) {
  EXPECT_EQ(service_of(row("web", unsupervised())), Json::parse(R"({
      "name": "web", "path": "sv/web", "supervised": false, "stale": false, "family": null, "written_for": null,
      "state": "unsupervised", "last_state": null, "want": null, "normally": "up", "paused": false, "ready": null,
      "pid": null, "pid_alive": null, "since": null, "since_seconds": null, "age_seconds": null,
      "last_exit": null, "deaths": null, "flapping": false, "health": "bad",
      "memory_bytes": null, "cpu_seconds": null, "processes": null, "log": null})"));
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
  EXPECT_EQ(whole, Json::parse(R"({"schema": 1, "services": [],
      "errors": [{"path": "sv/web", "operation": "open", "message": "access denied"}]})"));
}

// --- the schema that is published ---

bool is_type(const Json& value, const std::string& type) {
  return (type == "null" && value.is_null()) || (type == "string" && value.is_string()) ||
         (type == "boolean" && value.is_boolean()) || (type == "integer" && value.is_number_integer()) ||
         (type == "object" && value.is_object()) || (type == "array" && value.is_array());
}

/// As far as the schema goes. What is wrong; empty: nothing.
std::string wrong(const Json& root, const Json& schema, const Json& value) {
  if (schema.contains("$ref")) return wrong(root, root.at("$defs").at("process"), value);
  if (schema.contains("enum") && std::ranges::find(schema.at("enum"), value) == schema.at("enum").end())
    return value.dump() + " is none of " + schema.at("enum").dump();
  if (schema.contains("anyOf")) {
    std::string why;
    for (const Json& each : schema.at("anyOf")) {
      why = wrong(root, each, value);
      if (why.empty()) return {};
    }
    return why;
  }
  if (schema.contains("type")) {
    const Json& type = schema.at("type");
    const Json types = type.is_array() ? type : Json::array({type});
    if (std::ranges::none_of(types,
                             [&](const Json& each) { return is_type(value, each.get<std::string>()); }))
      return value.dump() + " is no " + type.dump();
  }
  if (value.is_array())
    for (const Json& each : value)
      if (const std::string why = wrong(root, schema.at("items"), each); !why.empty()) return why;
  if (!value.is_object()) return {};
  for (const Json& key : schema.at("required"))
    if (!value.contains(key.get<std::string>())) return "there is no " + key.dump();
  for (const auto& [key, each] : value.items()) {
    if (!schema.at("properties").contains(key)) return key + " is not in the schema";
    if (const std::string why = wrong(root, schema.at("properties").at(key), each); !why.empty())
      return key + ": " + why;
  }
  return {};
}

TEST(StatusJson, IsAsItsSchemaSays) {
  const Json schema = Json::parse(std::ifstream(KINDRED_SOURCE_DIR "/doc/status.schema.json"));
  ServiceState flapping = live(Phase::Running, 7);
  flapping.deaths = Deaths{.count = 12, .oldest = before_now(100), .lately = 5};
  flapping.usage = ProcessUsage{.memory = 4096, .cpu_seconds = 3, .processes = 2};
  flapping.record->exit_of(Script::Run) = ExitStatus::signaled(9);
  ServiceState ended = live(Phase::Stopped, 0);
  ended.record->exit_of(Script::Run) = ExitStatus::exited(1);
  ended.deaths.emplace();
  const StatusReport report{{row("a", flapping, ended), row("b", unsupervised()),
                             row("c", stale(Phase::Running, 7, true)), row("d", ServiceState{})},
                            {{"e", "open", "access denied"}}};
  EXPECT_EQ(wrong(schema, schema, Json::parse(render_json(report, kNow))), "");
  Json other = Json::parse(render_json(report, kNow));
  other.at("services").at(0).at("state") = "running";
  EXPECT_NE(wrong(schema, schema, other), "") << "what is wrong is found";
}

TEST(StatusJson, AnyBytesMayBeAName) {
  EXPECT_EQ(service_of(row("a\xff\"\n", unsupervised())).at("name"), "a\xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace kindred
