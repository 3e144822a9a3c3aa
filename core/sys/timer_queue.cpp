#include "core/sys/timer_queue.h"

#include <algorithm>
#include <cassert>

namespace kindred {

void TimerQueue::reserve(std::size_t timers) {
  timers += besides_;
  // Doubling, so that a thousand services that come one by one do not copy the heap a thousand times.
  if (timers > heap_.capacity()) heap_.reserve(std::max(timers, heap_.capacity() * 2));
}

void TimerQueue::arm(Timer& timer, Instant deadline) noexcept {
  if (timer.place_ != Timer::kIdle) {
    if (timer.deadline_ == deadline) return;
    remove(timer.place_);
  }
  if (deadline == Instant::never()) return;
  timer.deadline_ = deadline;
  heap_.push_back(&timer);
  timer.place_ = static_cast<std::uint32_t>(heap_.size() - 1);
  rise(timer.place_);
}

void TimerQueue::arm_by(Timer& timer, Instant deadline) noexcept {
  if (timer.place_ == Timer::kIdle || deadline < timer.deadline_) arm(timer, deadline);
}

Instant TimerQueue::next() const noexcept {
  return heap_.empty() ? Instant::never() : heap_.front()->deadline_;
}

void TimerQueue::fire(Instant now) noexcept {
  // A timer that is armed again for now or before by its own call waits for the next turn of the loop.
  std::size_t budget = heap_.size();
  while (budget-- > 0 && !heap_.empty() && heap_.front()->deadline_ <= now) {
    Timer* timer = heap_.front();
    remove(0);
    timer->on_timer();
  }
}

void TimerQueue::place(std::size_t at, Timer* timer) noexcept {
  heap_[at] = timer;
  timer->place_ = static_cast<std::uint32_t>(at);
}

void TimerQueue::rise(std::size_t at) noexcept {
  Timer* timer = heap_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (heap_[parent]->deadline_ <= timer->deadline_) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, timer);
}

void TimerQueue::sink(std::size_t at) noexcept {
  Timer* timer = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->deadline_ < heap_[child]->deadline_) ++child;
    if (timer->deadline_ <= heap_[child]->deadline_) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, timer);
}

void TimerQueue::remove(std::size_t at) noexcept {
  assert(at < heap_.size());
  Timer* gone = heap_[at];
  Timer* last = heap_.back();
  heap_.pop_back();
  gone->place_ = Timer::kIdle;
  gone->deadline_ = Instant::never();
  if (last == gone) return;
  place(at, last);
  rise(at);
  sink(last->place_);
}

}  // namespace kindred
