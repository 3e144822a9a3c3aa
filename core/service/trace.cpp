#include "core/service/trace.h"

#include <algorithm>

namespace kindred {
namespace {

using Kind = TraceEntry::Kind;

constexpr unsigned kTimeBits = 42, kKindBits = 5, kByte = 8;
constexpr unsigned kKindOfEnd = 2, kCoreDumped = 4;  // the first bit of each, after the script

constexpr std::uint8_t number(auto value) { return static_cast<std::uint8_t>(value); }

std::uint8_t detail_of(Script script, const ExitStatus& status) {
  return number(number(script) | number(status.kind) << kKindOfEnd |
                number(status.core_dumped) << kCoreDumped);
}

bool makes_sense(const TraceEntry& entry) {
  constexpr unsigned kDetails = 1U << (kCoreDumped + 1);
  switch (entry.kind) {
    case Kind::Begun:
      return entry.subject < kWants;
    case Kind::Commanded:
      return entry.subject < kVerbs;
    case Kind::Started:
    case Kind::NotStarted:
    case Kind::Absent:
      return entry.subject < kScripts;
    case Kind::Ended:
    case Kind::CustomEnded:
    case Kind::Outlived:
      return entry.detail < kDetails;
    case Kind::CustomStarted:
      return entry.subject > ' ' && entry.subject <= '~';
    case Kind::TimeOver:
      return entry.subject < kPhases || entry.subject == TraceEntry::kCustom;
    default:
      return entry.kind != Kind::None && entry.kind <= Kind::Outlived;
  }
}

}  // namespace

std::uint64_t TraceEntry::pack() const {
  constexpr std::uint64_t kLatest = (1ULL << kTimeBits) - 1;
  return std::min(milliseconds, kLatest) | static_cast<std::uint64_t>(kind) << kTimeBits |
         static_cast<std::uint64_t>(subject) << (kTimeBits + kKindBits) |
         static_cast<std::uint64_t>(detail) << (kTimeBits + kKindBits + kByte);
}

std::optional<TraceEntry> TraceEntry::unpack(std::uint64_t bits) {
  TraceEntry entry;
  entry.milliseconds = bits & ((1ULL << kTimeBits) - 1);
  entry.kind = static_cast<Kind>(bits >> kTimeBits & ((1U << kKindBits) - 1));
  entry.subject = number(bits >> (kTimeBits + kKindBits) & UINT8_MAX);
  entry.detail = number(bits >> (kTimeBits + kKindBits + kByte) & UINT8_MAX);
  if (!makes_sense(entry)) return std::nullopt;
  return entry;
}

Script TraceEntry::script() const { return static_cast<Script>(detail & (kScripts - 1)); }

ExitStatus TraceEntry::status() const {
  return {static_cast<ExitStatus::Kind>(detail >> kKindOfEnd & 3U), subject,
          (detail >> kCoreDumped & 1U) != 0};
}

std::vector<TraceEntry> Trace::read() const {
  std::vector<TraceEntry> read;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (const auto entry = TraceEntry::unpack(entries[(count + i) % entries.size()])) read.push_back(*entry);
  // One may have been written, and not counted yet.
  std::stable_sort(read.begin(), read.end(),
                   [](const TraceEntry& a, const TraceEntry& b) { return a.milliseconds < b.milliseconds; });
  return read;
}

TraceEntry trace_entry(const Now& now, Kind kind, std::uint8_t subject, std::uint8_t detail) noexcept {
  constexpr std::uint64_t kThousand = 1000, kMillion = 1'000'000;
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(now.wall.seconds, 0));
  return {kind, subject, detail, seconds * kThousand + now.wall.nanos / kMillion};
}

std::optional<TraceEntry> traced(const Event& event, const ServiceMachine& machine, const Now& now) noexcept {
  const auto entry = [&](Kind kind, std::uint8_t subject = 0, std::uint8_t detail = 0) {
    return trace_entry(now, kind, subject, detail);
  };
  if (const auto* const e = std::get_if<event::Begin>(&event)) return entry(Kind::Begun, number(e->want));
  if (std::holds_alternative<event::Adopted>(event)) return entry(Kind::TakenOn);
  if (const auto* const e = std::get_if<event::Command>(&event))
    return entry(Kind::Commanded, number(e->command.verb), e->command.signal);
  if (const auto* const e = std::get_if<event::Spawned>(&event))
    return entry(Kind::Started, number(e->script));
  if (const auto* const e = std::get_if<event::SpawnFailed>(&event))
    return entry(Kind::NotStarted, number(e->script));
  if (const auto* const e = std::get_if<event::ScriptAbsent>(&event)) {
    // That any other is not there is how most services are.
    if (e->script != Script::Run) return std::nullopt;
    return entry(Kind::Absent, number(e->script));
  }
  if (const auto* const e = std::get_if<event::Exited>(&event)) {
    if (e->pid == machine.custom_pid)
      return entry(Kind::CustomEnded, e->status.value, detail_of(Script::Run, e->status));
    if (e->pid != machine.record.pid) return std::nullopt;
    return entry(Kind::Ended, e->status.value, detail_of(script_of(machine.record.phase), e->status));
  }
  if (const auto* const e = std::get_if<event::Outlived>(&event))
    return entry(Kind::Outlived, e->status.value, detail_of(Script::Run, e->status));
  if (std::holds_alternative<event::BecameReady>(event)) return entry(Kind::Ready);
  if (const auto* const e = std::get_if<event::Stopped>(&event))
    return entry(e->stopped ? Kind::Stopped : Kind::Continued);
  if (std::holds_alternative<event::TimerFired>(event)) {
    if (machine.custom_deadline <= now.steady) return entry(Kind::TimeOver, TraceEntry::kCustom);
    if (machine.phase_deadline <= now.steady) return entry(Kind::TimeOver, number(machine.record.phase));
  }
  if (std::holds_alternative<event::MainLeft>(event)) return entry(Kind::MainLeft);
  return std::nullopt;
}

std::optional<TraceEntry> traced(const Action& action, const ServiceMachine& machine,
                                 const Now& now) noexcept {
  switch (action.kind) {
    case Action::Kind::Kill: {
      const bool custom = action.pid == machine.custom_pid;
      return trace_entry(
          now, Kind::Signalled, action.signal,
          number((action.to_group ? TraceEntry::kToGroup : 0) | (custom ? TraceEntry::kToCustom : 0)));
    }
    case Action::Kind::EndLeft:
      return trace_entry(now, Kind::Signalled, action.signal, TraceEntry::kToLeft);
    case Action::Kind::MakeDown:
      return trace_entry(now, Kind::MadeDown);
    case Action::Kind::RemoveDown:
      return trace_entry(now, Kind::RemovedDown);
    case Action::Kind::DropOutput:
      return trace_entry(now, Kind::DroppedOutput);
    case Action::Kind::Announce:
      if (action.notice != Notice::WillNotRestart) return std::nullopt;
      return trace_entry(now, Kind::StaysDown);
    case Action::Kind::Retire:
      return trace_entry(now, Kind::Retired);
    // What follows from these tells of itself.
    case Action::Kind::Spawn:
    case Action::Kind::RunCustom:
    case Action::Kind::Publish:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace kindred
