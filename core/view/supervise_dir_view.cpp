#include "core/view/supervise_dir_view.h"

#include <fcntl.h>

#include <cstdio>
#include <cstring>

#include "core/sys/files.h"

namespace kindred {
namespace {
constexpr std::size_t kLongestPath = 80;

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
  const char* base = dialect_->layout.directory;
  if (subdirectory_ != nullptr)
    std::snprintf(out, size, "%s/%s/%s%s", subdirectory_, base, name, suffix);
  else
    std::snprintf(out, size, "%s/%s%s", base, name, suffix);
}

std::string SuperviseDirView::path(const char* name) const {
  char text[kLongestPath];
  path_to(text, sizeof text, name, "");
  return text;
}

Status SuperviseDirView::claim(int service, SharedInodes& inodes) {
  const SuperviseLayout& layout = dialect_->layout;
  const std::string directory =
      subdirectory_ != nullptr ? std::string(subdirectory_) + "/" + layout.directory : layout.directory;
  if (Status made = make_directory(service, directory.c_str(), layout.directory_mode); !made) return made;
  Result<HeldFile> lock = inodes.lock(service, path(layout.lock).c_str(), layout.lock_mode, layout.lock_kind);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  claimed_ = true;
  return ok();
}

std::optional<DecodedStatus> SuperviseDirView::left_behind(int service) const {
  const Result<std::string> record =
      read_file(service, path(dialect_->status.record).c_str(), kMaxStatusFile);
  if (!record) return std::nullopt;
  return dialect_->status.decode({reinterpret_cast<const std::uint8_t*>(record->data()), record->size()});
}

Status SuperviseDirView::open_control(int service) {
  const SuperviseLayout& layout = dialect_->layout;
  Result<UniqueFd> control = open_fifo(service, path(layout.control).c_str(), layout.fifo_mode);
  if (!control) return control.error();
  control_ = std::move(*control);
  return ok();
}

Status SuperviseDirView::announce(int service, SharedInodes& inodes) {
  const SuperviseLayout& layout = dialect_->layout;
  if (layout.ok == nullptr || announced_) return ok();
  Result<HeldFile> reader = inodes.listen(service, path(layout.ok).c_str(), layout.fifo_mode);
  if (!reader) return reader.error();
  ok_ = std::move(*reader);
  announced_ = true;
  return ok();
}

int SuperviseDirView::publish(int service, const GroupSnapshot& snapshot, const char*& failed) noexcept {
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
    char name[kLongestPath], temporary[kLongestPath];
    path_to(name, sizeof name, file.name, "");
    path_to(temporary, sizeof temporary, file.name, ".new");
    const int error =
        replace_file(service, temporary, name, {content[i], size[i]}, dialect_->layout.status_mode);
    if (error != 0) {
      failed = file.name;
      return error;
    }
    if (file.only_with_pid) published_pid_ = pid;
  }
  published_ = fingerprint;
  return 0;
}

std::size_t SuperviseDirView::read_control(ByteSpan out) noexcept {
  const ssize_t got = ::read(control_.get(), out.data(), out.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

void SuperviseDirView::close(int service, SharedInodes& inodes) noexcept {
  const SuperviseLayout& layout = dialect_->layout;
  char name[kLongestPath];
  control_.reset();
  if (announced_) {
    path_to(name, sizeof name, layout.ok, "");
    inodes.release(service, name, layout.fifo_mode, std::move(ok_), true);
  }
  if (claimed_) {
    path_to(name, sizeof name, layout.lock, "");
    inodes.release(service, name, layout.lock_mode, std::move(lock_), false);
  }
  ok_ = {};
  lock_ = {};
  announced_ = claimed_ = false;
}

}  // namespace kindred
