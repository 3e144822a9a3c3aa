// What is as it should be, and which services are meant.

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/native/status.h"

namespace kindred {
namespace {

/// What the service does or is about to do, as opposed to what it rests from.
bool is_up(const ServiceState& state) {
  if (!state.record) return false;
  if (!state.phase_known) return state.record->pid != 0;
  return state.record->phase != Phase::Stopped && state.record->phase != Phase::Failed;
}

constexpr std::string_view kStateWords[] = {"up",           "down",   "waiting",  "starting", "started",
                                            "run",          "finish", "stopping", "failed",   "unknown",
                                            "unsupervised", "stale",  "problem",  "flapping", "paused"};

}  // namespace

bool is_flapping(const ServiceState& state) { return state.deaths && state.deaths->lately >= kFlapping; }

Health health_of(const ServiceState& state) {
  if (state.supervision == Supervision::Unknown) return Health::Unknown;
  const bool normally_up = state.normally_up.value_or(true);
  if (state.supervision == Supervision::None) return normally_up ? Health::Bad : Health::Good;
  // What rested when its supervisor left has lost nobody.
  if (state.supervision == Supervision::Stale)
    return state.record && state.record->pid == 0 && !normally_up ? Health::Passing : Health::Bad;
  if (!state.record) return Health::Unknown;
  const StatusRecord& record = *state.record;
  if (!state.phase_known || record.phase == Phase::Failed || is_flapping(state)) return Health::Bad;
  if (record.phase == Phase::Running || record.phase == Phase::Started) {
    const bool not_ready = state.tells_ready && state.awaits_ready && !record.ready;
    return record.paused || record.want == Want::Down || record.exiting || not_ready ? Health::Passing
                                                                                     : Health::Good;
  }
  if (record.phase != Phase::Stopped || record.want == Want::Up) return Health::Passing;
  return normally_up ? Health::Bad : Health::Good;
}

bool is_state_word(std::string_view word) {
  return std::find(std::begin(kStateWords), std::end(kStateWords), word) != std::end(kStateWords);
}

bool is_in_state(const ServiceState& state, std::string_view word) {
  const bool live = state.supervision == Supervision::Live;
  if (word == "up") return live && is_up(state);
  if (word == "paused") return live && state.record && state.record->paused && state.record->pid != 0;
  if (word == "flapping") return is_flapping(state);
  if (word == "problem") return health_of(state) != Health::Good;
  return state_word(state) == word;
}

void select(StatusReport& report, std::string_view part, std::span<const std::string> states) {
  std::erase_if(report.services, [&](const ServiceRow& row) {
    if (row.name.find(part) == std::string::npos) return true;
    return !states.empty() && std::none_of(states.begin(), states.end(), [&](const std::string& word) {
      return is_in_state(row.main, word) || (word == "problem" && row.log && is_in_state(*row.log, word));
    });
  });
}

void select_named(StatusReport& report, std::span<const std::string> directories,
                  std::span<const std::string> names) {
  const auto is_in = [](const ServiceRow& row, std::string directory) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    return row.path == directory || row.path == directory + (directory == "/" ? "" : "/") + row.name;
  };
  std::set<std::string> known;
  std::vector<ServiceRow> left;
  for (ServiceRow& row : report.services) {
    const bool is_meant = std::any_of(directories.begin(), directories.end(),
                                      [&](const std::string& each) { return is_in(row, each); }) ||
                          std::any_of(names.begin(), names.end(), [&](const std::string& each) {
                            return ::fnmatch(each.c_str(), row.name.c_str(), FNM_PERIOD) == 0;
                          });
    // A scan directory may be named that is one of the usual ones, too.
    if (is_meant && known.insert(row.path).second) left.push_back(std::move(row));
  }
  report.services = std::move(left);
}

std::string age_text(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t seconds;
    char letter;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{31536000, 'y'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  const auto* const large =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return seconds >= unit.seconds; });
  if (large == kUnits.end()) return "0s";
  std::string text = std::to_string(seconds / large->seconds) + large->letter;
  if (large + 1 == kUnits.end()) return text;
  const Unit& small = large[1];
  const std::uint64_t rest = seconds % large->seconds / small.seconds;
  if (rest != 0) text += " " + std::to_string(rest) + small.letter;
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view kUnits = "BKMGTPE";
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10 / 10 == bytes ? bytes * 10 : UINT64_MAX;
  for (; tenths >= 10240 && unit + 1 < kUnits.size(); ++unit) tenths /= 1024;
  std::string text = std::to_string(tenths / 10);
  if (unit > 0 && tenths < 1000) text += "." + std::to_string(tenths % 10);
  return text + kUnits[unit];
}

}  // namespace kindred
