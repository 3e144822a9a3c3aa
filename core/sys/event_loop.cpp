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

/// Rounded up, so as not to spin through the last one.
int in_milliseconds(const timespec& time) {
  if (time.tv_sec > 3'600) return 3'600'000;
  return static_cast<int>(time.tv_sec * 1000 + (time.tv_nsec + 999'999) / 1'000'000);
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
  // Who cannot wait would be busy for ever, and deaf: it is not to begin.
  epoll_event events[kBatch];
  constexpr timespec kNone{};
  if (wait_for(events, &kNone) < 0 && errno != EINTR) return error_here("wait for", "events");
  return ok();
}

Watch& Watch::operator=(Watch&& from) noexcept {
  if (this == &from) return *this;
  end();
  loop_ = std::exchange(from.loop_, nullptr);
  handler_ = from.handler_;
  fd_ = from.fd_;
  return *this;
}

void Watch::end() noexcept {
  if (loop_ == nullptr) return;
  ::epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_DEL, fd_, nullptr);
  loop_->strike_out(handler_);
  if (loop_->last_ == handler_) loop_->last_ = nullptr;
  if (loop_->first_ == handler_ && --loop_->first_watches_ == 0) loop_->first_ = nullptr;
  loop_ = nullptr;
}

void Watch::await(Await what) noexcept {
  if (loop_ == nullptr) return;
  const std::uint32_t events = what == Await::Bytes       ? EPOLLIN
                               : what == Await::MoreBytes ? EPOLLIN | EPOLLET
                               : what == Await::Room      ? EPOLLOUT
                                                          : 0U;
  // A descriptor that is being watched already can always be changed; there is nobody to tell if it was not.
  (void)static_cast<bool>(control(loop_->epoll_.get(), EPOLL_CTL_MOD, fd_, handler_, events));
}

Result<Watch> EventLoop::watch(int fd, ReadyHandler& handler) noexcept {
  if (Status added = control(epoll_.get(), EPOLL_CTL_ADD, fd, &handler, EPOLLIN); !added)
    return added.error();
  return Watch(*this, handler, fd);
}

Result<Watch> EventLoop::watch_last(int fd, ReadyHandler& handler) noexcept {
  Result<Watch> watched = watch(fd, handler);
  if (watched) last_ = &handler;
  return watched;
}

Result<Watch> EventLoop::watch_first(int fd, ReadyHandler& handler) noexcept {
  Result<Watch> watched = watch(fd, handler);
  if (!watched) return watched;
  first_ = &handler;
  ++first_watches_;
  return watched;
}

void EventLoop::strike_out(const ReadyHandler* handler) noexcept {
  // One that has several descriptors is called for the others in the next turn: they are ready still.
  for (int i = 0; i < batch_size_; ++i)
    if (batch_[i].data.ptr == handler) batch_[i].data.ptr = nullptr;
}

int EventLoop::wait_for(epoll_event* events, const timespec* time) noexcept {
  // Which of these a kernel has and a container's profile permits differs from one to the next.
  if (!coarse_) {
    const int count = ::epoll_pwait2(epoll_.get(), events, kBatch, time, nullptr);
    if (count >= 0 || errno == EINTR) return count;
    coarse_ = true;
  }
  const int millis = time == nullptr ? -1 : in_milliseconds(*time);
  const int count = ::epoll_wait(epoll_.get(), events, kBatch, millis);
  if (count >= 0 || errno == EINTR) return count;
  return ::epoll_pwait(epoll_.get(), events, kBatch, millis, nullptr);
}

int EventLoop::wait(epoll_event* events) noexcept {
  const Instant next = timers_.next();
  const bool timed = next != Instant::never();
  const timespec time = as_timespec(timed ? next - clock_.now().steady : Duration{});
  if (!settled_ && (!timed || time.tv_sec != 0 || time.tv_nsec != 0)) {
    constexpr timespec kNone{};
    const int count = wait_for(events, &kNone);
    if (count != 0) return count;
    settled_ = true;
    release_start_up_pages();
  }
  return wait_for(events, timed ? &time : nullptr);
}

void EventLoop::turn() noexcept {
  epoll_event events[kBatch];
  batch_ = events;
  batch_size_ = wait(events);
  bool last = false;
  if (batch_size_ > 0 && first_ != nullptr) first_->on_ready();
  for (int i = 0; i < batch_size_; ++i) {
    // Looked up only now: the handler before it may have ended it.
    auto* handler = static_cast<ReadyHandler*>(events[i].data.ptr);
    if (handler == nullptr || handler == first_) continue;
    if (handler == last_)
      last = true;
    else
      handler->on_ready();
  }
  batch_size_ = 0;
  if (last && last_ != nullptr) last_->on_ready();
  timers_.fire(clock_.now().steady);
}

}  // namespace kindred
