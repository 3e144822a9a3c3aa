#include "core/engine/snapshot.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/core/walk.h"

namespace kindred::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

GroupState state_of(const Walk<SeededDraw>& walk, const std::string& name) {
  GroupState group;
  group.name = name;
  group.home = "daemontools";
  group.family = walk.simulation().family().name;
  group.id = {0xfd01, 0x1234'5678'9abc};
  group.own_session = name.size() % 2 == 0;
  group.machine = walk.simulation().group();
  return group;
}

/// Groups of every family, wherever a walk has led them.
SupervisorState some_state(std::uint64_t seed) {
  SupervisorState state;
  for (const Family* family : kAllFamilies) {
    SeededDraw draw(seed);
    Walk walk(*family, draw);
    for (unsigned steps = draw(100); steps > 0; --steps) walk.step();
    state.groups.push_back(state_of(walk, "service-" + std::to_string(seed)));
  }
  return state;
}

TEST(Snapshot, HoldsEveryMachineWhole) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const SupervisorState state = some_state(seed);
    const Result<SupervisorState> back = decode_state(encode_state(state));
    ASSERT_TRUE(back) << seed;
    ASSERT_EQ(*back, state) << seed;
  }
}

TEST(Snapshot, OfOneMachineNeedsNoMoreRoomThanThereIs) {
  for (const GroupState& group : some_state(7).groups) {
    std::array<std::uint8_t, kLongestMachine> room{};
    const std::size_t size = encode_machine(group.machine.main, room);
    ASSERT_GT(size, 0U);
    const auto back = decode_machine(ByteView(room).first(size));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, group.machine.main);
    EXPECT_FALSE(decode_machine(ByteView(room).first(size - 1)));
    EXPECT_EQ(encode_machine(group.machine.main, ByteSpan(room).first(size - 1)), 0U);
  }
}

TEST(Snapshot, OfNothingIsASnapshot) {
  const Result<SupervisorState> back = decode_state(encode_state({}));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->groups.empty());
}

TEST(Snapshot, CutShortOrTooLongIsNone) {
  const Bytes whole = encode_state(some_state(5));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<SupervisorState> back = decode_state(ByteView(whole).first(size));
    ASSERT_FALSE(back) << size;
    EXPECT_EQ(back.error().code, EBADMSG);
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(decode_state(longer));
}

TEST(Snapshot, WithAnyByteChangedIsRefusedOrMeansWhatItSays) {
  const Bytes whole = encode_state(some_state(6));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned change : {0x01U, 0x02U, 0x80U, 0xffU}) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
      const Result<SupervisorState> back = decode_state(changed);
      if (back) {
        ASSERT_EQ(encode_state(*back), changed) << at;
      }
    }
}

TEST(Snapshot, NamesNoProcessThatCannotBe) {
  // A signal to process -1 is a signal to all of them.
  for (std::int32_t ServiceMachine::*pid : {&ServiceMachine::command_pid, &ServiceMachine::custom_pid}) {
    SupervisorState state = some_state(7);
    state.groups[0].machine.main.*pid = -2;
    EXPECT_FALSE(decode_state(encode_state(state)));
  }
  SupervisorState state = some_state(7);
  state.groups[0].machine.main.record.pid = -1;
  EXPECT_FALSE(decode_state(encode_state(state)));
}

}  // namespace
}  // namespace kindred::test
