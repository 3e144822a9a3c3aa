#include "compat-nosh/protocol.h"

#include <gtest/gtest.h>

namespace kindred::nosh {
namespace {

TEST(Protocol, ALoadIsItsNumberAndItsNamePaddedWithNuls) {
  const MessageBytes bytes = encode_message(Request::Load, "web/log");
  EXPECT_EQ(bytes.size(), 262U);
  EXPECT_EQ(bytes[0], 2);
  EXPECT_EQ(std::string(bytes.begin() + 1, bytes.begin() + 8), "web/log");
  for (std::size_t i = 8; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], 0);
  const Message message = decode_message(bytes);
  EXPECT_EQ(message.request, Request::Load);
  EXPECT_EQ(message.name, "web/log");
}

TEST(Protocol, NumbersAndNeedsAreTheFamilys) {
  // Source: interfaces/nosh.md section 7.2.
  const struct {
    Request request;
    std::uint8_t number;
    std::size_t descriptors;
  } rows[] = {{Request::Noop, 0, 0},          {Request::Plumb, 1, 2},
              {Request::Load, 2, 2},          {Request::MakeInputActivated, 3, 1},
              {Request::Unload, 4, 1},        {Request::MakePipeConnectable, 5, 1},
              {Request::MakeRunOnEmpty, 6, 1}};
  for (const auto& row : rows) {
    EXPECT_EQ(encode_message(row.request)[0], row.number);
    EXPECT_EQ(decode_message(encode_message(row.request)).request, row.request);
    EXPECT_EQ(descriptors_of(row.request), row.descriptors) << int{row.number};
  }
}

TEST(Protocol, AShortMessageIsAGoodOne) {
  const std::uint8_t bytes[] = {2, 'w', 'e', 'b'};
  EXPECT_EQ(decode_message(bytes).name, "web");
  EXPECT_EQ(decode_message({bytes, 1}).request, Request::Load);
  EXPECT_EQ(decode_message({bytes, 1}).name, "");
}

TEST(Protocol, ANameIsBoundedAndNothingElseIsLookedAt) {
  MessageBytes bytes;
  bytes.fill('x');
  bytes[0] = 2;
  EXPECT_EQ(decode_message(bytes).name, std::string(kLongestName, 'x'));
  bytes[0] = 4;
  EXPECT_EQ(decode_message(bytes).name, "");
  EXPECT_EQ(decode_message(encode_message(Request::Load, std::string(999, 'y'))).name,
            std::string(kLongestName - 1, 'y'));
}

TEST(Protocol, ANameMakesNoLineOfItsOwn) {
  EXPECT_EQ(decode_message(encode_message(Request::Load, "a\nb\x1b[2J")).name, "a?b?[2J");
}

TEST(Protocol, AnythingElseIsUnknown) {
  for (unsigned number = kRequests; number < 256; ++number) {
    const auto byte = static_cast<std::uint8_t>(number);
    const Message message = decode_message({&byte, 1});
    EXPECT_EQ(message.request, Request::Unknown);
    EXPECT_EQ(message.number, number);
    EXPECT_EQ(descriptors_of(message.request), 0U);
  }
  EXPECT_EQ(decode_message({}).request, Request::Unknown);
}

}  // namespace
}  // namespace kindred::nosh
