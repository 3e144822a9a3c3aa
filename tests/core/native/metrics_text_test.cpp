#include "core/native/metrics_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

std::string metrics(const ServiceRow& service, Exposition exposition = Exposition::Prometheus,
                    const MetricsExtra& extra = {}) {
  return render_metrics({{service}, {}}, exposition, extra);
}
bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

ServiceRow full() {
  ServiceState state = live(Phase::Running, 7);
  state.tells_ready = state.awaits_ready = state.record->ready = true;
  state.record->exit_of(Script::Run) = ExitStatus::signaled(9);
  state.deaths = Deaths{.count = 4, .oldest = before_now(100), .lately = 1};
  state.usage = ProcessUsage{.memory = 4096, .cpu_seconds = 3, .processes = 2};
  return row("web", state, live(Phase::Running, 8));
}

TEST(Metrics, TellAServicesState) {
  const std::string text = metrics(full());
  const std::string web = R"({service="web",role="main",directory="sv"} )";
  EXPECT_TRUE(has(text, "# TYPE kindred_service_up gauge"));
  EXPECT_TRUE(has(text, "kindred_service_up" + web + "1"));
  EXPECT_TRUE(has(text, "kindred_service_supervised" + web + "1"));
  EXPECT_TRUE(has(text, "kindred_service_pid" + web + "7"));
  EXPECT_TRUE(has(text, "kindred_service_ready" + web + "1"));
  EXPECT_TRUE(has(text, "kindred_service_last_exit_signal" + web + "9"));
  EXPECT_TRUE(has(text, "kindred_service_deaths" + web + "4"));
  EXPECT_TRUE(has(text, "kindred_service_memory_bytes" + web + "4096"));
  EXPECT_TRUE(has(text, "kindred_service_state_since_timestamp_seconds" + web + "1699999988.000000000"));
  EXPECT_TRUE(has(text, R"(kindred_service_pid{service="web",role="log",directory="sv"} 8)"));
  EXPECT_TRUE(has(
      text,
      R"(kindred_service_info{service="web",role="main",directory="sv",family="runit",written_for=""} 1)"));
  EXPECT_TRUE(has(text, "kindred_unreadable_services 0"));
}

TEST(Metrics, ADeadSupervisorsRecordIsNoRunningService) {
  const std::string text = metrics(row("web", stale(Phase::Running, 7, true)));
  const std::string web = R"({service="web",role="main",directory="sv"} )";
  EXPECT_TRUE(has(text, "kindred_service_stale" + web + "1"));
  EXPECT_TRUE(has(text, "kindred_service_up" + web + "0"));
  EXPECT_EQ(text.find("kindred_service_pid"), std::string::npos);
}

TEST(Metrics, WhatIsNotKnownHasNoSample) {
  const std::string text = metrics(row("web", ServiceState{}));
  EXPECT_EQ(text.find("kindred_service_up"), std::string::npos);
  EXPECT_EQ(text.find("kindred_service_healthy"), std::string::npos);
}

TEST(Metrics, TheTwoFormatsDifferInCountersAndTheEnd) {
  RestartCounter counter;
  counter.look({{full()}, {}});
  const MetricsExtra extra{.restarts = &counter, .log_bytes = {{"sv/web", 17}}};
  const std::string plain = metrics(full(), Exposition::Prometheus, extra);
  EXPECT_TRUE(has(plain, "# TYPE kindred_service_restarts_total counter"));
  EXPECT_TRUE(has(plain, R"(kindred_service_restarts_total{service="web",role="main",directory="sv"} 0)"));
  EXPECT_TRUE(has(plain, R"(kindred_service_log_bytes{service="web",role="main",directory="sv"} 17)"));
  EXPECT_EQ(plain.find("# EOF"), std::string::npos);
  const std::string open = metrics(full(), Exposition::OpenMetrics, extra);
  EXPECT_TRUE(has(open, "# TYPE kindred_service_restarts counter"));
  EXPECT_TRUE(open.ends_with("\n# EOF\n"));
}

TEST(Metrics, AnyNameIsALabel) {
  const std::string text = metrics(row("a\"b\\\n\xff", unsupervised()));
  EXPECT_NE(text.find(R"(service="a\"b\\\\x0a\\xff",)"), std::string::npos) << text;
}

TEST(RestartCounter, CountsNewProcesses) {
  RestartCounter counter;
  const auto look = [&](ServiceState state) {
    counter.look({{row("web", std::move(state))}, {}});
    return counter.restarts("sv/web", Role::Main);
  };
  EXPECT_EQ(look(live(Phase::Running, 7, 100)), 0U) << "it ran before";
  EXPECT_EQ(look(live(Phase::Running, 7, 100)), 0U);
  EXPECT_EQ(look(live(Phase::Finishing, 8, 90)), 0U) << "its finish";
  EXPECT_EQ(look(live(Phase::Running, 9, 89)), 1U);
  EXPECT_EQ(look(live(Phase::Waiting, 0, 80)), 1U);
  EXPECT_EQ(look(live(Phase::Waiting, 0, 70)), 2U) << "one has come and gone";
  EXPECT_EQ(look(stale(Phase::Running, 11, true)), 2U) << "nobody counts what nobody supervises";
  EXPECT_EQ(counter.restarts("other", Role::Main), 0U);
}

TEST(HttpRequest, IsReadByItsHead) {
  const HttpRequest request =
      parse_http_request("GET /metrics HTTP/1.1\r\nHost: x\r\nACCEPT: application/openmetrics-text\r\n\r\n");
  EXPECT_TRUE(request.whole && request.good);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_EQ(exposition_for(request.accept), Exposition::OpenMetrics);
  EXPECT_EQ(exposition_for("text/plain"), Exposition::Prometheus);
  EXPECT_FALSE(parse_http_request("GET /metrics HTTP/1.1\r\nHost: x\r\n").whole);
  for (const char* bad :
       {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / SSH/2\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"})
    EXPECT_FALSE(parse_http_request(bad).good) << bad;
}

/// What the alerts and the dashboard ask for is told.
TEST(Metrics, AlertsAndDashboardNameWhatThereIs) {
  RestartCounter counter;
  counter.look({{full()}, {}});
  ServiceRow ended = full();
  ended.main.record->exit_of(Script::Run) = ExitStatus::exited(1);
  const std::string told =
      render_metrics({{full(), ended}, {}}, Exposition::Prometheus, {&counter, {{"sv/web", 1}}});
  for (const char* name : {"kindred.rules.yml", "kindred-dashboard.json"}) {
    std::ostringstream text;
    text << std::ifstream(std::string(KINDRED_SOURCE_DIR "/doc/prometheus/") + name).rdbuf();
    const std::string content = text.str();
    const std::regex metric("kindred_[a-z_]+");
    std::set<std::string> names;
    for (std::sregex_iterator at(content.begin(), content.end(), metric), end; at != end; ++at)
      names.insert(at->str());
    EXPECT_GT(names.size(), 4U) << name;
    for (const std::string& each : names)
      EXPECT_NE(told.find("# TYPE " + each + " "), std::string::npos) << name << ": " << each;
  }
  EXPECT_TRUE(
      nlohmann::json::parse(std::ifstream(KINDRED_SOURCE_DIR "/doc/prometheus/kindred-dashboard.json"))
          .contains("panels"));
}

}  // namespace
}  // namespace kindred
