// The packets of perpd.sock, byte by byte. Source: interfaces/perp.md section 7, its transcripts above all.

#include "compat-perp/packet.h"

#include <algorithm>
#include <cerrno>

#include "tests/core/codec.h"

namespace kindred::perp {
namespace {

using test::Bytes;
using test::hex;

constexpr DirectoryId kId{0xfe, 0xa74831};
const std::string kDevice = "fe00000000000000", kInode = "3148a70000000000";

Bytes bytes_of(const PacketBytes& packet) { return {packet.begin(), packet.end()}; }
Bytes bytes_of(const PacketRequest& request) { return bytes_of(encode_request(request)); }
Bytes bytes_of(const PacketReply& reply) { return bytes_of(encode_reply(reply)); }

/// Decodes from memory that ends where the bytes end.
template <class Decode>
auto decoded(const Bytes& bytes, const Decode& decode) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  const std::optional<Packet> packet = first_packet({exact.get(), bytes.size()});
  return packet ? decode(*packet) : std::nullopt;
}
std::optional<PacketRequest> request_in(const std::string& digits) {
  return decoded(hex(digits), decode_request);
}
std::optional<PacketReply> reply_in(const std::string& digits) { return decoded(hex(digits), decode_reply); }

// --- framing ---

TEST(Packet, IsWholeWhenItsLengthIsThere) {
  const Bytes query = hex("025110" + kDevice + kInode);
  for (std::size_t size = 0; size < query.size(); ++size) EXPECT_FALSE(first_packet({query.data(), size}));
  const std::optional<Packet> packet = first_packet(query);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->protocol, 2);
  EXPECT_EQ(packet->type, 'Q');
  EXPECT_EQ(packet->payload.size(), 16U);
}

TEST(Packet, LeavesWhatFollowsItAlone) {
  const std::optional<Packet> packet = first_packet(hex("0245040000000002"));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload.size(), 4U);
  EXPECT_EQ(packet_size(hex("0245040000000002")), 7U);
  EXPECT_EQ(packet_size(hex("02ff")), std::nullopt);
  EXPECT_EQ(packet_size(hex("0251ff")), kMaxPacket);
}

// --- requests ---

TEST(Request, AQueryNamesADirectory) {
  const Bytes expected = hex("025110" + kDevice + kInode);
  EXPECT_EQ(bytes_of(Query{kId}), expected);
  EXPECT_EQ(request_in("025110" + kDevice + kInode), PacketRequest(Query{kId}));
}

TEST(Request, AControlPacketHasACharacterAndFlagsBesides) {
  EXPECT_EQ(bytes_of(Control{kId, 'c', 0x01}), hex("024312" + kDevice + kInode + "6301"));
  EXPECT_EQ(request_in("024312" + kDevice + kInode + "63ff"), PacketRequest(Control{kId, 'c', 0xff}));
  EXPECT_EQ(request_in("024312" + kDevice + kInode + "0000"), PacketRequest(Control{kId, 0, 0}));
}

TEST(Request, YankIsOneOfAnyLength) {
  EXPECT_EQ(request_in("025900"), PacketRequest(Yank{}));
  EXPECT_EQ(request_in("025910" + kDevice + kInode), PacketRequest(Yank{}));
}

TEST(Request, WhatTheOriginalAnswersWithEprotoIsNone) {
  const std::string id = kDevice + kInode;
  const std::string refused[] = {"025100",
                                 "02510f" + id.substr(2),
                                 "015110" + id,
                                 "005110" + id,
                                 "025810" + id,
                                 "025310" + id,
                                 "024311" + id + "63",
                                 "024313" + id + "630000",
                                 "02450400000000",
                                 "02ff00"};
  for (const std::string& digits : refused) EXPECT_FALSE(request_in(digits)) << digits;
}

// --- replies ---

TEST(Reply, AnErrorIsANumber) {
  EXPECT_EQ(bytes_of(ErrorReply{0}), hex("02450400000000"));
  EXPECT_EQ(bytes_of(ErrorReply{ENOENT}), hex("02450402000000"));
  EXPECT_EQ(bytes_of(ErrorReply{EBUSY}), hex("02450410000000"));
  EXPECT_EQ(bytes_of(ErrorReply{ENOTDIR}), hex("02450414000000"));
  EXPECT_EQ(bytes_of(ErrorReply{EPROTO}), hex("02450447000000"));
  EXPECT_EQ(bytes_of(ErrorReply{ENOTSUP}), hex("0245045f000000"));
  EXPECT_EQ(reply_in("0245045f000000"), PacketReply(ErrorReply{ENOTSUP}));
  EXPECT_FALSE(reply_in("024503000000"));
  EXPECT_FALSE(reply_in("01450400000000"));
  EXPECT_FALSE(reply_in("025900"));
}

/// Section 7.8, first line: main and log up.
const std::string kBothUp =
    "025342 e3770000 400000006b02a9791ba15312 400000006b02a9791bc2e7ab 0300"
    "e8770000 400000006b02a9791be5ec08 0000 e7770000 400000006b02a9791bc3433f 0100";

TEST(Reply, TheTranscriptOfAServiceThatIsUp) {
  const auto reply = reply_in(kBothUp);
  ASSERT_TRUE(reply);
  const ServiceStatus& status = std::get<ServiceStatus>(*reply);
  const std::int64_t second = 0x6b02a979 - 10;
  EXPECT_EQ(status.supervisor, 0x77e3U);
  EXPECT_EQ(status.supervisor_since, (WallTime{second, 0x1ba15312}));
  EXPECT_EQ(status.activated, (WallTime{second, 0x1bc2e7ab}));
  EXPECT_TRUE(status.active);
  EXPECT_FALSE(status.reactivating || status.deactivating() || status.flag_down || status.flag_once);
  const StatusRecord& main = status.snapshot.main;
  EXPECT_EQ(main.pid, 0x77e8);
  EXPECT_EQ(main.phase, Phase::Running);
  EXPECT_EQ(main.want, Want::Up);
  EXPECT_EQ(main.run_started, (WallTime{second, 0x1be5ec08}));
  ASSERT_TRUE(status.snapshot.log);
  EXPECT_EQ(status.snapshot.log->pid, 0x77e7);
  EXPECT_EQ(bytes_of(*reply), hex(kBothUp));
}

/// Section 7.8: def, main's pid, stamp and flags, log's.
std::string transcript(const std::string& definition, const std::string& main, const std::string& log) {
  return "025342 e3770000 400000006b02a9791ba15312 400000006b02a9791bc2e7ab" + definition + "00" + main +
         "00" + log + (log.empty() ? std::string(36, '0') : "00");
}
const std::string kPid = "e8770000", kNoPid = "00000000", kStamp = "400000006b02a9791be5ec08",
                  kNever = "000000000000000000000000";

TEST(Reply, EveryTranscriptIsReadAndWrittenAlike) {
  for (const std::string& digits : {
           kBothUp, transcript("11", kNoPid + kNever + "10", ""),           // flag.down, no logger
           transcript("21", kPid + kStamp + "04", ""),                      // flag.once running
           transcript("04", kPid + kStamp + "12", ""),                      // going down, in reset
           transcript("0d", kPid + kStamp + "12", ""),                      // to be taken up again
           transcript("06", kPid + kStamp + "12", kPid + kStamp + "11"),    // the log is still up
           transcript("01", kNoPid + kStamp + "12", ""),                    // down by d
           transcript("01", kNoPid + kStamp + "16", ""),                    // once, ended
           transcript("03", kPid + kStamp + "08", kNoPid + kStamp + "13"),  // paused; log down
           transcript("03", kPid + kStamp + "14", kPid + kStamp + "05"),    // o, then d; log once
           transcript("01", kPid + kStamp + "02", ""),                      // reset, start follows
           transcript("01", kNoPid + kStamp + "02", ""),                    // waits to be started
           transcript("33", kNoPid + kNever + "10", kPid + kStamp + "09"),  // both flag files
       }) {
    const auto reply = reply_in(digits);
    ASSERT_TRUE(reply) << digits;
    EXPECT_EQ(bytes_of(*reply), hex(digits)) << digits;
  }
}

TEST(Reply, AsARecordItHasStampsWhereAReplyHasNone) {
  const std::int64_t second = 0x6b02a979 - 10;
  const auto main_of = [](const std::string& digits) {
    const Bytes packet = hex(digits);
    return decode_status(ByteView(packet).subspan(kHeaderSize))->snapshot.main;
  };
  // Never run: down since the service was activated.
  const StatusRecord never = main_of(transcript("11", kNoPid + kNever + "10", ""));
  EXPECT_EQ(never.down_since, (WallTime{second, 0x1bc2e7ab}));
  EXPECT_EQ(never.pid_changed, never.down_since);
  // A reset has the one stamp that there is.
  const StatusRecord reset = main_of(transcript("01", kPid + kStamp + "02", ""));
  EXPECT_EQ(reset.phase, Phase::Finishing);
  EXPECT_EQ(reset.run_started, (WallTime{second, 0x1be5ec08}));
}

TEST(Reply, TheFlagsOfAHalfAreTheRecords) {
  const auto main_of = [](const std::string& pid, const std::string& flags) {
    return std::get<ServiceStatus>(*reply_in(transcript("01", pid + kStamp + flags, ""))).snapshot.main;
  };
  EXPECT_EQ(main_of(kPid, "02").phase, Phase::Finishing);
  EXPECT_EQ(main_of(kPid, "12").want, Want::Down);
  EXPECT_EQ(main_of(kPid, "04").want, Want::Once);
  EXPECT_TRUE(main_of(kPid, "14").once);
  EXPECT_EQ(main_of(kPid, "14").want, Want::Down);
  EXPECT_TRUE(main_of(kPid, "08").paused);
  EXPECT_EQ(main_of(kNoPid, "12").phase, Phase::Stopped);
  EXPECT_EQ(main_of(kNoPid, "22").phase, Phase::Waiting);
  EXPECT_EQ(main_of(kNoPid, "12").run_ended.nanos, 0x1be5ec08U);
}

TEST(Reply, AMachineThatIsDoneOnceWantsToBeDown) {
  ServiceStatus status;
  StatusRecord& main = status.snapshot.main;
  main.want = Want::Once;
  main.once = true;
  const auto flags = [&] { return encode_reply(status)[kHeaderSize + 46]; };
  main.phase = Phase::Running;
  main.pid = 1;
  EXPECT_EQ(flags(), 0x04);
  main.phase = Phase::Finishing;  // it was asked for once more meanwhile
  EXPECT_EQ(flags(), 0x06);
  main.phase = Phase::Stopped;
  main.pid = 0;
  main.run_ended = {1, 1};
  EXPECT_EQ(flags(), 0x16);
}

TEST(Reply, AServiceThatLeavesWantsBothHalvesDown) {
  ServiceStatus status;
  status.snapshot.main.phase = Phase::Finishing;
  status.snapshot.main.pid = 1;
  status.snapshot.main.exiting = true;
  status.snapshot.main.want = Want::Down;
  status.snapshot.log.emplace().phase = Phase::Running;
  status.snapshot.log->pid = 2;
  const PacketBytes bytes = encode_reply(status);
  EXPECT_EQ(bytes[kHeaderSize + 28], 0x06);
  EXPECT_EQ(bytes[kHeaderSize + 46], 0x12);
  EXPECT_EQ(bytes[kHeaderSize + 64], 0x11);
}

TEST(Reply, EveryRecordThereIsCanBeSaidAndWhatWasSaidStays) {
  test::for_every_record([](const StatusRecord& record) {
    for (const bool with_log : {false, true}) {
      ServiceStatus status;
      status.active = true;
      status.snapshot.main = record;
      if (with_log) status.snapshot.log = record;
      const Bytes once = bytes_of(status);
      ASSERT_EQ(once.size(), kHeaderSize + kStatusSize);
      const auto told = decoded(once, decode_reply);
      ASSERT_TRUE(told);
      const StatusRecord& main = std::get<ServiceStatus>(*told).snapshot.main;
      EXPECT_EQ(main.pid, record.pid);
      EXPECT_EQ(main.paused, record.paused);
      EXPECT_EQ(main.exiting, record.exiting);
      EXPECT_EQ(bytes_of(*told), once);
    }
  });
}

TEST(Reply, NoBytesDoHarm) {
  const Bytes whole = hex(kBothUp);
  const auto read = [](const Bytes& bytes) {
    if (const auto reply = decoded(bytes, decode_reply)) {
      const Bytes once = bytes_of(*reply);
      EXPECT_EQ(bytes_of(*decoded(once, decode_reply)), once);
    }
    if (const auto request = decoded(bytes, decode_request)) {
      EXPECT_LE(bytes_of(*request).size(), bytes.size());
    }
  };
  for (std::size_t size = 0; size <= whole.size(); ++size) read({whole.begin(), whole.begin() + size});
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (unsigned value = 0; value < 256; ++value) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      read(changed);
    }
}

}  // namespace
}  // namespace kindred::perp
