// What the words of the common tools ask for; what comes of it is asserted by the recorded cases.

#include "core/chain/base_tools.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <deque>

#include "tests/core/cli/run_main.h"

namespace kindred {
namespace {

/// Words as main() gets them.
class Words {
 public:
  Words(std::initializer_list<const char*> words) : text_(words.begin(), words.end()) {
    for (std::string& word : text_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] int argc() const { return static_cast<int>(text_.size()); }
  [[nodiscard]] char** argv() { return pointers_.data(); }

 private:
  std::deque<std::string> text_;
  std::vector<char*> pointers_;
};

template <class Step>
const Step& only_step(const ChainRequest& request) {
  EXPECT_EQ(request.steps.size(), 1U);
  return std::get<Step>(request.steps.at(0));
}

TEST(ParseSetlock, TheLastOfEachPairCounts) {
  Words words{"setlock", "-nxN", "file", "program", "-n"};
  const ChainRequest request = parse_setlock(words.argc(), words.argv(), {});
  const auto& lock = only_step<HoldLock>(request);
  EXPECT_TRUE(lock.waits);
  EXPECT_TRUE(lock.quiet);
  EXPECT_EQ(lock.path, "file");
  ASSERT_EQ(request.program.size(), 2U);
  EXPECT_STREQ(request.program[1], "-n");
}

TEST(ParseSetlock, OneFamilyMeansItTheOtherWayRound) {
  Words words{"setlock", "-n", "file", "program"};
  EXPECT_FALSE(only_step<HoldLock>(parse_setlock(words.argc(), words.argv(), {})).waits);
  EXPECT_TRUE(only_step<HoldLock>(parse_setlock(words.argc(), words.argv(), {.small_n_waits = true})).waits);
}

TEST(ParseSetlock, NamesABadOption) {
  Words words{"setlock", "-z", "file", "program"};
  const ChainRequest request = parse_setlock(words.argc(), words.argv(), {});
  EXPECT_TRUE(request.misused);
  EXPECT_EQ(request.complaint, "setlock: illegal option -- z");
}

TEST(ParseSetlock, ALongWordEndsTheOptionsWhereTheFamilyHasItSo) {
  Words words{"setlock", "--any", "file", "program"};
  EXPECT_EQ(only_step<HoldLock>(parse_setlock(words.argc(), words.argv(), {})).path, "file");
  const ChainRequest refused = parse_setlock(words.argc(), words.argv(), {.long_dashes = LongDashes::None});
  EXPECT_EQ(refused.complaint, "setlock: illegal option -- -");
}

TEST(ParseWords, ADashBeginsAWordWhereAToolHasNoOptions) {
  constexpr Dashes kWords = Dashes::BeginWords;
  Words words{"tool", "--", "-x"};
  EXPECT_EQ(only_step<ReadEnvDirectory>(parse_envdir(words.argc(), words.argv(), {.dashes = kWords})).path,
            "--");
  EXPECT_EQ(only_step<Become>(parse_setuidgid(words.argc(), words.argv(), false, kWords)).name.text, "--");
  EXPECT_EQ(only_step<TellIdentity>(parse_envuidgid(words.argc(), words.argv(), kWords)).name.text, "--");
  EXPECT_STREQ(parse_pgrphack(words.argc(), words.argv(), kWords).program[0], "--");
  EXPECT_STREQ(parse_pgrphack(words.argc(), words.argv()).program[0], "-x");
}

TEST(ParseEnvdir, NeedsADirectoryAndAProgram) {
  Words bare{"envdir", "d"};
  EXPECT_TRUE(parse_envdir(bare.argc(), bare.argv(), {}).misused);
  Words prefixed{"envdir", "-p", "P_", "d", "program"};
  const ChainRequest request = parse_envdir(prefixed.argc(), prefixed.argv(), {.has_prefix = true});
  EXPECT_EQ(only_step<ReadEnvDirectory>(request).rules.prefix, "P_");
  EXPECT_EQ(only_step<ReadEnvDirectory>(request).path, "d");
}

TEST(ParseSetuidgid, AllGroupsAreAnOptionOfOneFamily) {
  Words words{"setuidgid", "-s", "www", "program"};
  EXPECT_TRUE(only_step<Become>(parse_setuidgid(words.argc(), words.argv(), true)).all_groups);
  EXPECT_TRUE(parse_setuidgid(words.argc(), words.argv(), false).misused);
}

TEST(ParseSoftlimit, OptionsComeAfterTheVariables) {
  const char* const block[] = {"SOFTLIMIT_OPENFILES=50", "SOFTLIMIT_MEMBYTES=7", "SOFTLIMIT_STACKBYTES=9",
                               nullptr};
  Words words{"softlimit", "-o", "60", "program"};
  const ChainRequest request = parse_softlimit(words.argc(), words.argv(), Environment(block), {}, true);
  std::string order;
  for (const ChainStep& step : request.steps) order += std::get<SetLimit>(step).limit.letter;
  EXPECT_EQ(order, "somo");
  EXPECT_EQ(std::get<SetLimit>(request.steps.back()).limit.value, 60U);
  Words plain{"softlimit", "program"};
  EXPECT_TRUE(parse_softlimit(plain.argc(), plain.argv(), Environment(block), {}, false).steps.empty());
}

TEST(ParseSoftlimit, WhatIsNoNumberIsWrongUsage) {
  const char* const block[] = {"SOFTLIMIT_OPENFILES=many", nullptr};
  Words plain{"softlimit", "program"};
  EXPECT_TRUE(parse_softlimit(plain.argc(), plain.argv(), Environment(block), {}, true).misused);
  Words dash{"softlimit", "-c", "-", "program"};
  EXPECT_TRUE(parse_softlimit(dash.argc(), dash.argv(), Environment(block), {}, false).misused);
  const ChainRequest unlimited =
      parse_softlimit(dash.argc(), dash.argv(), Environment(block), {.dash_is_unlimited = true}, false);
  EXPECT_EQ(only_step<SetLimit>(unlimited).limit.which, SoftLimit::Which::Both);
}

TEST(Fghack, AProgramThatCannotRunHasToldNothing) {
  constexpr int kTold = 102;
  const auto code = [&](const char* program, bool closes) {
    return test::run_main(
               [&](int argc, char** argv) {
                 // The pipe takes their places then, and what was said would be in it.
                 for (int descriptor = 0; closes && descriptor < 3; ++descriptor) close(descriptor);
                 return run_fghack(argc, argv, {.name = "fghack", .told_code = kTold});
               },
               {"fghack", program})
        .code;
  };
  EXPECT_EQ(code("/nowhere/program", true), 111);
  EXPECT_EQ(code("/nowhere/program", false), 111);
  EXPECT_EQ(code("/bin/true", true), 0);
}

TEST(Fghack, LeavesRoomWhereDescriptorsAreFew) {
  const auto ran = test::run_main(
      [](int argc, char** argv) {
        const rlimit few{12, 12};
        setrlimit(RLIMIT_NOFILE, &few);
        return run_fghack(argc, argv, {.name = "fghack"});
      },
      {"fghack", "/bin/cat", "/dev/null"});
  EXPECT_EQ(ran.code, 0) << ran.err;
}

}  // namespace
}  // namespace kindred
