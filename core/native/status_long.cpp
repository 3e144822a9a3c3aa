#include <algorithm>

#include "core/base/printable.h"
#include "core/base/shell_quote.h"
#include "core/client/age.h"
#include "core/native/status.h"
#include "core/native/time_words.h"
#include "core/service/describe.h"
#include "core/sys/process_tree.h"

namespace kindred {
namespace {

class Paragraph {
 public:
  Paragraph(std::string& out, bool color) : out_(out), color_(color) {}

  void title(const std::string& text) {
    out_ += color_ ? "\033[1m" + text + "\033[0m" : text;
    out_ += '\n';
  }
  void line(std::string_view key, const std::string& value) {
    constexpr std::size_t kWidth = 10;
    if (value.empty()) return;
    out_.append("  ")
        .append(key)
        .append(kWidth - std::min(kWidth, key.size()), ' ')
        .append(value)
        .append("\n");
  }

 private:
  std::string& out_;
  bool color_;
};

std::string since_words(const ServiceState& state, WallTime now) {
  const std::optional<WallTime> since = state_since(state);
  if (!since) return {};
  LocalTimeText time;
  const std::string_view moment = time.of(*since);
  return ", for " + age_text(age_in_seconds(*since, now)) + " (since " +
         std::string(moment.substr(0, moment.find('.'))) + ")";
}

std::string state_words(const ServiceState& state, WallTime now) {
  std::string text(state_word(state));
  const std::optional<StatusRecord>& record = state.record;
  if (state.supervision == Supervision::Stale && record) {
    text += ": " + std::string(phase_word(state)) + " is what its supervisor said last";
    if (state.pid_alive) text += *state.pid_alive ? ", and the pid is alive" : ", and the pid is gone";
  }
  if (state.supervision == Supervision::None) text = "nobody supervises it";
  if (record && record->pid != 0) text += ", pid " + std::to_string(static_cast<std::uint32_t>(record->pid));
  if (record && record->paused && record->pid != 0) text += ", paused";
  if (record && state.tells_ready && record->pid != 0) text += record->ready ? ", ready" : ", not ready";
  if (is_flapping(state)) text += ", flapping";
  return text + since_words(state, now);
}

std::string want_words(const ServiceState& state) {
  std::string text;
  if (state.record)
    text = state.record->exiting              ? "exit"
           : state.record->want == Want::Up   ? "up"
           : state.record->want == Want::Down ? "down"
                                              : "once";
  if (state.normally_up)
    text += std::string(text.empty() ? "" : ", ") + (*state.normally_up ? "normally up" : "normally down");
  return text;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

std::string exit_line(const ServiceState& state, WallTime now) {
  // Some records have a place for an end before there was any.
  if (!state.record || (state.deaths && state.deaths->count == 0)) return {};
  const std::string words = exit_words(state.record->exit_of(Script::Run));
  if (words.empty()) return {};
  std::string text = "run " + words;
  const WallTime ended = state.record->run_ended;
  if (ended.seconds > 0 && ended <= now) text += ", " + age_text(age_in_seconds(ended, now)) + " ago";
  return text;
}

std::string deaths_line(const ServiceState& state, WallTime now) {
  if (!state.deaths) return {};
  const Deaths& deaths = *state.deaths;
  if (deaths.count == 0) return "none";
  return std::to_string(deaths.count) + " in " + age_text(age_in_seconds(deaths.oldest, now)) + ", " +
         std::to_string(deaths.lately) + " in the last minute";
}

std::string usage_line(const ServiceState& state) {
  if (!state.usage) return {};
  return size_text(state.usage->memory) + " of memory, " + age_text(state.usage->cpu_seconds) + " of CPU, " +
         std::to_string(state.usage->processes) + (state.usage->processes == 1 ? " process" : " processes");
}

}  // namespace

std::string render_long(std::span<const ServiceRow> services, WallTime now, const LongStyle& style) {
  std::string out;
  for (const ServiceRow& row : services) {
    if (!out.empty()) out += '\n';
    Paragraph paragraph(out, style.color);
    const ServiceState& state = row.main;
    paragraph.title(printable(row.name));
    paragraph.line("Directory", printable(row.path));
    std::string family = state.family.empty() ? "none" : "supervised as " + state.family;
    if (!row.written_for.empty() && row.written_for != state.family)
      family += ", written for " + row.written_for;
    paragraph.line("Family", family);
    paragraph.line("State", state_words(state, now));
    paragraph.line("Wanted", want_words(state));
    paragraph.line("Last exit", exit_line(state, now));
    paragraph.line("Deaths", deaths_line(state, now));
    paragraph.line("Uses", usage_line(state));
    if (row.log) paragraph.line("Log", state_words(*row.log, now));
    const std::string word = printable(row.path) == row.path ? row.path : shell_quoted(row.path);
    if (!row.by_hand.empty())
      paragraph.line("Control", "kindred start|stop|restart " + printable(row.name) + "; " +
                                    replaced(replaced(row.by_hand, "{path}", printable(word)), "{name}",
                                             printable(row.name)));
    const bool live = state.supervision == Supervision::Live && state.record && state.record->pid > 0;
    if (style.processes != nullptr && live)
      out += style.processes->tree_of(state.record->pid, "    ", group_members_with(state.record->pid));
    if (style.log_tail)
      for (const std::string& line : style.log_tail(row)) out += "  | " + line + "\n";
  }
  return out;
}

}  // namespace kindred
