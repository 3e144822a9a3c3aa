#include "core/native/metrics_text.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>

#include "core/base/printable.h"

namespace kindred {
namespace {

struct Sample {
  const ServiceRow* row;
  const ServiceState* state;
  Role role;
};

enum class Kind : std::uint8_t { Gauge, Counter };

struct Metric {
  std::string_view name, help;
  Kind kind;
  /// nullopt: nothing is known.
  std::function<std::optional<std::string>(const Sample&)> value;
};

std::optional<std::string> number(std::uint64_t value) { return std::to_string(value); }
std::optional<std::string> truth(bool value) { return value ? "1" : "0"; }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string labels_of(const Sample& sample) {
  const std::string& path = sample.row->path;
  const std::size_t slash = path.rfind('/');
  return "service=\"" + escaped(sample.row->name) + "\",role=\"" +
         (sample.role == Role::Log ? "log" : "main") + "\",directory=\"" +
         escaped(slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1))) + "\"";
}

std::string text_of(WallTime at) {
  std::string nanos = std::to_string(at.nanos);
  nanos.insert(0, 9 - nanos.size(), '0');
  return std::to_string(at.seconds) + "." + nanos;
}

const StatusRecord* live_record(const Sample& sample) {
  return sample.state->supervision == Supervision::Live && sample.state->record ? &*sample.state->record
                                                                                : nullptr;
}

std::vector<Metric> metrics(const MetricsExtra& extra) {
  const auto of_record = [](auto get) {
    return [get](const Sample& sample) -> std::optional<std::string> {
      const StatusRecord* const record = live_record(sample);
      if (record == nullptr) return std::nullopt;
      return get(*record);
    };
  };
  using Text = std::optional<std::string>;
  return {
      {"kindred_service_supervised", "Whether a supervisor of the service lives.", Kind::Gauge,
       [](const Sample& s) -> Text {
         if (s.state->supervision == Supervision::Unknown) return std::nullopt;
         return truth(s.state->supervision == Supervision::Live);
       }},
      {"kindred_service_stale", "Whether there is a record whose supervisor lives no more.", Kind::Gauge,
       [](const Sample& s) { return truth(s.state->supervision == Supervision::Stale); }},
      {"kindred_service_up", "Whether the service is up, by the record of a living supervisor.", Kind::Gauge,
       [](const Sample& s) -> Text {
         if (s.state->supervision == Supervision::Unknown) return std::nullopt;
         const bool settled = live_record(s) != nullptr && is_in_state(*s.state, "up") &&
                              (live_record(s)->pid != 0 || s.state->record->phase == Phase::Started);
         return truth(settled);
       }},
      {"kindred_service_desired", "Whether the service is wanted up.", Kind::Gauge,
       of_record([](const StatusRecord& r) { return truth(r.want != Want::Down); })},
      {"kindred_service_normal", "Whether the service is to be up unless told otherwise.", Kind::Gauge,
       [](const Sample& s) -> Text {
         return s.state->normally_up ? truth(*s.state->normally_up) : std::nullopt;
       }},
      {"kindred_service_ready", "Whether the service has said that it is ready.", Kind::Gauge,
       [](const Sample& s) -> Text {
         if (live_record(s) == nullptr || !s.state->tells_ready || !s.state->awaits_ready)
           return std::nullopt;
         return truth(s.state->record->ready);
       }},
      {"kindred_service_paused", "Whether the process of the service is paused.", Kind::Gauge,
       of_record([](const StatusRecord& r) { return truth(r.paused && r.pid != 0); })},
      {"kindred_service_healthy", "1 as it should be, 0.5 on its way, 0 not as it should be.", Kind::Gauge,
       [](const Sample& s) -> Text {
         switch (health_of(*s.state)) {
           case Health::Good:
             return "1";
           case Health::Passing:
             return "0.5";
           case Health::Bad:
             return "0";
           case Health::Unknown:
             break;
         }
         return std::nullopt;
       }},
      {"kindred_service_state_since_timestamp_seconds",
       "Since when the state of the service lasts, in UNIX time.", Kind::Gauge,
       [](const Sample& s) -> Text {
         const std::optional<WallTime> since =
             live_record(s) != nullptr ? state_since(*s.state) : std::nullopt;
         return since ? Text(text_of(*since)) : std::nullopt;
       }},
      {"kindred_service_pid", "The process of the service; 0 without one.", Kind::Gauge,
       of_record([](const StatusRecord& r) { return number(static_cast<std::uint32_t>(r.pid)); })},
      {"kindred_service_last_exit_code", "What the last run exited with.", Kind::Gauge,
       of_record([](const StatusRecord& r) -> Text {
         const ExitStatus& end = r.exit_of(Script::Run);
         return end.kind == ExitStatus::Kind::Exited ? number(end.value) : std::nullopt;
       })},
      {"kindred_service_last_exit_signal", "The signal that ended the last run; 0 after an exit.",
       Kind::Gauge, of_record([](const StatusRecord& r) -> Text {
         const ExitStatus& end = r.exit_of(Script::Run);
         if (end.kind == ExitStatus::Kind::Signaled) return number(end.value);
         return end.kind == ExitStatus::Kind::Exited ? number(0) : std::nullopt;
       })},
      {"kindred_service_deaths", "The deaths of run that its supervisor has a record of.", Kind::Gauge,
       [](const Sample& s) -> Text {
         return s.state->deaths ? number(s.state->deaths->count) : std::nullopt;
       }},
      {"kindred_service_restarts", "New processes of the service since this exporter began.", Kind::Counter,
       [&extra](const Sample& s) -> Text {
         if (extra.restarts == nullptr) return std::nullopt;
         return number(extra.restarts->restarts(s.row->path, s.role));
       }},
      {"kindred_service_memory_bytes", "Resident memory of the service's processes.", Kind::Gauge,
       [](const Sample& s) -> Text {
         return s.state->usage ? number(s.state->usage->memory) : std::nullopt;
       }},
      {"kindred_service_cpu_seconds", "CPU time of the service's processes that there are.", Kind::Gauge,
       [](const Sample& s) -> Text {
         return s.state->usage ? number(s.state->usage->cpu_seconds) : std::nullopt;
       }},
      {"kindred_service_processes", "The service's processes.", Kind::Gauge,
       [](const Sample& s) -> Text {
         return s.state->usage ? number(s.state->usage->processes) : std::nullopt;
       }},
      {"kindred_service_log_bytes", "What the service's log directory holds.", Kind::Gauge,
       [&extra](const Sample& s) -> Text {
         const auto found = extra.log_bytes.find(s.row->path);
         return s.role == Role::Main && found != extra.log_bytes.end() ? number(found->second) : std::nullopt;
       }},
  };
}

void add_header(std::string& out, std::string_view name, std::string_view help, Kind kind,
                Exposition exposition) {
  // Only in OpenMetrics a counter's family and its sample have two names.
  std::string family(name);
  if (kind == Kind::Counter && exposition == Exposition::Prometheus) family += "_total";
  out.append("# HELP ").append(family).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(family).append(kind == Kind::Counter ? " counter\n" : " gauge\n");
}

}  // namespace

void RestartCounter::look(const std::string& path, Role role, const ServiceState& state) {
  auto at = seen_.find({path, role});
  if (at != seen_.end()) at->second.look = looks_;
  if (state.supervision != Supervision::Live || !state.record) return;
  const bool is_new = at == seen_.end();
  if (is_new) at = seen_.emplace(std::pair{path, role}, Seen{}).first;
  Seen& seen = at->second;
  seen.look = looks_;
  const StatusRecord& record = *state.record;
  const bool came = record.pid != 0 && (record.pid != seen.pid || record.pid_changed != seen.changed);
  // Its finish is no restart; one that came and went has left its stamp.
  const bool runs = record.phase == Phase::Running || record.phase == Phase::Started;
  const bool came_and_went = record.pid == 0 && seen.pid == 0 && record.pid_changed != seen.changed;
  if (!is_new && ((came && runs) || came_and_went)) ++seen.restarts;
  if (runs || record.pid == 0) seen.pid = record.pid;
  seen.changed = record.pid_changed;
}

void RestartCounter::look(const StatusReport& report) {
  ++looks_;
  for (const ServiceRow& row : report.services) {
    look(row.path, Role::Main, row.main);
    if (row.log) look(row.path, Role::Log, *row.log);
  }
  std::erase_if(seen_, [&](const auto& each) { return each.second.look != looks_; });
}

std::uint64_t RestartCounter::restarts(const std::string& path, Role role) const {
  const auto found = seen_.find({path, role});
  return found != seen_.end() ? found->second.restarts : 0;
}

std::string render_metrics(const StatusReport& report, Exposition exposition, const MetricsExtra& extra) {
  std::vector<Sample> samples;
  for (const ServiceRow& row : report.services) {
    samples.push_back({&row, &row.main, Role::Main});
    if (row.log) samples.push_back({&row, &*row.log, Role::Log});
  }
  std::string out;
  add_header(out, "kindred_service_info",
             "The family that supervises a service, and the one it was written for.", Kind::Gauge,
             exposition);
  for (const Sample& sample : samples)
    out += "kindred_service_info{" + labels_of(sample) + ",family=\"" + escaped(sample.state->family) +
           "\",written_for=\"" + escaped(sample.row->written_for) + "\"} 1\n";
  for (const Metric& metric : metrics(extra)) {
    std::string lines;
    for (const Sample& sample : samples) {
      const std::optional<std::string> value = metric.value(sample);
      if (!value) continue;
      lines.append(metric.name).append(metric.kind == Kind::Counter ? "_total{" : "{");
      lines.append(labels_of(sample)).append("} ").append(*value).append("\n");
    }
    if (lines.empty()) continue;
    add_header(out, metric.name, metric.help, metric.kind, exposition);
    out += lines;
  }
  add_header(out, "kindred_unreadable_services", "What could not be read at this look.", Kind::Gauge,
             exposition);
  out += "kindred_unreadable_services " + std::to_string(report.errors.size()) + "\n";
  if (exposition == Exposition::OpenMetrics) out += "# EOF\n";
  return out;
}

std::string_view content_type(Exposition exposition) {
  return exposition == Exposition::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition exposition_for(std::string_view accept) {
  return accept.find("application/openmetrics-text") != std::string_view::npos ? Exposition::OpenMetrics
                                                                               : Exposition::Prometheus;
}

HttpRequest parse_http_request(std::string_view received) {
  HttpRequest request;
  const std::size_t end = received.find("\r\n\r\n");
  request.whole = end != std::string_view::npos;
  if (!request.whole) return request;
  std::string_view head = received.substr(0, end);
  const auto take_line = [&] {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    return line;
  };
  const std::string_view first = take_line();
  const std::size_t one = first.find(' '), two = first.rfind(' ');
  if (one == std::string_view::npos || two <= one || !first.substr(two + 1).starts_with("HTTP/1."))
    return request;
  request.method = first.substr(0, one);
  request.path = first.substr(one + 1, two - one - 1);
  while (!head.empty()) {
    const std::string_view line = take_line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return request;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name != "accept") continue;
    request.accept = line.substr(colon + 1);
  }
  request.good = true;
  return request;
}

}  // namespace kindred
