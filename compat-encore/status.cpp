#include "compat-encore/status.h"

#include <iterator>

#include "core/dialect/supervise_record.h"

namespace kindred::encore {
namespace {

constexpr std::size_t kState = kSuperviseRecordSize;

enum class State : std::uint8_t { Stopped, Starting, Started, Running, Stopping, Failed };

State state_of(const StatusRecord& r) {
  // From an accepted `d` on, whatever the process is.
  if (r.sent_down) return State::Stopping;
  switch (r.phase) {
    case Phase::Waiting:
    case Phase::Starting:
      return State::Starting;
    case Phase::Started:
      return State::Started;
    case Phase::Running:
      return State::Running;
    case Phase::Finishing:
      return State::Stopping;
    case Phase::Failed:
      return State::Failed;
    case Phase::Stopping:
      // `stop` leaves the state of what it was called for.
      if (r.before == Phase::Failed) return State::Failed;
      if (r.before == Phase::Started) return State::Started;
      break;
    case Phase::Stopped:
      break;
  }
  // What has ended under x is not restarted; its state stays.
  if (r.exiting && r.want != Want::Down && r.before == Phase::Starting) return State::Starting;
  if (r.exiting && r.want == Want::Up && r.before == Phase::Running) return State::Running;
  return State::Stopped;
}

/// What the byte says of a process that is there, or not. nullopt: no state of this family.
std::optional<Phase> phase_of(std::uint8_t state, bool process) {
  switch (static_cast<State>(state)) {
    case State::Stopped:
      return process ? Phase::Stopping : Phase::Stopped;
    case State::Starting:
      return process ? Phase::Starting : Phase::Waiting;
    // `stop` leaves the byte as it was.
    case State::Started:
      return process ? Phase::Stopping : Phase::Started;
    case State::Failed:
      return process ? Phase::Stopping : Phase::Failed;
    case State::Running:
      return process ? Phase::Running : Phase::Waiting;
    case State::Stopping:
      return process ? Phase::Running : Phase::Stopped;
  }
  return std::nullopt;
}

/// What `stop` is called for, by the byte that it leaves.
Phase before_stop(std::uint8_t state) {
  switch (static_cast<State>(state)) {
    case State::Failed:
      return Phase::Failed;
    case State::Started:
      return Phase::Started;
    default:
      return Phase::Stopped;
  }
}

void put_record(ByteSpan out, const StatusRecord& r) {
  const State state = state_of(r);
  const bool started = state == State::Started && r.phase != Phase::Stopping;
  const char want = started ? '\0' : want_byte(r.want);
  put_supervise_record(out, {r.pid_changed, static_cast<std::uint32_t>(r.pid), r.paused && r.pid != 0, want},
                       TaiOffset::Constant10);
  out[kState] = static_cast<std::uint8_t>(state);
  out[kState + 1] = 0;
}

/// At least the 18 bytes are there.
StatusRecord get_record(ByteView in, Role role, DecodedStatus& status) {
  const SuperviseRecord told = get_supervise_record(in, TaiOffset::Constant10);
  StatusRecord r;
  r.pid = static_cast<std::int32_t>(told.pid);
  r.want = told.want == 'u' || told.want == 'd' || told.want == 0 ? want_of_byte(told.want)
           : r.pid != 0                                           ? Want::Up
                                                                  : Want::Down;
  r.paused = told.paused;
  r.pid_changed = r.run_started = r.down_since = told.since;
  r.phase = r.pid != 0 ? Phase::Running : Phase::Stopped;
  if (in.size() <= kState) return r;
  const std::uint8_t state = in[kState];
  status.state[static_cast<std::size_t>(role)] = state;
  if (const std::optional<Phase> phase = phase_of(state, r.pid != 0))
    r.phase = *phase;
  else
    status.phase_known = false;
  if (r.phase == Phase::Stopping) r.before = before_stop(state);
  r.sent_down = state == static_cast<std::uint8_t>(State::Stopping);
  return r;
}

}  // namespace

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  put_record(out, snapshot.of(role));
  if (role == Role::Log || !snapshot.log) return kRecordSize;
  put_record(out.subspan(kRecordSize), *snapshot.log);
  return 2 * kRecordSize;
}

std::optional<DecodedStatus> decode_status(ByteView in) {
  if (in.size() < kSuperviseRecordSize) return std::nullopt;
  DecodedStatus status;
  status.snapshot.main = get_record(in, Role::Main, status);
  status.pid_only = in.size() == kSuperviseRecordSize;
  if (in.size() >= kRecordSize + kSuperviseRecordSize)
    status.snapshot.log = get_record(in.subspan(kRecordSize), Role::Log, status);
  return status;
}

const char* state_word(std::uint8_t state) {
  static constexpr const char* kWords[] = {"stopped", "starting", "started", "running", "stopping", "failed"};
  return state < std::size(kWords) ? kWords[state] : "status unknown";
}

std::uint8_t state_byte(const StatusRecord& record) { return static_cast<std::uint8_t>(state_of(record)); }

}  // namespace kindred::encore
