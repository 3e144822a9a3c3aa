#include "compat-s6/status.h"

#include "core/base/tai64n.h"

namespace kindred::s6 {
namespace {

constexpr std::size_t kReadySince = 12, kPid = 24, kWaitStatus = 32, kFlags = 34;
constexpr std::size_t kGroupSize = kStatusSizeWithGroup - kStatusSize;

enum Flag : std::uint8_t { kPaused = 1, kFinishing = 2, kWantUp = 4, kReady = 8 };

bool is_over(Phase phase) { return phase == Phase::Finishing || phase == Phase::Stopping; }

/// Up is what has a process that is not about the end.
bool is_up(const StatusRecord& r) { return r.pid != 0 && !is_over(r.phase); }

bool at_rest(Phase phase) {
  return phase == Phase::Stopped || phase == Phase::Waiting || phase == Phase::Failed;
}

/// What was never stamped is as old as the oldest thing that was.
WallTime first_stamped(std::initializer_list<WallTime> stamps) {
  for (const WallTime& stamp : stamps)
    if (stamp != WallTime{}) return stamp;
  return {};
}

WallTime since(const StatusRecord& r) {
  if (is_up(r))
    return first_stamped({r.phase == Phase::Running ? r.run_started : r.pid_changed, r.pid_changed});
  return first_stamped({r.run_ended, r.down_since, r.pid_changed});
}

}  // namespace

std::uint16_t wait_status(const ExitStatus& end) {
  switch (end.kind) {
    case ExitStatus::Kind::Exited:
      return static_cast<std::uint16_t>(end.value << 8);
    case ExitStatus::Kind::Signaled:
      return static_cast<std::uint16_t>((end.value & 0x7f) | (end.core_dumped ? 0x80 : 0));
    case ExitStatus::Kind::None:
    case ExitStatus::Kind::Unknown:
      break;
  }
  return 0;
}

ExitStatus exit_status(std::uint16_t wait_status) {
  const int signal = wait_status & 0x7f;
  if (signal == 0) return ExitStatus::exited(wait_status >> 8);
  // 0x7f says that a process was stopped, which is no end.
  if (signal == 0x7f) return ExitStatus::unknown();
  return ExitStatus::signaled(signal, (wait_status & 0x80) != 0);
}

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  const WallTime changed = since(r);
  put_tai64n(out, 0, changed, TaiOffset::LeapTable);
  put_tai64n(out, kReadySince, first_stamped({r.ready_changed, changed}), TaiOffset::LeapTable);
  put_be<8>(out, kPid, static_cast<std::uint32_t>(r.pid));
  put_be<2>(out, kWaitStatus, wait_status(r.exit_of(Script::Run)));
  unsigned flags = 0;
  if (r.paused && r.pid != 0) flags |= kPaused;
  if (is_over(r.phase) && r.pid != 0) flags |= kFinishing;
  if (r.want == Want::Up) flags |= kWantUp;
  if (is_up(r) ? r.ready : at_rest(r.phase)) flags |= kReady;
  out[kFlags] = static_cast<std::uint8_t>(flags);
  return kStatusSize;
}

std::optional<DecodedStatus> decode_status(ByteView in) {
  if (in.size() < kStatusSize) return std::nullopt;
  const std::size_t group = in.size() == kStatusSizeWithGroup ? kGroupSize : 0;
  const std::uint64_t pid = get_be<8>(in, kPid);
  if (pid > INT32_MAX) return std::nullopt;
  const std::uint8_t flags = in[kFlags + group];
  DecodedStatus status;
  StatusRecord& r = status.snapshot.main;
  r.pid = static_cast<std::int32_t>(pid);
  // Newer releases say so of what has not been started since its supervisor came.
  const bool never = pid == 0 && (flags & kPaused) != 0;
  r.paused = (flags & kPaused) != 0 && !never;
  r.want = (flags & kWantUp) != 0 ? Want::Up : Want::Down;
  const bool ready = (flags & kReady) != 0;
  if (pid != 0)
    r.phase = (flags & kFinishing) != 0 ? Phase::Finishing : Phase::Running;
  else if (!ready && !never)
    r.phase = Phase::Finishing;
  else
    r.phase = r.want == Want::Up ? Phase::Waiting : Phase::Stopped;  // about to be started, or not
  r.ready = ready && r.phase == Phase::Running;
  r.pid_changed = r.down_since = get_tai64n(in, 0, TaiOffset::LeapTable);
  r.ready_changed = get_tai64n(in, kReadySince, TaiOffset::LeapTable);
  if (never) return status;
  r.run_started = r.run_ended = r.pid_changed;
  r.exit_of(Script::Run) = exit_status(static_cast<std::uint16_t>(get_be<2>(in, kWaitStatus + group)));
  return status;
}

}  // namespace kindred::s6
