// As a monitoring plug-in: https://www.monitoring-plugins.org/doc/guidelines.html.

#include <algorithm>

#include "core/base/printable.h"
#include "core/native/status.h"

namespace kindred {
namespace {

constexpr int kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3;

int code_of(Health health) {
  switch (health) {
    case Health::Good:
      return kOk;
    case Health::Passing:
      return kWarning;
    case Health::Bad:
      return kCritical;
    case Health::Unknown:
      break;
  }
  return kUnknown;
}

/// A bar begins the performance data.
std::string plain(std::string_view text) {
  std::string out = printable(text);
  std::replace(out.begin(), out.end(), '|', '!');
  return out;
}

/// What counts more: something bad, then what is not known, then what passes.
int weight(int code) { return code == kCritical ? 3 : code == kUnknown ? 2 : code == kWarning ? 1 : 0; }

}  // namespace

CheckResult render_check(const StatusReport& report) {
  constexpr std::string_view kWords[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  CheckResult result;
  std::string problems;
  std::size_t up = 0, wrong = 0;
  const auto worse = [&](int code) {
    if (weight(code) > weight(result.code)) result.code = code;
  };
  const auto judge = [&](const std::string& name, const ServiceState& state) {
    const int code = code_of(health_of(state));
    worse(code);
    if (code == kOk) return;
    ++wrong;
    problems.append(problems.empty() ? ": " : ", ").append(plain(name)).append(" ").append(state_word(state));
    if (is_flapping(state)) problems += " flapping";
  };
  for (const ServiceRow& row : report.services) {
    if (is_in_state(row.main, "up")) ++up;
    judge(row.name, row.main);
    if (row.log) judge(row.name + "/log", *row.log);
  }
  for (const StatusError& error : report.errors) {
    worse(kUnknown);
    problems.append(problems.empty() ? ": " : ", ")
        .append(plain(error.path))
        .append(" ")
        .append(plain(error.message));
  }
  if (report.services.empty()) worse(kUnknown);
  const std::size_t all = report.services.size();
  result.text = "KINDRED " + std::string(kWords[result.code]) + " - " + std::to_string(up) + " of " +
                std::to_string(all) + " services up" + problems + " | services=" + std::to_string(all) +
                ";;;0 up=" + std::to_string(up) + ";;;0;" + std::to_string(all) +
                " problems=" + std::to_string(wrong) + ";;;0\n";
  return result;
}

}  // namespace kindred
