#include "core/view/supervise_dir_view.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/sys/event_directory.h"
#include "core/sys/files.h"

namespace kindred {
namespace {
constexpr std::size_t kLargestTally = 64 * 1024;
constexpr std::size_t kLongestPath = 600;  // two names of 255 bytes, and what the layout adds

/// FNV-1a, 64 bits: enough to tell whether a few dozen bytes are the ones written last.
std::uint64_t fingerprint_of(ByteView bytes) {
  std::uint64_t fingerprint = 14695981039346656037U;
  for (std::uint8_t byte : bytes) fingerprint = (fingerprint ^ byte) * 1099511628211U;
  return fingerprint;
}

}  // namespace

void SuperviseDirView::path_to(char* out, std::size_t size, const char* name,
                               const char* suffix) const noexcept {
  const char* directory = dialect_->layout.directory;
  std::snprintf(out, size, "%s%s%s%s%s", prefix_.c_str(), directory, *directory != '\0' ? "/" : "", name,
                suffix);
}

std::string SuperviseDirView::path(const char* name) const {
  char text[kLongestPath];
  path_to(text, sizeof text, name, "");
  return text;
}

Status SuperviseDirView::make_events() const {
  const char* const name = dialect_->layout.event.name;
  return name == nullptr ? ok()
                         : event_directory::make(base_, (prefix_ + name).c_str(), {::getegid()},
                                                 event_directory::IfThere::Leave);
}

Status SuperviseDirView::make_directories() const {
  const SuperviseLayout& layout = dialect_->layout;
  if (*layout.directory != '\0') {
    const std::string directory = prefix_ + layout.directory;
    if (Status made = make_directory(base_, directory.c_str(), layout.directory_mode); !made) return made;
  }
  if (layout.directory_of != nullptr) return make_directory(base_, prefix_.c_str(), layout.directory_mode);
  return ok();
}

void SuperviseDirView::make_ahead() const noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  if (!make_events() || !make_directories()) return;
  make_lock_file(base_, path(layout.lock).c_str(), layout.lock_mode, layout.lock_mode_exact);
  (void)make_fifo(base_, path(layout.control).c_str(), layout.fifo_mode);
  if (layout.ok != nullptr)
    (void)make_fifo(base_, path(layout.ok).c_str(), layout.ok_mode, layout.ok_mode_exact);
}

void SuperviseDirView::resume(FdStore& from) noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  resumed_ = true;
  control_ = from.take_fifo(base_, path(layout.control).c_str(), FdStore::For::Both);
  if (layout.ok != nullptr) ok_ = from.take_fifo(base_, path(layout.ok).c_str(), FdStore::For::Reading);
}

Status SuperviseDirView::claim() {
  const SuperviseLayout& layout = dialect_->layout;
  if (Status made = make_events(); !made) return made;
  if (layout.event.name != nullptr) event_directory::clean(base_, (prefix_ + layout.event.name).c_str());
  const auto hold = [&] {
    return hold_lock(base_, path(layout.lock).c_str(), layout.lock_mode, layout.lock_kind,
                     layout.lock_mode_exact);
  };
  // Most have been supervised before: what is there is not made first.
  Result<HeldLock> lock = hold();
  if (!lock && lock.error().code == ENOENT) {
    if (Status made = make_directories(); !made) return made;
    lock = hold();
  }
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  return ok();
}

std::optional<DecodedStatus> SuperviseDirView::left_behind() const {
  const Result<std::string> record = read_file(base_, path(dialect_->status.record).c_str(), kMaxStatusFile);
  if (!record) return std::nullopt;
  return dialect_->status.decode({reinterpret_cast<const std::uint8_t*>(record->data()), record->size()});
}

Status SuperviseDirView::open_control() {
  const SuperviseLayout& layout = dialect_->layout;
  // Deaths under another supervisor are not this one's to tell, but for one in whose place it goes on.
  struct stat st;
  if (layout.tally.name != nullptr &&
      !(resumed_ && ::fstatat(base_, path(layout.tally.name).c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0))
    (void)replace_file(base_, path((std::string(layout.tally.name) + ".new").c_str()).c_str(),
                       path(layout.tally.name).c_str(), {}, layout.status_mode);
  if (!control_) {
    Result<UniqueFd> control = open_fifo(base_, path(layout.control).c_str(), layout.fifo_mode);
    if (!control) return control.error();
    control_ = std::move(*control);
  }
  if (!layout.status_must_open) return ok();
  for (const StatusFile& file : dialect_->status.files) {
    const UniqueFd there(
        openat(base_, path(file.name).c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    // Of the wrong kind. Other trouble may pass, and is complained of when it is met.
    if (!there && (errno == EISDIR || errno == ENXIO)) return error_here("open", path(file.name));
  }
  return ok();
}

Status SuperviseDirView::announce() {
  const SuperviseLayout& layout = dialect_->layout;
  if (announced_) return ok();
  if (layout.ok != nullptr && !ok_) {
    Result<UniqueFd> reader =
        hold_reader(base_, path(layout.ok).c_str(), layout.ok_mode, layout.ok_mode_exact);
    if (!reader) return reader.error();
    ok_ = std::move(*reader);
  }
  announced_ = true;
  return ok();
}

int SuperviseDirView::publish(const GroupSnapshot& snapshot, const char*& failed) noexcept {
  const StatusCodec& codec = dialect_->status;
  for (std::size_t i = 0; i < codec.files.size(); ++i) {
    const StatusFile& file = codec.files[i];
    std::uint8_t content[kMaxStatusFile];
    const ByteView bytes(content, file.encode(snapshot, role_, ByteSpan(content, kMaxStatusFile)));
    // Monitors take a file's time of change for that of the service: what has not changed is not written again.
    const std::uint64_t fingerprint = fingerprint_of(bytes);
    if (published_[i] == fingerprint) continue;
    if (const int error = write_status(file, bytes, published_[i] == 0); error != 0) {
      failed = file.name;
      return error;
    }
    published_[i] = fingerprint;
  }
  return 0;
}

namespace {

bool holds(int at, const char* name, ByteView content) noexcept {
  const UniqueFd file(::openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::uint8_t there[kMaxStatusFile + 1];
  const ssize_t size = file ? ::read(file.get(), there, sizeof there) : -1;
  return size == static_cast<ssize_t>(content.size()) && std::equal(content.begin(), content.end(), there);
}

}  // namespace

int SuperviseDirView::write_status(const StatusFile& file, ByteView content, bool first) noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  char name[kLongestPath], temporary[kLongestPath];
  path_to(name, sizeof name, file.name, "");
  if (first && resumed_ && holds(base_, name, content)) return 0;
  if (layout.status_write == StatusWrite::InPlace) {
    const int error = overwrite_file(base_, name, content);
    if (error != ENOENT) return error;
  }
  path_to(temporary, sizeof temporary, file.name, ".new");
  // There may be one of another supervisor's.
  return replace_file(base_, temporary, name, content, layout.status_mode,
                      first ? NameIs::MostlyFree : NameIs::MostlyTaken);
}

void SuperviseDirView::tell(std::span<const Notice> notices) noexcept {
  const EventDirectory& events = dialect_->layout.event;
  if (events.name == nullptr) return;
  char letters[16], path[kLongestPath];
  std::size_t size = 0;
  for (Notice notice : notices)
    if (const char letter = events.letter(notice); letter != 0 && size < sizeof letters)
      letters[size++] = letter;
  if (size == 0) return;
  std::snprintf(path, sizeof path, "%s%s", prefix_.c_str(), events.name);
  event_directory::notify(base_, path, {letters, size});
}

void SuperviseDirView::count_death(WallTime when, ExitStatus how, int most) noexcept {
  const DeathTally& tally = dialect_->layout.tally;
  const std::size_t limit = most < 0 ? tally.most : static_cast<std::size_t>(most);
  if (tally.name == nullptr || limit == 0 || how.kind == ExitStatus::Kind::Unknown) return;
  char name[kLongestPath], temporary[kLongestPath];
  path_to(name, sizeof name, tally.name, "");
  path_to(temporary, sizeof temporary, tally.name, ".new");
  // One death at a time: there is one buffer for all services, and a page of it is used when it is needed.
  static std::uint8_t content[kLargestTally];
  const std::size_t size = tally.record_size, room = (std::min(limit, kLargestTally / size) - 1) * size;
  std::size_t kept = read_tail(base_, name, ByteSpan(content, room), size);
  tally.encode(when, how, ByteSpan(content + kept, size));
  kept += size;
  (void)replace_file(base_, temporary, name, ByteView(content, kept), dialect_->layout.status_mode);
}

std::size_t SuperviseDirView::read_control(ByteSpan out) noexcept {
  const ssize_t got = ::read(control_.get(), out.data(), out.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

bool SuperviseDirView::control_is_empty() const noexcept {
  int waiting = 0;
  return ::ioctl(control_.get(), FIONREAD, &waiting) != 0 || waiting == 0;
}

void SuperviseDirView::close() noexcept {
  control_.reset();
  ok_.reset();
  lock_.release();
  announced_ = false;
}

void SuperviseDirView::remove() noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  auto remove_here = [&](const char* name) {
    char path[kLongestPath];
    std::snprintf(path, sizeof path, "%s%s", prefix_.c_str(), name);
    remove_tree(base_, path);
  };
  remove_here(layout.directory);
  if (layout.event.name != nullptr) remove_here(layout.event.name);
  for (const char* file : layout.service_files) remove_here(file);
  if (layout.service_script != nullptr) remove_here(layout.service_script);
  // NAME/log/, then NAME/ if the log was the last in it.
  for (std::string place = prefix_; !place.empty();) {
    place.pop_back();
    if (::unlinkat(base_, place.c_str(), AT_REMOVEDIR) != 0) break;
    place.resize(place.rfind('/') == std::string::npos ? 0 : place.rfind('/') + 1);
  }
}

}  // namespace kindred
