// perpstat's words, where the conformance cases say less.

#include "compat-perp/client/status_text.h"

#include <gtest/gtest.h>

#include "compat-perp/dialect.h"
#include "core/base/bytes.h"

namespace kindred::perp {
namespace {

const WallTime kNow{1'700'000'100, 0};

ServiceStatus up() {
  ServiceStatus status;
  status.activated = {1'700'000'000, 0};
  status.snapshot.main.phase = Phase::Running;
  status.snapshot.main.pid = 815;
  status.snapshot.main.pid_changed = {1'700'000'088, 0};
  return status;
}

TEST(StatusText, OneThatHasNeverRunIsDownSinceItWasActivated) {  // the original counts from the year 0
  ServiceStatus status;
  status.activated = {1'700'000'000, 0};
  status.snapshot.main.want = Want::Down;
  EXPECT_EQ(status_text("s", status, nullptr, kNow),
            "s: activated 100 seconds\n  main: down 100 seconds\n   log: (no log)\n");
}

TEST(StatusText, AStampIsTakenAsItIsWhateverTheFlags) {
  PacketBytes reply = encode_reply(up());
  const ByteSpan bytes(reply.begin(), reply.size());
  put_le<4>(bytes, kHeaderSize + 30, 0);  // no process, wanted down, never reset
  bytes[kHeaderSize + 46] = 0x10;
  const std::optional<PacketReply> read = decode_reply(*first_packet(ByteView(reply.begin(), reply.size())));
  EXPECT_EQ(status_text("s", std::get<ServiceStatus>(*read), nullptr, kNow),
            "s: activated 100 seconds\n  main: down 12 seconds\n   log: (no log)\n");
}

TEST(StatusText, AnotherFamilysSupervisorIsNamed) {
  EXPECT_EQ(status_text("s", up(), &dialect(), kNow),
            "s: activated by perp\n  main: up 12 seconds (pid 815)\n   log: (no log)\n");
}

TEST(StatusText, OnceAndPausedAreSaidOfALivingProcess) {
  ServiceStatus status = up();
  status.snapshot.main.once = status.snapshot.main.paused = true;
  EXPECT_EQ(
      status_text("s", status, nullptr, kNow),
      "s: activated 100 seconds\n  main: up 12 seconds (pid 815), paused, flagged once\n   log: (no log)\n");
}

}  // namespace
}  // namespace kindred::perp
