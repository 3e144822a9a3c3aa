#include "core/sys/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "core/sys/memory.h"

namespace kindred {
namespace {

constexpr int kBatch = 64;

timespec as_timespec(Duration d) {
  const std::int64_t micros = std::max<std::int64_t>(d.count(), 0);
  return timespec{micros / 1'000'000, micros % 1'000'000 * 1000};
}

Status control(int epoll, int what, int fd, ReadyHandler* handler, std::uint32_t events) noexcept {
  epoll_event request{};
  request.events = events;
  request.data.ptr = handler;
  if (::epoll_ctl(epoll, what, fd, &request) != 0) return error_here("watch", "descriptor");
  return ok();
}

}  // namespace

Status EventLoop::open() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_) return error_here("create", "event queue");
  return ok();
}

Status EventLoop::watch(int fd, ReadyHandler& handler) noexcept {
  return control(epoll_.get(), EPOLL_CTL_ADD, fd, &handler, EPOLLIN);
}

Status EventLoop::watch_last(int fd, ReadyHandler& handler) noexcept {
  last_ = &handler;
  return watch(fd, handler);
}

Status EventLoop::watch_first(int fd, ReadyHandler& handler) noexcept {
  first_ = &handler;
  return watch(fd, handler);
}

void EventLoop::unwatch(int fd) noexcept { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void EventLoop::await(int fd, ReadyHandler& handler, Await what) noexcept {
  const std::uint32_t events = what == Await::Bytes ? EPOLLIN : what == Await::Room ? EPOLLOUT : 0U;
  // A descriptor that is being watched already can always be changed; there is nobody to tell if it was not.
  (void)static_cast<bool>(control(epoll_.get(), EPOLL_CTL_MOD, fd, &handler, events));
}

int EventLoop::wait(epoll_event* events) noexcept {
  const Instant next = timers_.next();
  const bool timed = next != Instant::never();
  const timespec wait = as_timespec(timed ? next - clock_.now().steady : Duration{});
  if (!settled_ && (!timed || wait.tv_sec != 0 || wait.tv_nsec != 0)) {
    const int count = ::epoll_wait(epoll_.get(), events, kBatch, 0);
    if (count != 0) return count;
    settled_ = true;
    release_start_up_pages();
  }
  if (!timed) return ::epoll_wait(epoll_.get(), events, kBatch, -1);
  const int count = ::epoll_pwait2(epoll_.get(), events, kBatch, &wait, nullptr);
  if (count >= 0 || errno != ENOSYS) return count;
  // Kernels before 5.11 wait in milliseconds; rounded up, so as not to spin through the last one.
  const long millis =
      wait.tv_sec > 3'600 ? 3'600'000 : wait.tv_sec * 1000 + (wait.tv_nsec + 999'999) / 1'000'000;
  return ::epoll_wait(epoll_.get(), events, kBatch, static_cast<int>(millis));
}

void EventLoop::turn() noexcept {
  epoll_event events[kBatch];
  const int count = wait(events);
  bool last = false;
  if (count > 0 && first_ != nullptr) first_->on_ready();
  for (int i = 0; i < count; ++i) {
    auto* handler = static_cast<ReadyHandler*>(events[i].data.ptr);
    if (handler == last_)
      last = true;
    else if (handler != first_)
      handler->on_ready();
  }
  if (last) last_->on_ready();
  timers_.fire(clock_.now().steady);
}

}  // namespace kindred
