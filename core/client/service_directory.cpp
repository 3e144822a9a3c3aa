#include "core/client/service_directory.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/base/error_text.h"
#include "core/client/door.h"
#include "core/dialect/registry.h"
#include "core/sys/record_lock.h"

namespace kindred {

static_assert(kBadFormat == EBADMSG);

namespace {

// O_NOFOLLOW guards the last component: the directory `supervise` itself may well be a link.
constexpr int kWriteToFifo = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

std::string path_in(const SuperviseLayout& layout, const char* name) {
  return *layout.directory != '\0' ? std::string(layout.directory) + "/" + name : name;
}

bool exists(int at, const std::string& path) {
  struct stat st;
  return fstatat(at, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/// The record, by way of a link too, as every family's own clients read it: what is shown of it is the few
/// fields of a codec. Nothing but a regular file is opened. Errors: as read_file().
Result<std::string> read_record(int at, const std::string& path) {
  struct stat st;
  if (fstatat(at, path.c_str(), &st, 0) != 0) return error_here("open", path);
  if (!S_ISREG(st.st_mode)) return error_here("read", path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
  // Something else may have come in its place meanwhile.
  const UniqueFd fd(openat(at, path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd || fstat(fd.get(), &st) != 0) return error_here("open", path);
  if (!S_ISREG(st.st_mode)) return error_here("read", path, EINVAL);
  std::string content(kMaxStatusFile, '\0');
  ssize_t size;
  do size = read(fd.get(), content.data(), content.size());
  while (size < 0 && errno == EINTR);
  if (size < 0) return error_here("read", path);
  content.resize(static_cast<std::size_t>(size));
  return content;
}

bool is_regular(int at, const std::string& path) {
  struct stat st;
  return fstatat(at, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

}  // namespace

const Dialect& no_family() {
  static const Dialect kNone = [] {
    Dialect none;
    none.name = "";
    none.status.decode = [](ByteView) -> std::optional<DecodedStatus> { return std::nullopt; };
    none.control.decode = [](std::uint8_t, ControlMode&) -> std::optional<ControlCommand> {
      return std::nullopt;
    };
    none.control.encode = [](const ControlCommand&) { return ControlBytes{}; };
    none.recognise = [](const Evidence&) { return 0; };
    none.shape = [](const DirectoryShape&) { return 0; };
    return none;
  }();
  return kNone;
}

Result<ServiceDirectory> ServiceDirectory::open(int at, const char* path) {
  UniqueFd fd(openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
  // O_PATH asks no permission of the directory itself; looking up a name in it does, as chdir would.
  struct stat st;
  if (!fd || fstatat(fd.get(), ".", &st, 0) == -1) return error_here("chdir to", path);
  return ServiceDirectory(std::move(fd));
}

Result<bool> ServiceDirectory::has(const char* name) const {
  struct stat st;
  if (fstatat(fd(), name, &st, 0) == 0) return true;
  if (errno == ENOENT) return false;
  return error_here("stat", name);
}

std::string ServiceDirectory::down_file(const Dialect& supervisor) const {
  const GroupConvention& convention = supervisor.convention;
  if (convention.main.down_file == nullptr) return {};
  if (const char* below = convention.service_directory; below != nullptr) {
    const Result<bool> apart = has(below);
    if (apart && *apart) return std::string(below) + "/" + convention.main.down_file;
  }
  return convention.main.down_file;
}

Result<bool> ServiceDirectory::normally_down(const Dialect& supervisor) const {
  const std::string file = down_file(supervisor);
  return file.empty() ? false : has(file.c_str());
}

Result<bool> ServiceDirectory::supervised(const SuperviseLayout& layout) const {
  if (layout.door != nullptr) return static_cast<bool>(ask_door(*layout.door, fd()));
  if (layout.ok == nullptr) return is_locked(fd(), path_in(layout, layout.lock).c_str());
  const std::string path = path_in(layout, layout.ok);
  const UniqueFd ok(openat(fd(), path.c_str(), kWriteToFifo));
  if (ok) return true;
  if (errno == ENXIO) return false;
  return error_here("open", path);
}

const Dialect* ServiceDirectory::judge(const KnownFamilies& families, ByteView status,
                                       bool has_status) const {
  const SuperviseLayout& layout = families.home.layout;
  Evidence evidence;
  evidence.has_lock = exists(fd(), path_in(layout, "lock"));
  evidence.has_control = exists(fd(), path_in(layout, "control"));
  evidence.has_ok = exists(fd(), path_in(layout, "ok"));
  evidence.has_pid = is_regular(fd(), path_in(layout, "pid"));
  evidence.has_stat = is_regular(fd(), path_in(layout, "stat"));
  evidence.has_death_tally = is_regular(fd(), path_in(layout, "death_tally"));
  evidence.has_event_dir = exists(fd(), "event");
  evidence.status_size = has_status ? static_cast<std::int64_t>(status.size()) : -1;
  evidence.status = status;
  const Dialect* found = recognise(families.all, evidence);
  if (found == nullptr) return &families.home;
  // What two families leave alike, each family's client takes for its own.
  const bool as_sure = families.home.recognise(evidence) >= found->recognise(evidence);
  return as_sure ? &families.home : found;
}

const Dialect* ServiceDirectory::behind_door(const KnownFamilies& families,
                                             std::optional<DecodedStatus>& status) const {
  for (const Dialect* family : families.all) {
    if (family->layout.door == nullptr) continue;
    const std::string socket = std::string("../") + family->layout.door->socket;
    if (!exists(fd(), socket)) continue;
    const Result<DecodedStatus> told = ask_door(*family->layout.door, fd());
    if (!told) continue;
    status = *told;
    return family;
  }
  return nullptr;
}

Result<Observation> ServiceDirectory::observe(const KnownFamilies& families) const {
  std::optional<DecodedStatus> answered;
  if (const Dialect* family = behind_door(families, answered)) return Observation{family, *answered};
  const std::string path = path_in(families.home.layout, families.home.status.record);
  const Result<std::string> content = read_record(fd(), path);
  if (!content) {
    Error error = content.error();
    if (error.code == EINVAL) error.code = kBadFormat;  // a FIFO or a device in the record's place
    return error;
  }
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(content->data()), content->size());
  const Dialect* family = judge(families, bytes, true);
  const std::optional<DecodedStatus> status = family->status.decode(bytes);
  if (!status) return error_here("read", path, kBadFormat);
  return Observation{family, *status};
}

const Dialect* ServiceDirectory::supervisor(const KnownFamilies& families) const {
  std::optional<DecodedStatus> answered;
  if (const Dialect* family = behind_door(families, answered)) return family;
  const std::string path = path_in(families.home.layout, families.home.status.record);
  const Result<std::string> content = read_record(fd(), path);
  if (!content) return judge(families, {}, false);
  return judge(families, {reinterpret_cast<const std::uint8_t*>(content->data()), content->size()}, true);
}

Result<ControlChannel> ControlChannel::open(const ServiceDirectory& service, const SuperviseLayout& layout) {
  if (layout.door != nullptr) {
    UniqueFd directory(fcntl(service.fd(), F_DUPFD_CLOEXEC, 0));
    if (!directory) return error_here("open", layout.door->socket);
    return ControlChannel(std::move(directory), layout.door->socket, layout.door);
  }
  std::string path = path_in(layout, layout.control);
  UniqueFd fd(openat(service.fd(), path.c_str(), kWriteToFifo));
  struct stat st;
  if (!fd || fstat(fd.get(), &st) == -1) return error_here("open", path);
  // A second name would be that of a file elsewhere.
  const bool file = layout.control_may_be_file && S_ISREG(st.st_mode) && st.st_nlink == 1;
  if (!S_ISFIFO(st.st_mode) && !file) return error_here("open", path, EINVAL);
  return ControlChannel(std::move(fd), std::move(path));
}

Status ControlChannel::send(std::string_view bytes, WhenFull when_full) {
  if (bytes.empty()) return ok();
  if (door_ != nullptr) return tell_door(*door_, fd_.get(), bytes);
  const int flags = fcntl(fd_.get(), F_GETFL);
  const int wanted = when_full == WhenFull::Wait ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (flags == -1 || fcntl(fd_.get(), F_SETFL, wanted) == -1) return error_here("write to", path_);
  ssize_t written;
  do written = write(fd_.get(), bytes.data(), bytes.size());
  while (written == -1 && errno == EINTR);
  if (written == -1) return error_here("write to", path_);
  // Up to PIPE_BUF bytes go whole or not at all; no command is longer.
  if (static_cast<std::size_t>(written) != bytes.size()) return error_here("write to", path_, EAGAIN);
  return ok();
}

std::size_t ControlChannel::unread() const {
  // What goes through a door has been answered.
  if (door_ != nullptr) return 0;
  int count = 0;
  return ioctl(fd_.get(), FIONREAD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

void ignore_sigpipe() { (void)signal(SIGPIPE, SIG_IGN); }

std::string_view why(const Error& error) {
  return error.code == kBadFormat ? "bad format" : error_text(error.code);
}

}  // namespace kindred
