#include "core/native/takeover_plan.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "core/base/number.h"

namespace kindred {
namespace {

/// The pipe from the service to its log: the supervisor has both ends of it, as of the one that wakes it up, which it has
/// made first and at both ends non-blocking. An end of the log's is non-blocking, too, where whoever was given it has made
/// it so, as svlogd does.
std::optional<FileId> own_pipe(const ForeignSupervisor& supervisor) {
  std::optional<FileId> last, waiting;
  std::size_t count = 0;
  for (const HeldFifo& reads : supervisor.fifos) {
    if (!reads.is_pipe || !reads.reads) continue;
    const auto writes = std::find_if(
        supervisor.fifos.begin(), supervisor.fifos.end(),
        [&](const HeldFifo& each) { return each.is_pipe && each.id == reads.id && each.writes; });
    if (writes == supervisor.fifos.end()) continue;
    last = reads.id;
    ++count;
    if (reads.waits || writes->waits) waiting = reads.id;
  }
  if (waiting) return waiting;
  return count > 1 ? last : std::nullopt;
}

/// The pipe that it reads alone, and that is none of its standard descriptors.
std::optional<FileId> pipe_of_readiness(const ForeignSupervisor& supervisor,
                                        const std::optional<FileId>& log) {
  constexpr int kStandard = 2;
  for (const HeldFifo& each : supervisor.fifos) {
    if (!each.is_pipe || !each.reads || each.writes || each.fd <= kStandard || log == each.id) continue;
    const bool is_its_own =
        std::any_of(supervisor.fifos.begin(), supervisor.fifos.end(),
                    [&](const HeldFifo& other) { return other.id == each.id && other.writes; });
    if (!is_its_own) return each.id;
  }
  return std::nullopt;
}

Error passes(std::string what) { return Error{EAGAIN, "take over", std::move(what)}; }

Result<TakenRole> plan_role(const RoleFiles& files, Role role, std::vector<ForeignChild>& children) {
  if (!files.record) return Error{EBADMSG, "read", role == Role::Log ? "its log's record" : "its record"};
  const StatusRecord& record = files.record->snapshot.main;
  TakenRole taken;
  taken.want = record.want;
  taken.since = record.run_started;
  if (record.pid == 0) return taken;
  const auto child = std::find_if(children.begin(), children.end(),
                                  [&](const ForeignChild& each) { return each.pid == record.pid; });
  if (child == children.end())
    return passes("process " + std::to_string(record.pid) + ", which is no child of its supervisor");
  taken.pid = child->pid;
  taken.start_ticks = child->start_ticks;
  taken.script = script_of(record.phase);
  taken.paused = record.paused;
  taken.ready = record.ready;
  children.erase(child);
  return taken;
}

}  // namespace

Result<TakeoverPlan> plan_takeover(const ForeignSupervisor& supervisor) {
  std::vector<ForeignChild> children = supervisor.children;
  for (const ForeignChild& child : children) {
    if (child.ended) return passes("process " + std::to_string(child.pid) + ", which has just ended");
    if (child.is_being_made) return passes("process " + std::to_string(child.pid) + ", which is being made");
  }
  TakeoverPlan plan;
  Result<TakenRole> main = plan_role(supervisor.main, Role::Main, children);
  if (!main) return main.error();
  plan.main = *main;
  if (supervisor.log) {
    Result<TakenRole> log = plan_role(*supervisor.log, Role::Log, children);
    if (!log) return log.error();
    plan.log = *log;
  }
  if (!children.empty())
    return passes("process " + std::to_string(children.front().pid) + ", which is neither service nor log");

  std::optional<FileId> pipe = supervisor.scanners_pipe;
  if (supervisor.log) pipe = own_pipe(supervisor);
  if (pipe) plan.pipe = pipe->inode;
  const std::optional<FileId> ready = pipe_of_readiness(supervisor, pipe);
  if (ready && plan.main.pid != 0 && !plan.main.ready) plan.ready_pipe = ready->inode;

  const auto take = [&](const std::optional<FileId>& id, bool for_both) {
    const auto held =
        std::find_if(supervisor.fifos.begin(), supervisor.fifos.end(),
                     [&](const HeldFifo& each) { return id == each.id && (for_both || each.reads); });
    if (held != supervisor.fifos.end()) plan.fifos.push_back({held->fd, held->id, for_both});
  };
  for (const RoleFiles* const files : {&supervisor.main, supervisor.log ? &*supervisor.log : nullptr}) {
    if (files == nullptr) continue;
    take(files->control, true);
    take(files->ok, false);
  }
  take(pipe, true);
  if (plan.ready_pipe != 0) take(ready, false);
  return plan;
}

std::optional<FileId> scanners_pipe(std::span<const HeldFifo> main, std::span<const HeldFifo> log) {
  constexpr int kInput = 0, kOutput = 1;
  for (const HeldFifo& writes : main)
    for (const HeldFifo& reads : log)
      if (writes.fd == kOutput && reads.fd == kInput && writes.is_pipe && reads.is_pipe &&
          writes.id == reads.id)
        return writes.id;
  return std::nullopt;
}

bool is_all_of_user(std::string_view status, std::uint32_t user) {
  // A name before it has its newlines escaped.
  constexpr std::string_view kUsers = "\nUid:\t";
  const std::size_t at = status.find(kUsers);
  if (at == std::string_view::npos) return false;
  status.remove_prefix(at + kUsers.size());
  status = status.substr(0, status.find('\n'));
  int users = 0;
  while (!status.empty()) {
    const std::size_t end = std::min(status.find('\t'), status.size());
    if (parse_unsigned<std::uint32_t>(status.substr(0, end)) != user) return false;
    status.remove_prefix(std::min(end + 1, status.size()));
    ++users;
  }
  constexpr int kUserIds = 4;
  return users == kUserIds;
}

std::optional<int> parse_open_flags(std::string_view fdinfo) {
  constexpr std::string_view kFlags = "flags:";
  const std::size_t at = fdinfo.find(kFlags);
  if (at == std::string_view::npos || (at != 0 && fdinfo[at - 1] != '\n')) return std::nullopt;
  std::string_view text = fdinfo.substr(at + kFlags.size());
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t")));
  text = text.substr(0, text.find('\n'));
  int flags = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), flags, 8);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || flags < 0)
    return std::nullopt;
  return flags;
}

}  // namespace kindred
