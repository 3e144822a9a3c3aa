#include "core/client/service_directory.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "core/base/error_text.h"
#include "core/client/door.h"
#include "core/dialect/registry.h"
#include "core/sys/directory_entries.h"
#include "core/sys/process.h"
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

constexpr struct Part {
  const char* name;
  bool Evidence::*seen;
  bool regular;  ///< counts as an ordinary file only
} kParts[] = {{"lock", &Evidence::has_lock, false}, {"control", &Evidence::has_control, false},
              {"ok", &Evidence::has_ok, false},     {"pid", &Evidence::has_pid, true},
              {"stat", &Evidence::has_stat, true},  {"death_tally", &Evidence::has_death_tally, true}};

constexpr const char *kOk = "ok", *kLock = "lock", *kPid = "pid";
constexpr int kReadLock = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;

/// What a file says of whether its supervisor lives.
struct Sign {
  const char* name;
  Result<bool> lives;
  bool genuine;
};

/// A supervise directory, its files as they are when this is made.
class SuperviseDirectory {
 public:
  SuperviseDirectory(int service, const SuperviseLayout& layout, const char* record)
      : layout_(layout), record_(record) {
    const char* const path = *layout.directory != '\0' ? layout.directory : ".";
    fd_.reset(openat(service, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd_ && errno == EACCES) {
      fd_.reset(openat(service, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (fd_) ask();
    } else if (fd_) {
      if (list() != 0) ask();
      // A listing may miss what is being replaced meanwhile. By this one twins are told apart; the other FIFOs and
      // locks stay.
      if (type_of(kPid) == 0 && type_of(kOk) != 0) type_of(kPid) = ask(kPid);
    }
    error_ = errno;
  }

  /// The family that the files speak for; null: none.
  [[nodiscard]] Evidence evidence(ByteView status, bool has_status, bool has_event_directory) const {
    Evidence evidence;
    for (std::size_t i = 0; i < std::size(kParts); ++i)
      evidence.*kParts[i].seen = kParts[i].regular ? types_[i] == S_IFREG : types_[i] != 0;
    evidence.has_event_dir = has_event_directory;
    evidence.status_size = has_status ? static_cast<std::int64_t>(status.size()) : -1;
    evidence.status = status;
    return evidence;
  }

  /// The record, by way of a link too, as every family's own clients read it: what is shown of it is the few
  /// fields of a codec. Nothing but a regular file is opened. Errors: as read_file(); object below the service.
  [[nodiscard]] Result<std::string> record() const {
    const std::string path = path_in(layout_, record_);
    if (!fd_) return error_here("open", path, error_);
    int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
    if (record_type_ == S_IFREG)
      flags |= O_NOFOLLOW;
    else if (const int code = no_file(record_); code != 0)
      return error_here(code == EISDIR || code == EINVAL ? "read" : "open", path, code);
    const UniqueFd fd(openat(fd_.get(), record_, flags));
    if (!fd) return error_here("open", path);
    struct stat st;
    // Something else may have come to where the link leads meanwhile.
    if ((flags & O_NOFOLLOW) == 0 && (fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)))
      return error_here("read", path, EINVAL);
    std::string content(kMaxStatusFile, '\0');
    ssize_t size;
    do size = read(fd.get(), content.data(), content.size());
    while (size < 0 && errno == EINTR);
    if (size < 0) return error_here("read", path);
    content.resize(static_cast<std::size_t>(size));
    return content;
  }

  [[nodiscard]] bool has_log() const { return has_log_; }

  /// What tells by its reader or its lock that a supervisor lives, before it is known whose it is.
  [[nodiscard]] const char* likely_sign() const { return type_of(kOk) != 0 ? kOk : kLock; }

  /// Whether a supervisor lives that shows it by this file.
  [[nodiscard]] Sign sign(const char* name, bool is_fifo) const {
    const std::string path = path_in(layout_, name);
    if (!fd_) return {name, error_here("open", path, error_), false};
    const bool genuine = type_of(name) == (is_fifo ? S_IFIFO : S_IFREG);
    if (is_fifo) {
      if (const UniqueFd ok(openat(fd_.get(), name, kWriteToFifo)); ok) return {name, true, genuine};
      if (errno == ENXIO) return {name, false, genuine};
      return {name, error_here("open", path), genuine};
    }
    if (!genuine && type_of(name) != 0) return {name, error_here("open", path, EINVAL), false};
    const UniqueFd lock(openat(fd_.get(), name, kReadLock));
    Result<bool> locked = lock ? is_locked(lock.get(), path) : Result<bool>(error_here("open", path));
    return {name, std::move(locked), genuine};
  }

 private:
  [[nodiscard]] mode_t& type_of(std::string_view name) {
    const auto* const part = std::find_if(std::begin(kParts), std::end(kParts),
                                          [&](const Part& each) { return name == each.name; });
    return types_[static_cast<std::size_t>(part - std::begin(kParts))];
  }
  [[nodiscard]] mode_t type_of(std::string_view name) const {
    return const_cast<SuperviseDirectory*>(this)->type_of(name);
  }
  /// Why it leads to no ordinary file; 0: it does.
  [[nodiscard]] int no_file(const char* name) const {
    struct stat st;
    if (fstatat(fd_.get(), name, &st, 0) != 0) return errno;
    return S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
  }
  [[nodiscard]] mode_t ask(const char* name) const {
    struct stat st;
    return fstatat(fd_.get(), name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
  }
  void ask() {
    for (std::size_t i = 0; i < std::size(kParts); ++i) types_[i] = ask(kParts[i].name);
    record_type_ = ask(record_);
    has_log_ = ask("log") != 0;
  }
  int list() {
    return for_each_entry(fd_.get(), [&](const char* name, unsigned char type) {
      const auto take = [&](mode_t& into) {
        into = type == DT_UNKNOWN ? ask(name) : static_cast<mode_t>(DTTOIF(type));
      };
      for (std::size_t i = 0; i < std::size(kParts); ++i)
        if (std::string_view(name) == kParts[i].name) take(types_[i]);
      if (std::string_view(name) == record_) take(record_type_);
      has_log_ = has_log_ || std::string_view(name) == "log";
    });
  }

  const SuperviseLayout& layout_;
  const char* record_;
  UniqueFd fd_;
  int error_ = 0;                                      ///< why there is none
  std::array<mode_t, std::size(kParts) + 1> types_{};  ///< the last is for names that tell nothing
  mode_t record_type_ = 0;
  bool has_log_ = false;
};

/// What two families leave alike, each family's client takes for its own.
const Dialect* judge(const KnownFamilies& families, const Evidence& evidence) {
  const Dialect* found = recognise(families.all, evidence);
  if (found == nullptr) return &families.home;
  const bool as_sure = families.home.recognise(evidence) >= found->recognise(evidence);
  return as_sure ? &families.home : found;
}

ByteView bytes_of(const Result<std::string>& content) {
  if (!content) return {};
  return {reinterpret_cast<const std::uint8_t*>(content->data()), content->size()};
}

enum class Liveness : std::uint8_t { Asked, Left };

/// The look, with or without the question whether the supervisor lives.
SuperviseLook look_through(int service, const KnownFamilies& families, const Surroundings& around,
                           Liveness liveness) {
  SuperviseLook look;
  for (const Dialect* family : around.doors) {
    Result<DecodedStatus> told = ask_door(*family->layout.door, around.parent, service);
    if (told) return {.supervisor = family, .supervised = true, .genuine = true, .status = *told};
  }
  const SuperviseDirectory supervise(service, families.home.layout, families.home.status.record);
  // Before the record: one that is read while a supervisor lives is not older than that.
  std::optional<Sign> sign;
  if (liveness == Liveness::Asked) {
    const char* const likely = supervise.likely_sign();
    sign = supervise.sign(likely, likely == kOk);
  }
  look.log_below = supervise.has_log();
  const Result<std::string> content = supervise.record();
  look.supervisor = judge(families, supervise.evidence(bytes_of(content), static_cast<bool>(content),
                                                       around.has_event_directory));
  if (content) {
    const std::optional<DecodedStatus> status = look.supervisor->status.decode(bytes_of(content));
    if (status)
      look.status = *status;
    else
      look.status =
          error_here("read", path_in(families.home.layout, families.home.status.record), kBadFormat);
  } else {
    Error error = content.error();
    if (error.code == EINVAL) error.code = kBadFormat;  // a FIFO or a device in the record's place
    look.status = error;
  }
  // Who answers at a door would have done so.
  if (const SuperviseLayout& layout = look.supervisor->layout; sign && layout.door == nullptr) {
    const char* const name = layout.ok != nullptr ? layout.ok : layout.lock;
    if (std::string_view(name) != sign->name) sign = supervise.sign(name, layout.ok != nullptr);
    look.supervised = sign->lives;
    look.genuine = sign->genuine;
  }
  return look;
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

Result<ServiceDirectory> ServiceDirectory::open_log(const SuperviseLayout& layout) const {
  if (layout.directory != nullptr && *layout.directory != '\0' && *layout.directory != '/') {
    const std::string below = std::string(layout.directory) + "/log";
    struct stat st;
    if (::fstatat(fd(), (below + "/" + layout.directory).c_str(), &st, 0) == 0)
      return open(fd(), below.c_str());
  }
  return open(fd(), "log");
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

Surroundings ServiceDirectory::surroundings(const KnownFamilies& families, UniqueFd& parent,
                                            std::vector<const Dialect*>& doors) const {
  for (const Dialect* family : families.all) {
    if (family->layout.door == nullptr) continue;
    if (exists(fd(), std::string("../") + family->layout.door->socket)) doors.push_back(family);
  }
  if (!doors.empty()) parent.reset(::openat(fd(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return {.has_event_directory = exists(fd(), "event"), .parent = parent.get(), .doors = doors};
}

SuperviseLook ServiceDirectory::look(const KnownFamilies& families, const Surroundings& around) const {
  return look_through(fd(), families, around, Liveness::Asked);
}

SuperviseLook ServiceDirectory::look(const KnownFamilies& families) const {
  UniqueFd parent;
  std::vector<const Dialect*> doors;
  return look(families, surroundings(families, parent, doors));
}

Result<Observation> ServiceDirectory::observe(const KnownFamilies& families) const {
  UniqueFd parent;
  std::vector<const Dialect*> doors;
  const SuperviseLook look =
      look_through(fd(), families, surroundings(families, parent, doors), Liveness::Left);
  if (!look.status) return look.status.error();
  return Observation{look.supervisor, *look.status};
}

bool ServiceDirectory::lacks_group(const KnownFamilies& families,
                                   std::span<const ControlCommand> commands) const {
  for (const ControlCommand& command : commands) {
    if (!command.to_group || !signals(command.verb)) continue;
    const Result<Observation> seen = observe(families);
    if (!seen) return false;
    const GroupSnapshot& group = seen->status.snapshot;
    if (command.role == Role::Log && !group.log) continue;
    const std::int32_t pid = command.role == Role::Log ? group.log->pid : group.main.pid;
    if (pid > 0 && ::kill(pid, 0) == 0 && !leads_group(pid)) return true;
  }
  return false;
}

const Dialect* ServiceDirectory::supervisor(const KnownFamilies& families) const {
  UniqueFd parent;
  std::vector<const Dialect*> doors;
  return look_through(fd(), families, surroundings(families, parent, doors), Liveness::Left).supervisor;
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
