#include "core/native/service_changes.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/client/service_places.h"
#include "core/dialect/registry.h"
#include "core/native/targets.h"
#include "core/sys/clock.h"

namespace kindred {
namespace {

constexpr std::uint32_t kAnyFile = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MODIFY;
// What a supervisor holds open as long as it lives, and clients open the other way round.
constexpr std::uint32_t kReaderLeft = IN_CLOSE_NOWRITE, kWriterLeft = IN_CLOSE_WRITE;

bool matters(std::uint32_t mask, const char* name) {
  if ((mask & (kReaderLeft | kWriterLeft)) == 0) return true;
  return ((mask & kReaderLeft) != 0 && std::strcmp(name, "ok") == 0) ||
         ((mask & kWriterLeft) != 0 && std::strcmp(name, "lock") == 0);
}

}  // namespace

ServiceChanges::ServiceChanges(const StatusReport& report, const std::vector<std::string>& directories)
    : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  deaf_ = !fd_ || directories.empty();
  if (!fd_) return;
  const auto add = [&](const std::string& path, std::uint32_t signs) {
    return inotify_add_watch(fd_.get(), path.c_str(), signs | IN_ONLYDIR) >= 0;
  };
  for (const std::string& directory : directories) (void)add(directory, kAnyFile);
  for (const ServiceRow& row : report.services) {
    bool heard = false;
    for (const char* below : {"/supervise", "/log/supervise", "/supervise/log/supervise"})
      heard = add(row.path + below, kAnyFile | kReaderLeft | kWriterLeft) || heard;
    if (heard) continue;
    // It may come to be supervised.
    (void)add(row.path, IN_MOVED_TO | IN_CREATE);
    deaf_ = deaf_ || row.main.supervision == Supervision::Live;
  }
}

bool ServiceChanges::take() const {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool any = false;
  ssize_t size;
  while ((size = read(fd_.get(), buffer.data(), buffer.size())) > 0)
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = event.len > 0 ? buffer.data() + at + sizeof event : "";
      at += sizeof event + event.len;
      any = any || matters(event.mask, name);
    }
  return any;
}

bool ServiceChanges::wait(int milliseconds, int output) const {
  // What comes together is looked at together.
  constexpr int kSettle = 20;
  const SystemClock clock;
  const Instant end = clock.now().steady + std::chrono::milliseconds(milliseconds);
  for (Instant now = clock.now().steady; now < end; now = clock.now().steady) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    pollfd ready[] = {{fd_.get(), POLLIN, 0}, {output, 0, 0}};
    (void)poll(ready, 2, static_cast<int>(left.count()));
    if ((ready[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return false;
    if (!take()) continue;
    poll(nullptr, 0, kSettle);
    return true;
  }
  return true;
}

std::vector<std::string> WatchedServices::places() const {
  std::vector<std::string> places = directories;
  if (!names.empty())
    for (std::string& place : usual_places()) places.push_back(std::move(place));
  return places;
}

void WatchedServices::select(StatusReport& seen) const {
  if (!directories.empty() || !names.empty()) select_named(seen, directories, names);
}

std::optional<WatchedServices> watched_services(std::string_view program,
                                                const std::vector<std::string>& words) {
  WatchedServices watched;
  std::vector<std::string> places;
  for (const std::string& word : words) {
    const bool is_path = word.find('/') != std::string::npos || word == "." || word == "..";
    if (!is_path && places.empty()) places = usual_places();
    if (!is_path && (is_pattern(word) || find_services(places, word))) {
      watched.names.push_back(word);
    } else if (struct stat st; is_path || ::stat(word.c_str(), &st) == 0) {
      watched.directories.push_back(word);
    } else {
      print_no_service(program, word, places);
      return std::nullopt;
    }
  }
  return watched;
}

ServiceChanges look_and_hear(StatusReport& report, const std::vector<std::string>& named) {
  const std::vector<std::string> directories = named.empty() ? usual_places() : named;
  // First the watches, then the look: what changes in between is seen.
  ServiceChanges changes(report, directories);
  const StatusReport before = std::exchange(report, gather_status(directories, families()));
  const auto is_same = [](const ServiceRow& a, const ServiceRow& b) { return a.path == b.path; };
  if (std::equal(report.services.begin(), report.services.end(), before.services.begin(),
                 before.services.end(), is_same))
    return changes;
  // Of those that are new nothing would be heard, nor of what became of them before they are watched.
  changes = ServiceChanges(report, directories);
  report = gather_status(directories, families());
  return changes;
}

}  // namespace kindred
