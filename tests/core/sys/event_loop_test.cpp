#include "core/sys/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

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
  ASSERT_TRUE(loop.watch_last(last.fd(), last));
  ASSERT_TRUE(loop.watch(any.fd(), any));
  ASSERT_TRUE(loop.watch_first(first.fd(), first));
  any.fill();
  loop.turn();
  EXPECT_EQ(log, "fa");
  log.clear();
  last.fill();
  first.fill();
  loop.turn();
  EXPECT_EQ(log, "fal");
}

}  // namespace
}  // namespace kindred
