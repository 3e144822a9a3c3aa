#include "compat-nosh/client/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "compat-nosh/dialect.h"
#include "core/dialect/registry.h"
#include "core/dialect/supervise_record.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

/// Any kind of file is a flag, and one that cannot be looked up is too.
bool is_set(int directory, const char* name) {
  struct stat st;
  return fstatat(directory, name, &st, 0) == 0 || errno != ENOENT;
}

/// As this family would write it.
StatusFields told_here(const DecodedStatus& status, std::size_t size) {
  std::array<std::uint8_t, kStatusSize> bytes;
  (void)encode_status(status.snapshot, Role::Main, bytes);
  StatusFields fields = *read_fields(bytes);
  if (!status.phase_known) fields.activity = UINT8_MAX;
  if (size == kSuperviseRecordSize) {
    // Such a record knows no phases: it is shown as one of that size always is.
    fields.activity.reset();
    fields.pending = want_byte(status.snapshot.main.want);
  }
  return fields;
}

}  // namespace

Result<Bundle> Bundle::open(int at, const char* path) {
  Result<ServiceDirectory> directory = ServiceDirectory::open(at, path);
  if (!directory) return directory.error();
  std::optional<ServiceDirectory> service;
  if (Result<ServiceDirectory> below = ServiceDirectory::open(directory->fd(), "service"))
    service = std::move(*below);
  else if (below.error().code != ENOENT)
    return Error{below.error().code, below.error().operation, "service"};
  // A supervise directory may be named itself: then its `ok` is in it.
  const bool is_supervise = [&] {
    const Result<bool> here = directory->supervised(supervise_dialect().layout);
    return here && *here;
  }();
  const bool has_supervise = !is_supervise && is_set(directory->fd(), "supervise");
  const Dialect* const supervisor = directory->supervisor({dialect(), kindred::families()});
  return Bundle(std::move(*directory), std::move(service), has_supervise, supervisor->layout.door != nullptr);
}

Flags Bundle::flags() const {
  const int fd = service_fd();
  const Dialect& family = supervisor();
  // Another family's supervisor does not look for this family's file.
  const bool ours = std::string_view(family.name) == dialect().name;
  const Result<bool> down = directory_.normally_down(family);
  return {ours ? is_set(fd, "down") : !down || *down, is_set(fd, "remain"), is_set(fd, "ready_after_run"),
          is_set(fd, "use_hangup"), is_set(fd, "no_kill_signal")};
}

KnownFamilies Bundle::families() const {
  static const Dialect* const kAlone[] = {&supervise_dialect()};
  if (has_supervise_ || behind_door_) return {dialect(), kindred::families()};
  // Files that lie in the directory itself are this family's, or read as if they were.
  return {supervise_dialect(), kAlone};
}

const SuperviseLayout& Bundle::layout() const {
  if (behind_door_) return supervisor().layout;
  return has_supervise_ ? dialect().layout : supervise_dialect().layout;
}

const Dialect& Bundle::supervisor() const { return *directory_.supervisor(families()); }

Result<bool> Bundle::supervised() const {
  const Dialect& family = supervisor();
  const Result<bool> answer = directory_.supervised(has_supervise_ ? family.layout : layout());
  if (answer) return *answer;
  return Error{answer.error().code, answer.error().operation, "supervise/ok"};
}

Result<std::optional<StatusFields>> Bundle::status() const {
  if (behind_door_) {
    const Result<Observation> seen = directory_.observe(families());
    if (!seen) return Error{seen.error().code, seen.error().operation, "status"};
    return std::optional(told_here(seen->status, kStatusSize));
  }
  const std::string path = std::string(layout().directory) + (has_supervise_ ? "/status" : "status");
  const Result<std::string> content = read_file(fd(), path.c_str(), kMaxStatusFile);
  if (!content) return Error{content.error().code, content.error().operation, "status"};
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(content->data()), content->size());
  const Dialect& family = supervisor();
  if (std::string_view(family.name) == dialect().name) return read_fields(bytes);
  const std::optional<DecodedStatus> status = family.status.decode(bytes);
  if (!status) return std::optional<StatusFields>();
  return std::optional(told_here(*status, bytes.size()));
}

Result<ControlChannel> Bundle::control() const {
  Result<ControlChannel> channel = ControlChannel::open(directory_, layout());
  if (!channel) return Error{channel.error().code, channel.error().operation, "control"};
  return channel;
}

bool is_stopped(const StatusFields& status) {
  return status.activity ? *status.activity == 0 : status.pid == 0;
}

bool is_ready(const std::optional<StatusFields>& status, const Flags& flags) {
  if (!status) return false;
  if (!status->activity) return status->pid != 0 && !flags.ready_after_run;
  constexpr std::uint8_t kRunning = 3, kStopping = 4, kRestart = 5;
  const std::uint8_t activity = *status->activity;
  if (!flags.ready_after_run) return activity == kRunning;
  if ((activity == kRunning && status->pid == 0) || activity == kRestart) return true;
  if (flags.remain) return false;
  return activity == kStopping || (activity == 0 && status->end_of(Script::Run).code != 0);
}

}  // namespace kindred::nosh
