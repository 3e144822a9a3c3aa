#include "core/sys/event_loop.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "tests/core/refused_call.h"

namespace kindred {
namespace {

/// A pipe with a byte in it, or none, that notes each call.
class Note final : public ReadyHandler {
 public:
  Note(std::string& log, char letter) : log_(log), letter_(letter) { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~Note() {
    for (const int end : ends_) close(end);
  }
  void on_ready() noexcept override { log_ += letter_; }
  void fill() const { EXPECT_EQ(write(ends_[1], "x", 1), 1); }
  [[nodiscard]] int fd() const { return ends_[0]; }

 private:
  std::string& log_;
  char letter_;
  std::array<int, 2> ends_{};
};

TEST(EventLoop, FirstComesBeforeAllOthersWhetherItIsReadyOrNotAndLastAfterThem) {
  std::string log;
  Note any(log, 'a'), first(log, 'f'), last(log, 'l');
  const SystemClock clock;
  EventLoop loop(clock);
  ASSERT_TRUE(loop.open());
  const Result<Watch> last_watch = loop.watch_last(last.fd(), last);
  const Result<Watch> any_watch = loop.watch(any.fd(), any);
  const Result<Watch> first_watch = loop.watch_first(first.fd(), first);
  ASSERT_TRUE(last_watch && any_watch && first_watch);
  any.fill();
  loop.turn();
  EXPECT_EQ(log, "fa");
  log.clear();
  last.fill();
  first.fill();
  loop.turn();
  EXPECT_EQ(log, "fal");
}

/// Ends another's life, or its own, in its call.
class Killer final : public ReadyHandler {
 public:
  void on_ready() noexcept override {
    ++calls;
    victim->reset();
  }
  std::unique_ptr<Killer>* victim = nullptr;
  Watch watch;
  static inline int calls = 0;
};

TEST(EventLoop, AHandlerThatHasDiedIsNotCalledInTheSameTurn) {
  std::string log;
  const Note one(log, '1'), two(log, '2');
  const SystemClock clock;
  EventLoop loop(clock);
  ASSERT_TRUE(loop.open());
  std::unique_ptr<Killer> killers[2] = {std::make_unique<Killer>(), std::make_unique<Killer>()};
  const int fds[2] = {one.fd(), two.fd()};
  for (int i = 0; i < 2; ++i) {
    killers[i]->victim = &killers[1 - i];
    Result<Watch> watched = loop.watch(fds[i], *killers[i]);
    ASSERT_TRUE(watched);
    killers[i]->watch = std::move(*watched);
  }
  one.fill();
  two.fill();
  Killer::calls = 0;
  loop.turn();
  EXPECT_EQ(Killer::calls, 1);
  EXPECT_NE(killers[0] == nullptr, killers[1] == nullptr);
}

TEST(EventLoop, AHandlerMayDieInItsOwnCall) {
  std::string log;
  const Note note(log, 'n');
  const SystemClock clock;
  EventLoop loop(clock);
  ASSERT_TRUE(loop.open());
  auto own = std::make_unique<Killer>();
  own->victim = &own;
  Result<Watch> watched = loop.watch(note.fd(), *own);
  ASSERT_TRUE(watched);
  own->watch = std::move(*watched);
  note.fill();
  loop.turn();
  EXPECT_EQ(own, nullptr);
}

struct Alarm final : Timer {
  void on_timer() noexcept override { ++calls; }
  int calls = 0;
};

/// Whether a loop that a timer keeps waiting hears of bytes, and of the timer at its time, without turning
/// more often than that takes.
bool waits_and_hears() {
  std::string log;
  Note pipe(log, 'p');
  const SystemClock clock;
  EventLoop loop(clock);
  if (!loop.open()) return false;
  const Result<Watch> watch = loop.watch(pipe.fd(), pipe);
  Alarm alarm;
  loop.timers().reserve(1);
  if (!watch) return false;
  const Instant due = clock.now().steady + std::chrono::milliseconds(30);
  loop.timers().arm(alarm, due);
  pipe.fill();
  loop.turn();
  if (log != "p") return false;
  char byte;
  if (read(pipe.fd(), &byte, 1) != 1) return false;
  int turns = 0;
  while (alarm.calls == 0) {
    loop.turn();
    ++turns;
  }
  return turns <= 3 && clock.now().steady >= due;
}

#ifdef SYS_epoll_wait
/// All of them but one.
bool refuse_waits(long permitted, unsigned error) {
  bool refused = true;
  for (const long call : {SYS_epoll_pwait2, SYS_epoll_wait, SYS_epoll_pwait})
    if (call != permitted) refused = refused && test::refuse_call(static_cast<unsigned>(call), error);
  return refused;
}

TEST(EventLoopDeathTest, WaitsByWhicheverCallIsPermitted) {
  for (const long permitted : {SYS_epoll_pwait2, SYS_epoll_wait, SYS_epoll_pwait})
    EXPECT_EXIT({ _exit(refuse_waits(permitted, EPERM) && waits_and_hears() ? 0 : 1); },
                testing::ExitedWithCode(0), "")
        << permitted;
}

TEST(EventLoopDeathTest, DoesNotOpenWhereNoWaitIsPermitted) {
  const auto is_refused = [] {
    const SystemClock clock;
    EventLoop loop(clock);
    const Status opened = loop.open();
    return !opened && opened.error().code == EPERM && opened.error().operation == "wait for";
  };
  EXPECT_EXIT({ _exit(refuse_waits(-1, EPERM) && is_refused() ? 0 : 1); }, testing::ExitedWithCode(0), "");
}
#endif

TEST(EventLoopDeathTest, WaitsWhereFineWaitsAreRefused) {
  for (const unsigned error : {ENOSYS, EPERM, EINVAL})
    EXPECT_EXIT({ _exit(test::refuse_call(SYS_epoll_pwait2, error) && waits_and_hears() ? 0 : 1); },
                testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace kindred
