#include "compat-runit/status.h"

#include <charconv>
#include <cstring>
#include <string_view>

#include "core/dialect/supervise_record.h"

namespace kindred::runit {
namespace {

constexpr std::size_t kTerm = 18, kState = 19;

std::size_t append(ByteSpan out, std::size_t at, std::string_view text) {
  std::memcpy(out.data() + at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

State state_of(Phase phase) {
  switch (phase) {
    case Phase::Starting:
    case Phase::Running:
      return State::Run;
    case Phase::Finishing:
    case Phase::Stopping:
      return State::Finish;
    case Phase::Stopped:
    case Phase::Waiting:
    case Phase::Started:
    case Phase::Failed:
      break;
  }
  return State::Down;
}

std::string_view state_word(State state) {
  static constexpr std::string_view kWords[] = {"down", "run", "finish"};
  return kWords[static_cast<std::size_t>(state)];
}

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  const State state = state_of(r.phase);
  put_supervise_record(
      out,
      {state == State::Down ? r.down_since : r.run_started, static_cast<std::uint32_t>(r.pid), r.paused,
       r.want == Want::Up && !r.exiting ? 'u' : 'd'},
      TaiOffset::Constant10);
  out[kTerm] = r.sent_term ? 1 : 0;
  out[kState] = static_cast<std::uint8_t>(state);
  return kStatusSize;
}

std::size_t encode_stat(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  const State state = state_of(r.phase);
  std::size_t size = append(out, 0, state_word(state));
  if (r.paused) size = append(out, size, ", paused");
  if (r.sent_term) size = append(out, size, ", got TERM");
  if (state != State::Down) {
    if (r.exiting)
      size = append(out, size, ", want exit");
    else if (r.want != Want::Up)
      size = append(out, size, ", want down");
  }
  return append(out, size, "\n");
}

std::size_t encode_pid(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  if (r.pid == 0) return 0;
  char* const begin = reinterpret_cast<char*>(out.data());
  char* const end = std::to_chars(begin, begin + out.size() - 1, r.pid).ptr;
  *end = '\n';
  return static_cast<std::size_t>(end + 1 - begin);
}

std::optional<DecodedStatus> decode_status(ByteView in) {
  if (in.size() < kStatusSize) return std::nullopt;
  const SuperviseRecord told = get_supervise_record(in, TaiOffset::Constant10);
  DecodedStatus status;
  StatusRecord& r = status.snapshot.main;
  r.pid = static_cast<std::int32_t>(told.pid);
  r.want = want_of_byte(told.want);
  r.paused = told.paused;
  r.sent_term = in[kTerm] != 0;
  r.pid_changed = r.run_started = r.down_since = told.since;
  switch (in[kState]) {
    case static_cast<std::uint8_t>(State::Down):
      // What is down and wanted up is about to be started.
      r.phase = r.want == Want::Up ? Phase::Waiting : Phase::Stopped;
      break;
    case static_cast<std::uint8_t>(State::Run):
      r.phase = Phase::Running;
      break;
    case static_cast<std::uint8_t>(State::Finish):
      r.phase = Phase::Finishing;
      break;
    default:
      status.phase_known = false;
      break;
  }
  return status;
}

}  // namespace kindred::runit
