#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "core/base/printable.h"
#include "core/client/age.h"
#include "core/native/status.h"
#include "core/service/describe.h"
#include "core/sys/process_tree.h"

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

constexpr std::size_t kColumns = 7, kWideColumns = 11;
using Row = std::array<Cell, kWideColumns>;

std::string live_text(const ServiceState& state) {
  const StatusRecord& record = *state.record;
  const bool up = is_in_state(state, "up");
  std::string text(phase_word(state));
  if (is_flapping(state)) text += ", flapping";
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
  switch (health_of(state)) {
    case Health::Bad:
    case Health::Unknown:
      return Color::Bad;
    case Health::Passing:
      return Color::Passing;
    case Health::Good:
      break;
  }
  return record.phase == Phase::Stopped ? Color::Dim : Color::Good;
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

std::string family_text(const std::string& family, const std::string& written_for) {
  if (written_for.empty() || written_for == family) return family.empty() ? "-" : family;
  return (family.empty() ? "-" : family) + " (" + written_for + ")";
}

std::string exit_text(const ServiceState& state) {
  // Some records have a place for an end before there was any.
  if (!state.record || (state.deaths && state.deaths->count == 0)) return "-";
  const std::string words = exit_words(state.record->exit_of(Script::Run));
  return words.empty() ? "-" : words;
}

Row row_of(std::string name, const ServiceState& state, const std::string& written_for, WallTime now) {
  Row row;
  row[0].text = std::move(name);
  row[1] = state_cell(state);
  row[2].text = since_text(state, now);
  row[3].text = pid_text(state);
  row[4].text = family_text(state.family, written_for);
  row[5].text = "-";
  row[6].text = ready_text(state);
  row[7].text = state.usage ? size_text(state.usage->memory) : "-";
  row[8].text = state.usage ? age_text(state.usage->cpu_seconds) : "-";
  row[9].text = state.deaths ? std::to_string(state.deaths->count) : "-";
  row[10].text = exit_text(state);
  return row;
}

void write_row(std::string& out, const Row& row, std::span<const std::size_t> widths, bool color) {
  constexpr std::string_view kGap = "  ", kReset = "\033[0m";
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i != 0) out += kGap;
    const bool colored = color && row[i].color != Color::None;
    if (colored) out += escape_of(row[i].color);
    out += row[i].text;
    if (colored) out += kReset;
    if (i + 1 != widths.size()) out.append(widths[i] - display_width(row[i].text), ' ');
  }
  out += '\n';
}

/// Lines that would be too long have their names cut, as far as that helps.
void fit(std::vector<Row>& rows, std::vector<std::size_t>& widths, std::size_t columns) {
  constexpr std::size_t kGap = 2, kShortestName = 12;
  std::size_t total = kGap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  if (columns == 0 || total <= columns || widths[0] <= kShortestName) return;
  widths[0] -= std::min(total - columns, widths[0] - kShortestName);
  for (Row& row : rows) row[0].text = cut_to(row[0].text, widths[0]);
}

}  // namespace

std::string state_text(const ServiceState& state) { return state_cell(state).text; }

std::string render_table(std::span<const ServiceRow> services, WallTime now, const TableStyle& style) {
  // Names that several scan directories share are told apart by their paths.
  std::map<std::string_view, int> bearers;
  for (const ServiceRow& service : services) ++bearers[service.name];

  std::vector<Row> rows;
  std::vector<std::string> below;  // what is shown after each row
  Row& headings = rows.emplace_back();
  below.emplace_back();
  static constexpr std::array<std::string_view, kWideColumns> kHeadings{
      "SERVICE", "STATE", "SINCE", "PID", "FAMILY", "LOG", "READY", "MEMORY", "CPU", "DEATHS", "LAST EXIT"};
  for (std::size_t i = 0; i < kWideColumns; ++i) headings[i] = {std::string(kHeadings[i]), Color::Heading};
  for (const ServiceRow& service : services) {
    const std::string label = printable(bearers[service.name] > 1 ? service.path : service.name);
    Row& row = rows.emplace_back(row_of(label, service.main, service.written_for, now));
    row[5] = {log_text(service.log), log_color(service.log)};
    below.emplace_back();
    const auto add_tree = [&](const ServiceState& state) {
      if (style.tree != nullptr && state.supervision == Supervision::Live && state.record &&
          state.record->pid > 0)
        below.back() += style.tree->tree_of(state.record->pid, "  ", group_members_with(state.record->pid));
    };
    add_tree(service.main);
    if (!service.log || !(style.log_rows || style.tree != nullptr)) continue;
    rows.push_back(row_of(label + "/log", *service.log, {}, now));
    below.emplace_back();
    add_tree(*service.log);
  }

  std::vector<std::size_t> widths(style.wide ? kWideColumns : kColumns);
  for (const Row& row : rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i].text));
  fit(rows, widths, style.columns);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    write_row(out, rows[i], widths, style.color);
    out += below[i];
  }
  return out;
}

}  // namespace kindred
