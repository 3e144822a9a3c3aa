#include <algorithm>
#include <array>
#include <map>

#include "core/client/age.h"
#include "core/native/printable.h"
#include "core/native/status.h"

namespace kindred {
namespace {

enum class Color : std::uint8_t { None, Heading, Good, Passing, Bad, Dim };

std::string_view escape_of(Color color) {
  switch (color) {
    case Color::None:
      return "";
    case Color::Heading:
      return "\033[1m";
    case Color::Good:
      return "\033[32m";
    case Color::Passing:
      return "\033[33m";
    case Color::Bad:
      return "\033[31m";
    case Color::Dim:
      return "\033[2m";
  }
  return "";
}

struct Cell {
  std::string text;
  Color color = Color::None;
};

constexpr std::size_t kColumns = 7;
using Row = std::array<Cell, kColumns>;

/// What the service does or is about to do, as opposed to what it rests from.
bool is_up(const ServiceState& state) {
  const StatusRecord& record = *state.record;
  if (!state.phase_known) return record.pid != 0;
  switch (record.phase) {
    case Phase::Stopped:
    case Phase::Failed:
      return false;
    case Phase::Waiting:
    case Phase::Starting:
    case Phase::Started:
    case Phase::Running:
    case Phase::Finishing:
    case Phase::Stopping:
      return true;
  }
  return false;
}

std::string live_text(const ServiceState& state) {
  const StatusRecord& record = *state.record;
  const bool up = is_up(state);
  std::string text(phase_word(state));
  if (record.paused && record.pid != 0) text += ", paused";
  if (state.normally_up && *state.normally_up != up) text += up ? ", normally down" : ", normally up";
  if (record.exiting)
    text += ", want exit";
  else if (up && record.want == Want::Down)
    text += ", want down";
  else if (up && record.want == Want::Once)
    text += ", want once";
  else if (!up && record.want == Want::Up)
    text += ", want up";
  return text;
}

Color live_color(const ServiceState& state) {
  const StatusRecord& record = *state.record;
  if (!state.phase_known || record.phase == Phase::Failed) return Color::Bad;
  const bool settled = record.phase == Phase::Running || record.phase == Phase::Started;
  if (settled)
    return record.paused || record.want == Want::Down || record.exiting ? Color::Passing : Color::Good;
  if (record.phase != Phase::Stopped || record.want == Want::Up) return Color::Passing;
  return state.normally_up.value_or(true) ? Color::Bad : Color::Dim;
}

Cell state_cell(const ServiceState& state) {
  switch (state.supervision) {
    case Supervision::Unknown:
      return {"unknown", Color::Bad};
    case Supervision::None:
      return {"unsupervised", Color::Dim};
    case Supervision::Live:
      if (!state.record) return {"unknown", Color::Bad};
      return {live_text(state), live_color(state)};
    case Supervision::Stale:
      break;
  }
  std::string text = "stale";
  if (state.record) text.append(": ").append(phase_word(state));
  if (state.pid_alive) text += *state.pid_alive ? ", pid alive" : ", pid gone";
  // What rested when its supervisor left has lost nobody.
  return {text, state.record && state.record->pid == 0 ? Color::Passing : Color::Bad};
}

std::string pid_text(const ServiceState& state) {
  if (!state.record || state.record->pid == 0) return "-";
  // Four bytes, unsigned: a record may hold a pid that no kernel gives.
  return std::to_string(static_cast<std::uint32_t>(state.record->pid));
}

/// The two largest units: "3d 4h", "12s".
std::string age_text(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t seconds;
    char letter;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{31536000, 'y'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  auto large = std::ranges::find_if(kUnits, [&](const Unit& unit) { return seconds >= unit.seconds; });
  if (large == kUnits.end()) return "0s";
  std::string text = std::to_string(seconds / large->seconds) + large->letter;
  if (large + 1 == kUnits.end()) return text;
  const Unit& small = large[1];
  const std::uint64_t rest = seconds % large->seconds / small.seconds;
  if (rest != 0) text += " " + std::to_string(rest) + small.letter;
  return text;
}

std::string since_text(const ServiceState& state, WallTime now) {
  const std::optional<WallTime> since = state_since(state);
  return since ? age_text(age_in_seconds(*since, now)) : "-";
}

std::string log_text(const std::optional<ServiceState>& log) {
  if (!log) return "-";
  std::string text(state_word(*log));
  if (log->supervision == Supervision::Live && log->record && log->record->pid != 0)
    text += " " + pid_text(*log);
  return text;
}

Color log_color(const std::optional<ServiceState>& log) { return log ? state_cell(*log).color : Color::None; }

std::string ready_text(const ServiceState& state) {
  if (!state.record || !state.tells_ready) return "-";
  return state.record->ready ? "yes" : "no";
}

Row row_of(std::string name, const ServiceState& state, WallTime now) {
  Row row;
  row[0].text = std::move(name);
  row[1] = state_cell(state);
  row[2].text = since_text(state, now);
  row[3].text = pid_text(state);
  row[4].text = state.family.empty() ? "-" : state.family;
  row[5].text = "-";
  row[6].text = ready_text(state);
  return row;
}

void write_row(std::string& out, const Row& row, const std::array<std::size_t, kColumns>& widths,
               bool color) {
  constexpr std::string_view kGap = "  ", kReset = "\033[0m";
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (i != 0) out += kGap;
    const bool colored = color && row[i].color != Color::None;
    if (colored) out += escape_of(row[i].color);
    out += row[i].text;
    if (colored) out += kReset;
    if (i + 1 != kColumns) out.append(widths[i] - display_width(row[i].text), ' ');
  }
  out += '\n';
}

}  // namespace

std::string render_table(std::span<const ServiceRow> services, WallTime now, const TableStyle& style) {
  // Names that several scan directories share are told apart by their paths.
  std::map<std::string_view, int> bearers;
  for (const ServiceRow& service : services) ++bearers[service.name];

  std::vector<Row> rows;
  Row& headings = rows.emplace_back();
  static constexpr std::array<std::string_view, kColumns> kHeadings{"SERVICE", "STATE", "SINCE", "PID",
                                                                    "FAMILY",  "LOG",   "READY"};
  for (std::size_t i = 0; i < kColumns; ++i) headings[i] = {std::string(kHeadings[i]), Color::Heading};
  for (const ServiceRow& service : services) {
    const std::string label = printable(bearers[service.name] > 1 ? service.path : service.name);
    Row& row = rows.emplace_back(row_of(label, service.main, now));
    row[5] = {log_text(service.log), log_color(service.log)};
    if (style.log_rows && service.log) rows.push_back(row_of(label + "/log", *service.log, now));
  }

  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  std::string out;
  for (const Row& row : rows) write_row(out, row, widths, style.color);
  return out;
}

}  // namespace kindred
