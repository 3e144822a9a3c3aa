#include "core/client/supervise_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/sys/path_of_descriptor.h"

namespace kindred {
namespace {

const SystemClock kSystemClock;

constexpr std::uint32_t kAnyFile = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MODIFY;
// Clients open `ok` for writing and the lock for reading; it is the other way round with the supervisor.
constexpr std::uint32_t kReaderLeft = IN_CLOSE_NOWRITE;
constexpr std::uint32_t kWriterLeft = IN_CLOSE_WRITE;

bool matters(const inotify_event& event, const char* name, const SuperviseLayout& layout) {
  if ((event.mask & kAnyFile) != 0) return true;
  if ((event.mask & kReaderLeft) != 0) return layout.ok != nullptr && std::strcmp(name, layout.ok) == 0;
  if ((event.mask & kWriterLeft) != 0) return layout.ok == nullptr && std::strcmp(name, layout.lock) == 0;
  return (event.mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF)) != 0;
}

}  // namespace

SuperviseWatch::SuperviseWatch() : SuperviseWatch(kSystemClock) {}

SuperviseWatch::SuperviseWatch(const Clock& clock)
    : clock_(clock), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void SuperviseWatch::add(const ServiceDirectory& service, const SuperviseLayout& layout) {
  // Nothing that could be watched changes in a directory that is answered for at a door.
  if (!inotify_ || layout.directory == nullptr) return;
  constexpr std::uint32_t kSigns = kAnyFile | kReaderLeft | kWriterLeft | IN_DELETE_SELF | IN_ONLYDIR;
  // inotify takes paths only; this one leads to the directory that is open, whatever its name is by now.
  const int id = with_path_in(service.fd(), layout.directory, [&](const char* path) {
    return inotify_add_watch(inotify_.get(), path, kSigns);
  });
  if (id >= 0) watched_.push_back({id, &layout});
}

void SuperviseWatch::wait(Instant deadline) {
  for (Instant now = clock_.now().steady; now < deadline; now = clock_.now().steady) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    // poll passes over a descriptor below 0.
    pollfd ready{.fd = inotify_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000))) == 1 && take()) {
      // A record comes as a handful of events: let them arrive together.
      constexpr int kSettleMilliseconds = 2;
      poll(nullptr, 0, kSettleMilliseconds);
      (void)take();
      return;
    }
  }
}

bool SuperviseWatch::take() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool any = false;
  ssize_t size;
  while ((size = read(inotify_.get(), buffer.data(), buffer.size())) > 0)
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = event.len > 0 ? buffer.data() + at + sizeof event : "";
      at += sizeof event + event.len;
      const auto of = std::find_if(watched_.begin(), watched_.end(),
                                   [id = event.wd](const Watched& w) { return w.id == id; });
      any = any || event.wd == -1 || (of != watched_.end() && matters(event, name, *of->layout));
    }
  return any;
}

}  // namespace kindred
