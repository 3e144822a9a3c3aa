// What perpd answers, for a tree of one service. Source: interfaces/perp.md sections 7.5 to 7.7.

#include "compat-perp/protocol.h"

#include <cerrno>

#include "tests/core/codec.h"
#include "tests/core/one_service.h"

namespace kindred::perp {
namespace {

using test::Bytes;
using test::hex;
using Next = PacketProtocol::Answer::Next;

constexpr DirectoryId kKnown{0xfe, 0xa74831};
const std::string kId = "fe000000000000003148a70000000000", kOther = "01000000000000000200000000000000";

class Protocol : public ::testing::Test {
 protected:
  /// The reply in bytes; empty: none yet.
  Bytes say(const Bytes& bytes, Next expected = Next::Reply) {
    Bytes reply(PacketProtocol::kLongest);
    const PacketProtocol::Answer answer = protocol_.answer(bytes, Peer{}, reply);
    EXPECT_EQ(answer.next, expected);
    reply.resize(answer.size);
    return reply;
  }
  int error_to(const std::string& digits) {
    const Bytes reply = say(hex(digits));
    EXPECT_EQ(reply.size(), 7U);
    return reply.size() == 7 ? reply[3] : -1;
  }

  test::OneService tree_{kKnown};
  PerpProtocol protocol_{tree_, 4711, WallTime{1'700'000'000, 0}};
};

TEST_F(Protocol, ErrorsAreTheOriginals) {
  EXPECT_EQ(error_to("025110" + kOther), ENOTDIR);
  EXPECT_EQ(error_to("024312" + kOther + "6300"), ENOENT);
  EXPECT_EQ(error_to("024312" + kOther + "5a00"), ENOENT);
  EXPECT_EQ(error_to("024312" + kId + "5a00"), EPROTO);
  EXPECT_EQ(error_to("025900"), ENOTSUP);
  EXPECT_EQ(error_to("015900"), EPROTO);
  EXPECT_EQ(error_to("025100"), EPROTO);
  EXPECT_EQ(error_to("02ff00"), EPROTO);
  EXPECT_TRUE(tree_.commands.empty());
}

TEST_F(Protocol, AServiceThatLeavesIsBusyWhateverItIsTold) {
  tree_.service.snapshot.main.exiting = true;
  EXPECT_EQ(error_to("024312" + kId + "7500"), EBUSY);
  EXPECT_EQ(error_to("024312" + kId + "5a00"), EBUSY);
  EXPECT_EQ(say(hex("025110" + kId)).size(), kHeaderSize + kStatusSize);
}

TEST_F(Protocol, CommandsReachTheTree) {
  EXPECT_EQ(error_to("024312" + kId + "7402"), 0);
  ASSERT_EQ(tree_.commands.size(), 1U);
  EXPECT_EQ(tree_.commands[0].verb, Verb::Terminate);
  EXPECT_TRUE(tree_.commands[0].to_group);
  EXPECT_EQ(error_to("024312" + kId + "4400"), 0);
  EXPECT_EQ(tree_.commands.size(), 3U);
  EXPECT_EQ(error_to("024312" + kId + "4401"), 0);
  EXPECT_EQ(tree_.commands.size(), 3U);
  tree_.busy = true;
  EXPECT_EQ(error_to("024312" + kId + "7500"), EAGAIN);
}

TEST_F(Protocol, ACommandForAGroupThatThereIsNotIsRefused) {
  tree_.leads_group = false;
  EXPECT_EQ(error_to("024312" + kId + "7402"), ESRCH);
  EXPECT_EQ(error_to("024312" + kId + "7400"), 0);
}

TEST_F(Protocol, AQueryIsAnsweredWithAllThatIsKnown) {
  tree_.service.supervised_since = {1'700'000'050, 0};
  tree_.service.active = false;
  tree_.service.returning = true;
  tree_.service.began_down = tree_.service.began_once = true;
  tree_.service.snapshot.log.emplace();
  const Bytes reply = say(hex("025110" + kId));
  const auto told = decode_reply(*first_packet(reply));
  ASSERT_TRUE(told);
  const ServiceStatus& status = std::get<ServiceStatus>(*told);
  EXPECT_EQ(status.supervisor, 4711U);
  EXPECT_EQ(status.supervisor_since, (WallTime{1'700'000'000, 0}));
  EXPECT_EQ(status.activated, (WallTime{1'700'000'050, 0}));
  EXPECT_EQ(reply[kHeaderSize + 28], 0x3a);
}

TEST_F(Protocol, WaitsForAWholePacketAndForNoMore) {
  const Bytes query = hex("025110" + kId);
  for (std::size_t size = 0; size < query.size(); ++size)
    EXPECT_FALSE(protocol_.is_whole({query.data(), size})) << size;
  EXPECT_TRUE(protocol_.is_whole(query));
  Bytes two = query;
  two.insert(two.end(), query.begin(), query.end());
  say(two, Next::Close);
  say(Bytes(300, 'A'), Next::Close);
  EXPECT_FALSE(protocol_.is_whole(hex("7a7a")));
}

}  // namespace
}  // namespace kindred::perp
