#include "compat-nosh/status.h"

#include "core/dialect/supervise_record.h"

namespace kindred::nosh {
namespace {

enum Activity : std::uint8_t {
  kStopped = 0,
  kStarting = 1,
  kStarted = 2,
  kRunning = 3,
  kStopping = 4,
  kRestart = 5,
};

enum Code : std::uint8_t { kNotEnded = 0, kExited = 1, kSignaled = 2, kDumpedCore = 3 };

constexpr std::size_t kActivity = kSuperviseRecordSize, kEnds = 19;
// Within an end.
constexpr std::size_t kNumber = 1, kAt = 5, kEndSize = 17, kShortEndSize = 5;
static_assert(kEnds + kScripts * kEndSize == kStatusSize);
static_assert(kEnds + kScripts * kShortEndSize == kStatusSizeSecond);
static_assert(kStatusSize <= kMaxStatusFile);

Activity activity_of(Phase phase) {
  switch (phase) {
    case Phase::Stopped:
      return kStopped;
    case Phase::Waiting:
    case Phase::Starting:
      return kStarting;
    case Phase::Started:
    case Phase::Running:
      return kRunning;
    case Phase::Stopping:
      return kStopping;
    case Phase::Finishing:
    case Phase::Failed:
      return kRestart;
  }
  return kStopped;
}

std::optional<Phase> phase_of(std::uint8_t activity, bool has_process) {
  switch (activity) {
    case kStopped:
      return Phase::Stopped;
    case kStarting:
      return has_process ? Phase::Starting : Phase::Waiting;
    case kStarted:
      return Phase::Started;
    case kRunning:
      return has_process ? Phase::Running : Phase::Started;
    case kStopping:
      return Phase::Stopping;
    case kRestart:
      return has_process ? Phase::Finishing : Phase::Failed;
    default:
      return std::nullopt;
  }
}

bool at_rest(Phase phase) { return phase == Phase::Stopped || phase == Phase::Failed; }

/// What is still to be done for the want.
char pending(const StatusRecord& r) {
  if (at_rest(r.phase)) return 0;
  switch (r.want) {
    case Want::Down:
      return r.gave_up ? '\0' : 'd';
    case Want::Once:
      return r.at_most ? 'O' : 'o';
    case Want::Up:
      break;
  }
  const bool on_the_way = r.phase == Phase::Starting || r.phase == Phase::Waiting ||
                          r.phase == Phase::Stopping || (r.phase == Phase::Finishing && r.up_again);
  return on_the_way ? 'u' : '\0';
}

Want want_of(char pending, Phase phase) {
  switch (pending) {
    case 'u':
      return Want::Up;
    case 'd':
      return Want::Down;
    case 'o':
    case 'O':
      return Want::Once;
    default:
      return at_rest(phase) ? Want::Down : Want::Up;
  }
}

void put_end(ByteSpan out, const ExitStatus& end, WallTime at) {
  Code code = kNotEnded;
  std::uint32_t number = 0;
  switch (end.kind) {
    case ExitStatus::Kind::None:
      break;
    case ExitStatus::Kind::Exited:
      code = kExited;
      number = end.value;
      break;
    case ExitStatus::Kind::Signaled:
      code = end.core_dumped ? kDumpedCore : kSignaled;
      number = end.value;
      break;
    case ExitStatus::Kind::Unknown:
      code = kSignaled;
      break;
  }
  out[0] = code;
  put_be<4>(out, kNumber, number);
  put_tai64n(out, kAt, at, kTaiOffset);
}

ExitStatus exit_status(const StatusFields::End& end) {
  if (end.code == kNotEnded) return {};
  if (end.code > kDumpedCore || end.number > UINT8_MAX) return ExitStatus::unknown();
  const int number = static_cast<int>(end.number);
  if (end.code == kExited) return ExitStatus::exited(number);
  return number == 0 ? ExitStatus::unknown() : ExitStatus::signaled(number, end.code == kDumpedCore);
}

}  // namespace

std::optional<StatusFields> read_fields(ByteView in) {
  if (in.size() < kSuperviseRecordSize) return std::nullopt;
  const SuperviseRecord told = get_supervise_record(in, kTaiOffset);
  StatusFields fields;
  fields.size = in.size();
  fields.label = get_be<8>(in, 0);
  fields.since = told.since;
  fields.pid = told.pid;
  fields.paused = told.paused;
  fields.pending = told.want;
  if (in.size() > kActivity) fields.activity = in[kActivity];
  const bool is_short = in.size() == kStatusSizeSecond;
  const std::size_t size = is_short ? kShortEndSize : kEndSize;
  for (std::size_t i = 0; i < kScripts && kEnds + (i + 1) * size <= in.size(); ++i) {
    const ByteView bytes = in.subspan(kEnds + i * size, size);
    StatusFields::End& end = fields.ends[i];
    end.there = true;
    end.code = bytes[0];
    end.number = static_cast<std::uint32_t>(get_be<4>(bytes, kNumber));
    if (is_short) continue;
    end.stamped = true;
    end.label = get_be<8>(bytes, kAt);
    end.at = get_tai64n(bytes, kAt, kTaiOffset);
  }
  return fields;
}

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  put_supervise_record(out,
                       {r.pid_changed, static_cast<std::uint32_t>(r.pid), r.paused && r.pid != 0, pending(r)},
                       kTaiOffset);
  out[kActivity] = activity_of(r.phase);
  for (std::size_t i = 0; i < kScripts; ++i) {
    const auto script = static_cast<Script>(i);
    // A script that runs has not ended, however it may have ended before.
    const bool runs = r.pid != 0 && script == script_of(r.phase);
    put_end(out.subspan(kEnds + i * kEndSize, kEndSize), runs ? ExitStatus{} : r.exit_of(script),
            r.changed(script));
  }
  return kStatusSize;
}

std::optional<DecodedStatus> decode_status(ByteView in) {
  const std::optional<StatusFields> fields = read_fields(in);
  if (!fields) return std::nullopt;
  DecodedStatus status;
  StatusRecord& r = status.snapshot.main;
  r.pid = static_cast<std::int32_t>(fields->pid);
  r.phase = r.pid != 0 ? Phase::Running : Phase::Stopped;
  if (fields->activity) {
    const std::optional<Phase> phase = phase_of(*fields->activity, r.pid != 0);
    status.phase_known = phase.has_value();
    if (phase) r.phase = *phase;
    r.want = want_of(fields->pending, r.phase);
  } else {
    r.want = want_of_byte(fields->pending);
  }
  r.once = r.want == Want::Once;
  r.at_most = fields->pending == 'O';
  r.up_again = r.phase == Phase::Finishing && fields->pending == 'u';
  // Nobody asked for what it does.
  if (r.phase == Phase::Stopping && fields->pending == 0) {
    r.want = Want::Down;
    r.gave_up = true;
  }
  r.paused = fields->paused;
  r.pid_changed = r.run_started = r.down_since = fields->since;
  for (std::size_t i = 0; i < kScripts; ++i) {
    const StatusFields::End& end = fields->ends[i];
    const auto script = static_cast<Script>(i);
    r.exit_of(script) = exit_status(end);
    r.changed(script) = end.stamped ? end.at : fields->since;
  }
  const StatusFields::End& run = fields->end_of(Script::Run);
  if (run.stamped && run.code != kNotEnded) r.run_ended = run.at;
  return status;
}

}  // namespace kindred::nosh
