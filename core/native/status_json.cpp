#include <ctime>
#include <nlohmann/json.hpp>

#include "core/client/age.h"
#include "core/native/status.h"
#include "core/service/describe.h"

namespace kindred {
namespace {

using Json = nlohmann::ordered_json;

/// It grows by one when a key goes, or comes to mean something else; not for further keys.
constexpr int kSchema = 1;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// RFC 3339 in UTC, to the nanosecond.
std::string rfc3339(WallTime at) {
  const std::time_t seconds = at.seconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[sizeof "9999-12-31T23:59:59.123456789Z"];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string nanos = std::to_string(at.nanos);
  nanos.insert(0, 9 - nanos.size(), '0');
  return std::string(text, size) + "." + nanos + "Z";
}

Json exit_json(const ExitStatus& end) {
  switch (end.kind) {
    case ExitStatus::Kind::Exited:
      return {{"kind", "exited"}, {"code", end.value}};
    case ExitStatus::Kind::Signaled:
      return {{"kind", "signaled"}, {"signal", end.value}, {"core_dumped", end.core_dumped}};
    case ExitStatus::Kind::None:
    case ExitStatus::Kind::Unknown:
      break;
  }
  return nullptr;
}

Json supervised_json(Supervision supervision) {
  if (supervision == Supervision::Unknown) return nullptr;
  return supervision == Supervision::Live;
}

Json deaths_json(const std::optional<Deaths>& deaths) {
  if (!deaths) return nullptr;
  return {{"count", deaths->count},
          {"since", deaths->count > 0 ? Json(rfc3339(deaths->oldest)) : Json(nullptr)},
          {"lately", deaths->lately}};
}

std::string_view health_word(Health health) {
  switch (health) {
    case Health::Good:
      return "good";
    case Health::Passing:
      return "passing";
    case Health::Bad:
      return "bad";
    case Health::Unknown:
      break;
  }
  return "unknown";
}

Json service_json(const std::string& name, const std::string& path, const ServiceState& state,
                  const std::string& written_for, WallTime now) {
  const std::optional<StatusRecord>& record = state.record;
  const std::optional<WallTime> since = state_since(state);
  Json json;
  json["name"] = name;
  json["path"] = path;
  json["supervised"] = supervised_json(state.supervision);
  json["stale"] = state.supervision == Supervision::Stale;
  json["family"] = state.family.empty() ? Json(nullptr) : Json(state.family);
  json["written_for"] = written_for.empty() ? Json(nullptr) : Json(written_for);
  json["state"] = state_word(state);
  json["last_state"] =
      state.supervision == Supervision::Stale && record ? Json(phase_word(state)) : Json(nullptr);
  json["want"] = record ? Json(want_word(record->want)) : Json(nullptr);
  json["normally"] = state.normally_up ? Json(*state.normally_up ? "up" : "down") : Json(nullptr);
  json["paused"] = record && record->paused && record->pid != 0;
  json["ready"] = record && state.tells_ready ? Json(record->ready) : Json(nullptr);
  json["pid"] = record && record->pid != 0 ? Json(static_cast<std::uint32_t>(record->pid)) : Json(nullptr);
  json["pid_alive"] = or_null(state.pid_alive);
  json["since"] = since ? Json(rfc3339(*since)) : Json(nullptr);
  json["since_seconds"] = since ? Json(since->seconds) : Json(nullptr);
  json["age_seconds"] = since ? Json(age_in_seconds(*since, now)) : Json(nullptr);
  json["last_exit"] = record ? exit_json(record->exit_of(Script::Run)) : Json(nullptr);
  json["deaths"] = deaths_json(state.deaths);
  json["flapping"] = is_flapping(state);
  json["health"] = health_word(health_of(state));
  json["memory_bytes"] = state.usage ? Json(state.usage->memory) : Json(nullptr);
  json["cpu_seconds"] = state.usage ? Json(state.usage->cpu_seconds) : Json(nullptr);
  json["processes"] = state.usage ? Json(state.usage->processes) : Json(nullptr);
  json["log"] = nullptr;
  return json;
}

}  // namespace

std::string render_json(const StatusReport& report, WallTime now) {
  Json services = Json::array(), errors = Json::array();
  for (const ServiceRow& service : report.services) {
    Json& json = services.emplace_back(
        service_json(service.name, service.path, service.main, service.written_for, now));
    if (service.log)
      json["log"] = service_json(service.name + "/log", service.path + "/log", *service.log, {}, now);
  }
  for (const StatusError& error : report.errors)
    errors.push_back({{"path", error.path}, {"operation", error.operation}, {"message", error.message}});
  const Json whole = {{"schema", kSchema}, {"services", std::move(services)}, {"errors", std::move(errors)}};
  // A name may be any bytes; what is no UTF-8 in it becomes U+FFFD.
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string render_notice(const ServiceRow& service, Role role, std::string_view event, WallTime now) {
  const bool log = role == Role::Log && service.log;
  const std::string suffix = log ? "/log" : "";
  const Json line = {
      {"schema", kSchema},
      {"event", event},
      {"time", rfc3339(now)},
      {"service", service_json(service.name + suffix, service.path + suffix,
                               log ? *service.log : service.main, log ? "" : service.written_for, now)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kindred
