#include "core/view/supervise_dir_view.h"

#include <fcntl.h>

#include <cstdio>
#include <cstring>

#include "core/sys/files.h"

namespace kindred {
namespace {
constexpr std::size_t kLongestPath = 600;  // two names of 255 bytes, and what the layout adds

// FNV-1a, 64 bits: enough to tell whether a few dozen bytes are the ones written last.
constexpr std::uint64_t kFingerprintStart = 14695981039346656037U;
std::uint64_t mix(std::uint64_t fingerprint, ByteView bytes) {
  for (std::uint8_t byte : bytes) fingerprint = (fingerprint ^ byte) * 1099511628211U;
  // A boundary between files, or "ab"+"c" would look like "a"+"bc".
  return (fingerprint ^ bytes.size()) * 1099511628211U;
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

Status SuperviseDirView::claim(SharedInodes& inodes) {
  const SuperviseLayout& layout = dialect_->layout;
  if (*layout.directory != '\0') {
    const std::string directory = prefix_ + layout.directory;
    if (Status made = make_directory(base_, directory.c_str(), layout.directory_mode); !made) return made;
  }
  Result<HeldFile> lock = inodes.lock(base_, path(layout.lock).c_str(), layout.lock_mode, layout.lock_kind);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  claimed_ = true;
  return ok();
}

std::optional<DecodedStatus> SuperviseDirView::left_behind() const {
  const Result<std::string> record = read_file(base_, path(dialect_->status.record).c_str(), kMaxStatusFile);
  if (!record) return std::nullopt;
  return dialect_->status.decode({reinterpret_cast<const std::uint8_t*>(record->data()), record->size()});
}

Status SuperviseDirView::open_control() {
  const SuperviseLayout& layout = dialect_->layout;
  Result<UniqueFd> control = open_fifo(base_, path(layout.control).c_str(), layout.fifo_mode);
  if (!control) return control.error();
  control_ = std::move(*control);
  return ok();
}

Status SuperviseDirView::announce(SharedInodes& inodes) {
  const SuperviseLayout& layout = dialect_->layout;
  if (announced_) return ok();
  if (layout.ok != nullptr) {
    Result<HeldFile> reader = inodes.listen(base_, path(layout.ok).c_str(), layout.fifo_mode);
    if (!reader) return reader.error();
    ok_ = std::move(*reader);
  }
  announced_ = true;
  return ok();
}

int SuperviseDirView::publish(const GroupSnapshot& snapshot, const char*& failed) noexcept {
  const StatusCodec& codec = dialect_->status;
  std::uint8_t content[decltype(codec.files)::capacity()][kMaxStatusFile];
  std::size_t size[decltype(codec.files)::capacity()]{};
  std::uint64_t fingerprint = kFingerprintStart;
  for (std::size_t i = 0; i < codec.files.size(); ++i) {
    size[i] = codec.files[i].encode(snapshot, role_, ByteSpan(content[i], kMaxStatusFile));
    fingerprint = mix(fingerprint, {content[i], size[i]});
  }
  // Monitors take a file's time of change for that of the service: what has not changed is not written again.
  if (published_ == fingerprint) return 0;
  const std::int32_t pid = snapshot.of(role_).pid;
  for (std::size_t i = 0; i < codec.files.size(); ++i) {
    const StatusFile& file = codec.files[i];
    if (file.only_with_pid && pid == published_pid_) continue;
    if (const int error = write_status(file, {content[i], size[i]}); error != 0) {
      failed = file.name;
      return error;
    }
    if (file.only_with_pid) published_pid_ = pid;
  }
  published_ = fingerprint;
  return 0;
}

int SuperviseDirView::write_status(const StatusFile& file, ByteView content) noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  char name[kLongestPath], temporary[kLongestPath];
  path_to(name, sizeof name, file.name, "");
  if (layout.status_write == StatusWrite::InPlace)
    return overwrite_file(base_, name, content, layout.status_mode);
  path_to(temporary, sizeof temporary, file.name, ".new");
  return replace_file(base_, temporary, name, content, layout.status_mode);
}

std::size_t SuperviseDirView::read_control(ByteSpan out) noexcept {
  const ssize_t got = ::read(control_.get(), out.data(), out.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

void SuperviseDirView::close(SharedInodes& inodes) noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  char name[kLongestPath];
  control_.reset();
  if (announced_ && layout.ok != nullptr) {
    path_to(name, sizeof name, layout.ok, "");
    inodes.release(base_, name, layout.fifo_mode, std::move(ok_), true);
  }
  if (claimed_) {
    path_to(name, sizeof name, layout.lock, "");
    inodes.release(base_, name, layout.lock_mode, std::move(lock_), false);
  }
  ok_ = {};
  lock_ = {};
  announced_ = claimed_ = false;
}

}  // namespace kindred
