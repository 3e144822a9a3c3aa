#include "compat-nosh/supervise/ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kindred::nosh {
namespace {

const LedgerEntry kOne{{1, 2}, {3, 4}, 5, 0, false, "one"};
const LedgerEntry kTwo{{1, 7},         {18'446'744'073'709'551'615U, 18'446'744'073'709'551'615U},
                       4'294'967'295U, 5,
                       true,           std::string("a name\nof two lines")};
const std::string kBegun(kLedgerBeginning);

TEST(Ledger, SaysWhatIsLoaded) {
  const auto state = parse_ledger(kBegun + "= 1 2 3 4 5 0 0 3 one\n.\n");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->loaded, std::vector{kOne});
  EXPECT_FALSE(state->ending);
}

TEST(Ledger, SaysTheLatestOfEach) {
  const auto state = parse_ledger(
      kBegun + ".\n= 1 2 3 4 0 0 0 3 one\n= 1 9 3 9 0 0 0 4 nine\n= 1 2 3 4 5 0 0 3 one\n- 1 9\ne\n");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->loaded, std::vector{kOne});
  EXPECT_TRUE(state->ending);
}

TEST(Ledger, KnowsNoLineWithoutItsEnd) {
  const std::string text = kBegun + ".\n= 1 2 3 4 5 0 0 3 one\n";
  for (std::size_t size = kBegun.size() + 2; size < text.size(); ++size) {
    const auto state = parse_ledger(text.substr(0, size));
    ASSERT_TRUE(state) << size;
    EXPECT_TRUE(state->loaded.empty()) << size;
  }
}

TEST(Ledger, IsNoneThatWasNotFinishedOrIsAnotherThing) {
  for (const std::string& text :
       {std::string(), kBegun, kBegun + "= 1 2 3 4 5 0 0 3 one\n", kBegun + "e\n", std::string("kindred"),
        kBegun + "= 1 2 3 4 5 0 0 99 one\n.\n", kBegun + "= 1 2 3 4 5 0 0 18446744073709551615 one\n.\n"})
    EXPECT_FALSE(parse_ledger(text)) << text;
}

class LedgerInMemory : public ::testing::Test {
 protected:
  /// In memory that is still there.
  [[nodiscard]] std::optional<LedgerState> read() { return read_ledgers(memories_); }
  void hold(const Ledger& ledger) { memories_.push_back(ledger.share()); }

  std::vector<UniqueFd> memories_;
};

TEST_F(LedgerInMemory, IsReadAsItWasWritten) {
  Ledger ledger;
  ASSERT_TRUE(ledger.begin({{kOne}, false}));
  hold(ledger);
  ledger.put(kTwo);
  ledger.remove(kOne.supervise);
  ledger.end_all();
  const auto state = read();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->loaded, std::vector{kTwo});
  EXPECT_TRUE(state->ending);
}

TEST_F(LedgerInMemory, IsLongWhenMostOfItIsNoNews) {
  Ledger ledger;
  ASSERT_TRUE(ledger.begin({}));
  int puts = 0;
  for (; !ledger.is_long() && puts < 1'000'000; ++puts) ledger.put(kTwo);
  EXPECT_GT(puts, 1000);
  ASSERT_TRUE(ledger.begin({{kTwo}, true}));
  EXPECT_FALSE(ledger.is_long());
  hold(ledger);
  EXPECT_EQ(read()->loaded, std::vector{kTwo});
}

}  // namespace
}  // namespace kindred::nosh
