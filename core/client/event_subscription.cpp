#include "core/client/event_subscription.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "core/base/tai64n.h"
#include "core/sys/clock.h"
#include "core/sys/event_directory.h"

namespace kindred {
namespace {

/// A name of its own: the moment, and six characters that nobody can foresee.
std::string new_name() {
  constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t kRandom = 6;
  std::array<std::uint8_t, kRandom> random{};
  (void)!getrandom(random.data(), random.size(), 0);
  // The prefix ends with the '@' of the label.
  std::string name(event_directory::kPrefix);
  name.pop_back();
  name += tai64n_text(SystemClock().now().wall, TaiOffset::LeapTable) + ":";
  for (const std::uint8_t byte : random) name += kCharacters[byte % kCharacters.size()];
  return name;
}

}  // namespace

Result<EventSubscription> EventSubscription::open(int at, const char* path) {
  UniqueFd directory(openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat st;
  if (!directory || fstat(directory.get(), &st) != 0) return error_here("open", path);
  // Whoever owns the directory must be able to write; others need not, if that is who we are.
  const mode_t mode = st.st_uid == geteuid() ? 0600 : 0622;
  const std::string name = new_name(), hidden = "." + name;
  // Notifiers pass over the name with the dot: there is no reader yet.
  if (mkfifoat(directory.get(), hidden.c_str(), 0600) != 0) return error_here("create a FIFO in", path);
  UniqueFd fifo(openat(directory.get(), hidden.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  int error = fifo ? 0 : errno;
  if (error == 0 && (fstat(fifo.get(), &st) != 0 || !S_ISFIFO(st.st_mode))) error = EINVAL;
  if (error == 0 && fchmod(fifo.get(), mode) != 0) error = errno;
  if (error == 0 && renameat(directory.get(), hidden.c_str(), directory.get(), name.c_str()) != 0)
    error = errno;
  if (error != 0) {
    unlinkat(directory.get(), hidden.c_str(), 0);
    return error_here("subscribe to", path, error);
  }
  return EventSubscription(std::move(directory), std::move(fifo), name);
}

EventSubscription::~EventSubscription() {
  if (directory_) unlinkat(directory_.get(), name_.c_str(), 0);
}

std::string EventSubscription::take() const {
  std::string events;
  std::array<char, 512> buffer;
  for (;;) {
    const ssize_t size = read(fifo_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return events;
    events.append(buffer.data(), static_cast<std::size_t>(size));
    if (static_cast<std::size_t>(size) < buffer.size()) return events;
  }
}

}  // namespace kindred
