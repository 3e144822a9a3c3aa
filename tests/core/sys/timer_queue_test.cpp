#include "core/sys/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace kindred {
namespace {

class Recorder final : public Timer {
 public:
  Recorder(int id, std::vector<int>& fired) : id_(id), fired_(fired) {}
  void on_timer() noexcept override {
    fired_.push_back(id_);
    if (queue != nullptr) queue->arm(*this, again);
  }
  TimerQueue* queue = nullptr;
  Instant again = Instant::never();

 private:
  int id_;
  std::vector<int>& fired_;
};

TEST(TimerQueue, FiresInTheOrderOfDeadlinesWhateverTheOrderOfArming) {
  std::vector<int> fired;
  std::vector<std::unique_ptr<Recorder>> timers;
  TimerQueue queue;
  queue.reserve(200);
  for (int i = 0; i < 200; ++i) {
    timers.push_back(std::make_unique<Recorder>(i, fired));
    queue.arm(*timers.back(), Instant{(i * 7919) % 200});
  }
  queue.fire(Instant{1000});
  ASSERT_EQ(fired.size(), 200U);
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end(),
                             [](int a, int b) { return (a * 7919) % 200 < (b * 7919) % 200; }));
  EXPECT_EQ(queue.next(), Instant::never());
}

TEST(TimerQueue, FiresNothingBeforeItsTime) {
  std::vector<int> fired;
  Recorder timer(1, fired);
  TimerQueue queue;
  queue.reserve(1);
  queue.arm(timer, Instant{10});
  queue.fire(Instant{9});
  EXPECT_TRUE(fired.empty());
  EXPECT_EQ(queue.next(), Instant{10});
}

TEST(TimerQueue, ArmingAgainMovesATimerAndNeverDisarmsIt) {
  std::vector<int> fired;
  Recorder one(1, fired), two(2, fired);
  TimerQueue queue;
  queue.reserve(2);
  queue.arm(one, Instant{10});
  queue.arm(two, Instant{20});
  queue.arm(one, Instant{30});
  EXPECT_EQ(queue.next(), Instant{20});
  queue.arm(two, Instant::never());
  EXPECT_EQ(queue.next(), Instant{30});
  queue.fire(Instant{40});
  EXPECT_EQ(fired, std::vector<int>{1});
}

TEST(TimerQueue, ArmingByATimeMovesATimerToSoonerOnly) {
  std::vector<int> fired;
  Recorder timer(1, fired);
  TimerQueue queue;
  queue.reserve(1);
  queue.arm_by(timer, Instant::never());
  EXPECT_EQ(queue.next(), Instant::never());
  for (const int at : {20, 30, 10, 15}) queue.arm_by(timer, Instant{at});
  EXPECT_EQ(queue.next(), Instant{10});
  queue.fire(Instant{10});
  queue.arm_by(timer, Instant{40});
  EXPECT_EQ(queue.next(), Instant{40});
}

TEST(TimerQueue, ATimerThatArmsItselfForNowWaitsForTheNextTurn) {
  std::vector<int> fired;
  Recorder timer(1, fired);
  TimerQueue queue;
  queue.reserve(1);
  timer.queue = &queue;
  timer.again = Instant{5};
  queue.arm(timer, Instant{5});
  queue.fire(Instant{5});
  EXPECT_EQ(fired.size(), 1U);
  queue.fire(Instant{5});
  EXPECT_EQ(fired.size(), 2U);
}

}  // namespace
}  // namespace kindred
