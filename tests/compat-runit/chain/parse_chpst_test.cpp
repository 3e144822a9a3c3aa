#include "compat-runit/chain/parse_chpst.h"

#include <gtest/gtest.h>

#include "compat-runit/chain/tools.h"
#include "tests/core/chain/parse_words.h"

namespace kindred::runit {
namespace {

ChainRequest parse(std::initializer_list<const char*> words) { return test::parse_words(parse_chpst, words); }

struct Letter {
  char operator()(const NewSession&) const { return 'P'; }
  char operator()(const ReadEnvDirectory&) const { return 'e'; }
  char operator()(const ChangeRoot&) const { return '/'; }
  char operator()(const EnterDirectory&) const { return 'C'; }
  char operator()(const AddNiceness&) const { return 'n'; }
  char operator()(const TellIdentity&) const { return 'U'; }
  char operator()(const Become&) const { return 'u'; }
  char operator()(const HoldLock&) const { return 'l'; }
  char operator()(const CloseDescriptor&) const { return 'c'; }
  char operator()(const SetLimit& step) const { return step.limit.letter; }
  char operator()(const NameProgram&) const { return 'b'; }
  template <class Other>
  char operator()(const Other&) const {
    return '?';
  }
};

std::string order(const ChainRequest& request) {
  std::string letters;
  for (const ChainStep& step : request.steps) letters += std::visit(Letter{}, step);
  return letters;
}

TEST(Chpst, HasAnOrderOfItsOwn) {
  EXPECT_EQ(order(parse({"chpst", "-b", "x",  "-o", "5",  "-m", "9",  "-0", "-l", "f", "-u", "a",
                         "-U",    "b",  "-n", "1",  "-C", "d",  "-/", "r",  "-e", "v", "-P", "prog"})),
            "Pe/CnUulcmob");
}

TEST(Chpst, TheLastOfAnOptionCounts) {
  const ChainRequest request = parse({"chpst", "-u", "a", "-u", "b", "-o5", "-o6", "prog"});
  EXPECT_EQ(order(request), "uo");
  EXPECT_EQ(std::get<Become>(request.steps[0]).name.user, "b");
  EXPECT_EQ(std::get<SetLimit>(request.steps[1]).limit.value, 6U);
}

TEST(Chpst, WrongUse) {
  EXPECT_TRUE(parse({"chpst", "-l", "a", "-L", "b", "prog"}).misused);
  EXPECT_TRUE(parse({"chpst", "-o", "5k", "prog"}).misused);
  EXPECT_TRUE(parse({"chpst", "-o", "=", "prog"}).misused);
  EXPECT_TRUE(parse({"chpst", "-n", "1x", "prog"}).misused);
  EXPECT_TRUE(parse({"chpst", "-V", "prog"}).misused);
  EXPECT_EQ(parse({"chpst", "-z", "prog"}).complaint, "chpst: illegal option -- z");
  EXPECT_TRUE(parse({"chpst"}).program.empty());
}

TEST(Chpst, AnEmptyNumberIsZero) {
  EXPECT_EQ(std::get<AddNiceness>(parse({"chpst", "-n", "", "prog"}).steps.at(0)).increment, 0);
  EXPECT_EQ(std::get<SetLimit>(parse({"chpst", "-o", "", "prog"}).steps.at(0)).limit.value, 0U);
  EXPECT_EQ(std::get<AddNiceness>(parse({"chpst", "-n", "-4", "prog"}).steps.at(0)).increment, -4);
}

TEST(Aliases, WithoutOptionsTakeADashForAWord) {
  for (const ChainTool& tool : chain_tools()) {
    const std::string name = tool.name;
    if (name == "chpst" || name == "setlock" || name == "softlimit") continue;
    for (const char* dash : {"--", "-x"}) {
      const ChainRequest request = test::parse_words(tool.parse, {tool.name, dash, "prog"});
      EXPECT_FALSE(request.misused) << name;
      EXPECT_STREQ(request.program[0], name == "pgrphack" ? dash : "prog") << name;
    }
  }
}

}  // namespace
}  // namespace kindred::runit
