#include "core/sys/fd_store.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/sys/descriptor_table.h"
#include "core/sys/memory.h"
#include "core/sys/path_of_descriptor.h"

namespace kindred {
namespace {

std::optional<FdStore::For> direction_of(int fd) noexcept {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return std::nullopt;
  if ((flags & O_ACCMODE) == O_RDWR) return FdStore::For::Both;
  if ((flags & O_ACCMODE) == O_RDONLY) return FdStore::For::Reading;
  return std::nullopt;
}

dev_t device_of_pipes() noexcept {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return 0;
  const UniqueFd reading(ends[0]), writing(ends[1]);
  struct stat st;
  return ::fstat(ends[0], &st) == 0 ? st.st_dev : 0;
}

}  // namespace

void FdStore::take_up(std::span<const int> others) {
  resumes_ = true;
  std::vector<int> theirs(others.begin(), others.end());
  std::sort(theirs.begin(), theirs.end());
  const int highest = highest_open_descriptor();
  for (int fd = STDERR_FILENO + 1; fd <= highest; ++fd) {
    if (std::binary_search(theirs.begin(), theirs.end(), fd)) continue;
    if (!keep(fd)) ::close(fd);
  }
  sort();
  pipes_ = device_of_pipes();
}

void FdStore::add(UniqueFd given) {
  if (!keep(given.get())) return;
  (void)given.release();
  sort();
  if (pipes_ == 0) pipes_ = device_of_pipes();
}

void FdStore::sort() noexcept {
  std::erase_if(fifos_, [](const Pipe& taken) { return !taken.fd; });
  std::sort(fifos_.begin(), fifos_.end(), [](const Pipe& a, const Pipe& b) { return a.inode < b.inode; });
  std::erase_if(directories_, [](const Directory& taken) { return !taken.fd; });
  std::sort(directories_.begin(), directories_.end(),
            [](const Directory& a, const Directory& b) { return a.number.inode < b.number.inode; });
}

bool FdStore::keep(int fd) {
  struct stat st;
  if (::fstat(fd, &st) != 0) return false;
  if (S_ISFIFO(st.st_mode)) {
    // Of a view that was made anew: no path leads here. It is closed now, not at the end of a start: of one core after
    // another that is killed as it starts, each would leave as many.
    if (st.st_nlink == 0) return false;
    const std::optional<For> what = direction_of(fd);
    if (!what) return false;
    fifos_.push_back({UniqueFd(fd), st.st_dev, st.st_ino, *what});
    return true;
  }
  if (S_ISDIR(st.st_mode)) {
    directories_.push_back({UniqueFd(fd), {st.st_dev, st.st_ino}});
    return true;
  }
  if (is_memory(fd)) {
    memory_.emplace_back(fd);
    return true;
  }
  return S_ISSOCK(st.st_mode) && keep_socket(fd);
}

bool FdStore::keep_socket(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address, length = sizeof(int);
  int listens = 0, type = 0;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.sun_family != AF_UNIX ||
      size <= offsetof(sockaddr_un, sun_path) ||
      ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
    return false;
  const std::size_t room = size - offsetof(sockaddr_un, sun_path);
  const std::optional<DescriptorPath> path =
      parse_descriptor_path({address.sun_path, ::strnlen(address.sun_path, room)});
  struct stat st;
  if (!path || ::fstat(path->directory, &st) != 0) return false;
  const Socket what = listens != 0         ? Socket::Listener
                      : type == SOCK_DGRAM ? Socket::Datagrams
                                           : Socket::Connection;
  sockets_.push_back({UniqueFd(fd), path->directory, {st.st_dev, st.st_ino}, std::string(path->name), what});
  return true;
}

UniqueFd FdStore::take_by_number(ino_t inode, dev_t device, For what) noexcept {
  for (auto each = std::lower_bound(fifos_.begin(), fifos_.end(), inode,
                                    [](const Pipe&a, ino_t number) { return a.inode < number; });
       each != fifos_.end() && each->inode == inode; ++each)
    if (each->fd && each->device == device && each->what == what) return std::move(each->fd);
  return UniqueFd{};
}

UniqueFd FdStore::take_fifo(int at, const char* path, For what) noexcept {
  struct stat st;
  if (fifos_.empty() || ::fstatat(at, path, &st, 0) != 0 || !S_ISFIFO(st.st_mode)) return UniqueFd{};
  return take_by_number(st.st_ino, st.st_dev, what);
}

UniqueFd FdStore::take_pipe(std::uint32_t inode, For what) noexcept {
  return inode != 0 ? take_by_number(inode, pipes_, what) : UniqueFd{};
}

UniqueFd FdStore::take_socket(int directory, std::string_view name, Socket what) noexcept {
  struct stat st;
  if (sockets_.empty() || ::fstat(directory, &st) != 0) return UniqueFd{};
  const auto found = std::find_if(sockets_.begin(), sockets_.end(), [&](const Bound& each) {
    return each.fd && each.what == what && each.name == name &&
           each.directory == Number{st.st_dev, st.st_ino};
  });
  if (found == sockets_.end()) return UniqueFd{};
  needed_.push_back(found->through);
  return std::move(found->fd);
}

std::vector<FdStore::Number> FdStore::unread_fifos() const {
  std::vector<Number> unread;
  std::vector<pollfd> asked;
  std::vector<const Pipe*> of;
  for (const Pipe& each : fifos_)
    if (each.fd && each.what == For::Both && each.device != pipes_) {
      asked.push_back({each.fd.get(), POLLIN, 0});
      of.push_back(&each);
    }
  if (asked.empty() || ::poll(asked.data(), asked.size(), 0) <= 0) return unread;
  for (std::size_t i = 0; i < asked.size(); ++i)
    if ((asked[i].revents & POLLIN) != 0) unread.push_back({of[i]->device, of[i]->inode});
  return unread;
}

const FdStore::Directory* FdStore::look_up(Number directory) const noexcept {
  for (auto each = std::lower_bound(directories_.begin(), directories_.end(), directory.inode,
                                    [](const Directory&a, ino_t number) { return a.number.inode < number; });
       each != directories_.end() && each->number.inode == directory.inode; ++each)
    if (each->fd && each->number == directory) return &*each;
  return nullptr;
}

UniqueFd FdStore::take_directory(Number directory) noexcept {
  const Directory* const found = look_up(directory);
  return found != nullptr ? std::move(directories_[static_cast<std::size_t>(found - directories_.data())].fd)
                          : UniqueFd{};
}

int FdStore::find_directory(Number directory) const noexcept {
  const Directory* const found = look_up(directory);
  return found != nullptr ? found->fd.get() : -1;
}

std::vector<UniqueFd> FdStore::take_memory(std::string_view beginning) {
  std::vector<UniqueFd> taken;
  std::string begins(beginning.size(), '\0');
  for (UniqueFd& memory : memory_)
    if (::pread(memory.get(), begins.data(), begins.size(), 0) == static_cast<ssize_t>(begins.size()) &&
        begins == beginning)
      taken.push_back(std::move(memory));
  std::erase_if(memory_, [](const UniqueFd& each) { return !each; });
  return taken;
}

void FdStore::close_rest() noexcept {
  resumes_ = false;
  fifos_.clear();
  sockets_.clear();
  for (Directory& each : directories_)
    if (std::find(needed_.begin(), needed_.end(), each.fd.get()) != needed_.end()) (void)each.fd.release();
  needed_.clear();
  directories_.clear();
  memory_.clear();
}

}  // namespace kindred
