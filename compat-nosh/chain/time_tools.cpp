// Points of time in the environment. Source: interfaces/nosh-system.md section 4.7.

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "compat-nosh/chain/time_expression.h"
#include "compat-nosh/chain/turns.h"
#include "core/cli/output.h"

namespace kindred::nosh {
namespace {

constexpr int kExitBadTime = 100;

WallTime wall_time(const timespec& at) { return {at.tv_sec, static_cast<std::uint32_t>(at.tv_nsec)}; }

std::optional<WallTime> file_time(const std::string& path, TimeSources::FileTime which) {
  struct stat st;
  if (::stat(path.c_str(), &st) == -1) return std::nullopt;
  return wall_time(which == TimeSources::FileTime::Written ? st.st_mtim : st.st_atim);
}

Result<std::optional<Label>> evaluate(std::string_view expression, const ProcessState& state) {
  constexpr std::int64_t kNanosInSecond = 1'000'000'000;
  timespec now{}, up{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  const bool borrows = now.tv_nsec < up.tv_nsec;
  const WallTime boot{now.tv_sec - up.tv_sec - (borrows ? 1 : 0),
                      static_cast<std::uint32_t>(now.tv_nsec - up.tv_nsec + (borrows ? kNanosInSecond : 0))};
  return evaluate_time(expression, {wall_time(now), boot, state.environment, file_time});
}

/// `decide` gets what the expression says and changes the variable.
template <class Decide>
ChainTurn with_time(ToolTurn& words, const TimeVariableTool& tool, Decide decide) {
  const auto time = evaluate(tool.expression, words.state());
  if (!time) return words.fail(time.error(), kExitBadTime);
  const auto old = evaluate("$" + tool.variable, words.state());
  if (!old) return words.fail(old.error(), kExitBadTime);
  decide(words.state(), tool.variable, *time, *old);
  return words.go_on();
}

void set(ProcessState& state, const std::string& variable, const std::optional<Label>& time) {
  state.change({variable, time ? std::optional(text_of(*time)) : std::nullopt});
}

constexpr Option kAddOptions[] = {{0, "systemd-compatibility", "a month and a year are so many seconds"},
                                  {0, "gnu-compatibility", "the local calendar, as without it"}};
constexpr Option kPrintOptions[] = {{'n', "no-newline", "without a newline"}};

}  // namespace

constinit const std::span<const Option> TimeEnvAddTool::kOptions = kAddOptions;
constinit const std::span<const Option> TimePrintTool::kOptions = kPrintOptions;

void TimeVariableTool::read(ToolWords& words) {
  variable = words.take("variable name");
  expression = words.take("time");
}

ChainTurn TimeEnvSetTool::act(ToolTurn& words) const {
  const auto time = evaluate(expression, words.state());
  if (!time) return words.fail(time.error(), kExitBadTime);
  set(words.state(), variable, *time);
  return words.go_on();
}

ChainTurn TimeEnvSetIfEarlierTool::act(ToolTurn& words) const {
  return with_time(words, *this,
                   [](ProcessState& state, const std::string& name, const auto& time, const auto& old) {
                     if (time && (!old || *time < *old)) set(state, name, time);
                   });
}

ChainTurn TimeEnvUnsetIfLaterTool::act(ToolTurn& words) const {
  return with_time(words, *this,
                   [](ProcessState& state, const std::string& name, const auto& time, const auto& old) {
                     if (!time || (old && *time > *old)) set(state, name, std::nullopt);
                   });
}

void TimeEnvAddTool::read(ToolWords& words) {
  variable = words.take("variable name");
  span = words.take("time span");
}

ChainTurn TimeEnvAddTool::act(ToolTurn& words) const {
  const auto old = evaluate("$" + variable, words.state());
  if (!old) return words.fail(old.error(), kExitBadTime);
  const auto sum = add_span(old->value_or(Label()), span,
                            words.has("systemd-compatibility") ? Calendar::Fixed : Calendar::Local);
  if (!sum) return words.fail(sum.error(), kExitBadTime);
  if (*old) set(words.state(), variable, *sum);
  return words.go_on();
}

ChainTurn TimePauseUntilTool::act(ToolTurn& words) const {
  const auto time = evaluate(expression, words.state());
  if (!time) return words.fail(time.error(), kExitBadTime);
  while (!*time) ::pause();
  const WallTime until = wall_time_of(**time);
  const timespec at{until.seconds, static_cast<long>(until.nanos)};
  // A clock that is set meanwhile is heeded.
  if (until.seconds > 0)
    while (::clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, nullptr) == EINTR) {
    }
  return words.go_on();
}

void TimePrintTool::read(ToolWords& words) {
  expression = words.take("time");
  words.take_no_more();
}

ChainTurn TimePrintTool::act(ToolTurn& words) const {
  const auto time = evaluate(expression, words.state());
  if (!time) return words.fail(time.error(), kExitBadTime);
  const std::string text = *time ? text_of(**time) + " " : "null";
  return ChainTurn::ends(write_text(1, text + (words.has("no-newline") ? "" : "\n")) ? 0 : kExitFailed);
}

}  // namespace kindred::nosh
