// The door for many clients: what one of them does must not be noticed by another.

#include "core/view/packet_door.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "core/sys/clock.h"
#include "tests/core/advanced_clock.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// A request is a line; the reply is the same line. "!" alone is nobody to talk to.
class Echo final : public PacketProtocol {
 public:
  [[nodiscard]] bool is_whole(ByteView received) const noexcept override {
    return text_of(received) == "!" || text_of(received).ends_with('\n');
  }
  Answer answer(ByteView received, const Peer& peer, ByteSpan reply) noexcept override {
    last_peer = peer;
    if (text_of(received) == "!") return {Answer::Next::Close, 0};
    ++answered;
    std::memcpy(reply.data(), received.data(), received.size());
    return {Answer::Next::Reply, received.size()};
  }
  void on_clients(std::size_t count) noexcept override { present = count; }

  Peer last_peer;
  int answered = 0;
  std::size_t present = 0;

 private:
  static std::string_view text_of(ByteView received) {
    return {reinterpret_cast<const char*>(received.data()), received.size()};
  }
};

class Heartbeat final : public Timer {
 public:
  void on_timer() noexcept override {}
};

class Caller {
 public:
  explicit Caller(UniqueFd socket) : socket_(std::move(socket)) {}
  void say(std::string_view text) const {
    (void)!::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  /// "" at the end of the connection; nullopt: nothing yet.
  [[nodiscard]] std::optional<std::string> hear() const {
    char buffer[4096];
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    return got < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(got));
  }
  [[nodiscard]] int fd() const { return socket_.get(); }
  void hang_up() { socket_.reset(); }

 private:
  UniqueFd socket_;
};

class PacketDoorTest : public ::testing::Test {
 protected:
  PacketDoorTest() {
    EXPECT_TRUE(loop_.open());
    loop_.timers().reserve(1);
    Result<UniqueFd> listener = listen_stream_at(dir_.fd(), "door", 20);
    EXPECT_TRUE(listener);
    EXPECT_TRUE(door_.open(std::move(*listener)));
  }

  [[nodiscard]] Caller call() const {
    Result<UniqueFd> socket = connect_stream(dir_.fd(), "door");
    EXPECT_TRUE(socket);
    return Caller(std::move(*socket));
  }

  /// Turns until it is so, but not for ever.
  bool turn_until(const std::function<bool()>& so) {
    const Instant deadline = SystemClock().now().steady + std::chrono::seconds(10);
    while (!so()) {
      if (SystemClock().now().steady > deadline) return false;
      loop_.timers().arm(heartbeat_, clock_.now().steady + std::chrono::milliseconds(2));
      loop_.turn();
    }
    return true;
  }

  std::string heard_by(const Caller& caller) {
    std::optional<std::string> heard;
    EXPECT_TRUE(turn_until([&] { return (heard = caller.hear()).has_value(); }));
    return heard.value_or("nothing");
  }

  TestDirectory dir_;
  test::AdvancedClock clock_;
  EventLoop loop_{clock_};
  Heartbeat heartbeat_;
  Echo echo_;
  PacketDoor door_{loop_, echo_, {.clients = 3, .idle = std::chrono::seconds(8)}};
};

TEST_F(PacketDoorTest, AnswersByTurns) {
  const Caller caller = call();
  caller.say("one\n");
  EXPECT_EQ(heard_by(caller), "one\n");
  caller.say("two\n");
  EXPECT_EQ(heard_by(caller), "two\n");
  EXPECT_EQ(echo_.last_peer.pid, ::getpid());
  EXPECT_EQ(echo_.last_peer.uid, ::getuid());
}

TEST_F(PacketDoorTest, ARequestMayComeInPieces) {
  const Caller slow = call(), quick = call();
  slow.say("o");
  ASSERT_TRUE(turn_until([&] { return echo_.present == 2; }));
  quick.say("quick\n");
  EXPECT_EQ(heard_by(quick), "quick\n");
  slow.say("ne\n");
  EXPECT_EQ(heard_by(slow), "one\n");
}

TEST_F(PacketDoorTest, OneWhoSendsTooMuchIsShownOut) {
  const Caller talker = call(), other = call();
  talker.say(std::string(PacketProtocol::kLongest + 10, 'A'));
  EXPECT_EQ(heard_by(talker), "");
  other.say("still there\n");
  EXPECT_EQ(heard_by(other), "still there\n");
  EXPECT_EQ(door_.clients(), 1U);
}

TEST_F(PacketDoorTest, TheProtocolMayRefuseToTalk) {
  const Caller caller = call();
  caller.say("!");
  EXPECT_EQ(heard_by(caller), "");
}

TEST_F(PacketDoorTest, AnAnswerComesToOneWhoSaysNoMore) {
  const Caller caller = call();
  caller.say("last\n");
  ::shutdown(caller.fd(), SHUT_WR);
  EXPECT_EQ(heard_by(caller), "last\n");
  EXPECT_EQ(heard_by(caller), "");
}

TEST_F(PacketDoorTest, WhoHangsUpIsHeardAllTheSame) {
  Caller caller = call();
  caller.say("do it\n");
  caller.hang_up();
  EXPECT_TRUE(turn_until([&] { return echo_.answered == 1 && door_.clients() == 0; }));
}

TEST_F(PacketDoorTest, OneMoreThanThereArePlacesIsLetInAndShownOut) {
  Caller callers[] = {call(), call(), call()};
  ASSERT_TRUE(turn_until([&] { return door_.clients() == 3; }));
  const Caller late = call();
  EXPECT_EQ(heard_by(late), "");
  callers[0].say("here\n");
  EXPECT_EQ(heard_by(callers[0]), "here\n");
  callers[1].hang_up();
  ASSERT_TRUE(turn_until([&] { return door_.clients() == 2; }));
  const Caller next = call();
  next.say("in\n");
  EXPECT_EQ(heard_by(next), "in\n");
}

TEST_F(PacketDoorTest, TheSilentAreShownOutByTheClock) {
  const Caller silent = call(), drip = call(), busy = call();
  drip.say("d");
  ASSERT_TRUE(turn_until([&] { return door_.clients() == 3; }));
  clock_.advance(std::chrono::seconds(5));
  drip.say("r");
  busy.say("hello\n");
  EXPECT_EQ(heard_by(busy), "hello\n");
  clock_.advance(std::chrono::seconds(4));
  EXPECT_EQ(heard_by(silent), "");
  EXPECT_EQ(heard_by(drip), "");
  busy.say("hello\n");
  EXPECT_EQ(heard_by(busy), "hello\n");
  EXPECT_EQ(door_.clients(), 1U);
}

TEST_F(PacketDoorTest, OneWhoNeverReadsStallsNobodyAndIsShownOut) {
  const Caller deaf = call(), other = call();
  const std::string line = std::string(PacketProtocol::kLongest - 1, 'x') + "\n";
  // Until its replies fill all that the system keeps for it.
  int before = -1;
  for (int lines = 0; lines < 100'000 && before != echo_.answered; ++lines) {
    before = echo_.answered;
    deaf.say(line);
    ASSERT_TRUE(turn_until([quiet = 0]() mutable { return ++quiet > 2; }));
  }
  EXPECT_GT(echo_.answered, 10);
  other.say("hello\n");
  EXPECT_EQ(heard_by(other), "hello\n");
  EXPECT_EQ(door_.clients(), 2U);
  clock_.advance(std::chrono::seconds(9));
  EXPECT_TRUE(turn_until([&] { return door_.clients() == 0; }));
}

TEST_F(PacketDoorTest, AReplyThatHadToWaitIsGivenWhole) {
  const Caller slow = call();
  const std::string line = std::string(PacketProtocol::kLongest - 1, 'x') + "\n";
  int before = -1;
  for (int lines = 0; lines < 100'000 && before != echo_.answered; ++lines) {
    before = echo_.answered;
    slow.say(line);
    ASSERT_TRUE(turn_until([quiet = 0]() mutable { return ++quiet > 2; }));
  }
  std::size_t heard = 0;
  const auto expected = [&] { return static_cast<std::size_t>(echo_.answered) * line.size(); };
  EXPECT_TRUE(turn_until([&] {
    if (const auto text = slow.hear()) heard += text->size();
    return heard == expected() && !slow.hear();
  }));
  EXPECT_EQ(door_.clients(), 1U);
}

TEST_F(PacketDoorTest, WaitsForADescriptorWithoutSpinning) {
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const Caller caller = call();
  const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
  ::close(next);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  // Refused once; after that only the heartbeat wakes the loop.
  loop_.timers().arm(heartbeat_, clock_.now().steady + std::chrono::milliseconds(2));
  loop_.turn();
  const Instant begun = clock_.now().steady;
  loop_.timers().arm(heartbeat_, begun + std::chrono::milliseconds(50));
  loop_.turn();
  EXPECT_GE(clock_.now().steady - begun, std::chrono::milliseconds(50));
  EXPECT_EQ(door_.clients(), 0U);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(turn_until([&] { return door_.clients() == 1; }));
}

TEST_F(PacketDoorTest, WhoKnocksDoesNotWaitForEver) {
  const Result<UniqueFd> caller = connect_stream(dir_.fd(), "door");
  ASSERT_TRUE(caller);
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    timeval patience{};
    socklen_t size = sizeof patience;
    ASSERT_EQ(::getsockopt(caller->get(), SOL_SOCKET, direction, &patience, &size), 0);
    EXPECT_GT(patience.tv_sec, 0);
  }
}

TEST_F(PacketDoorTest, AClosedDoorRefuses) {
  const Caller caller = call();
  ASSERT_TRUE(turn_until([&] { return door_.clients() == 1; }));
  door_.close();
  EXPECT_EQ(caller.hear(), "");
  EXPECT_EQ(connect_stream(dir_.fd(), "door").error().code, ECONNREFUSED);
}

}  // namespace
}  // namespace kindred
