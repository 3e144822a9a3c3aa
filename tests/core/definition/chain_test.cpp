#include "core/definition/chain.h"

#include <gtest/gtest.h>

#include "compat-runit/chain/tools.h"

namespace kindred {
namespace {

using definition::Step;

std::size_t no_tools(std::span<const Step>, std::vector<std::string>&) { return 0; }

std::vector<Step> common_steps() {
  using Which = definition::SetLimit::Which;
  return {definition::Become{{.user = "web", .all_groups = true}},
          definition::Become{{.user = "web", .group = "www", .more_groups = {"adm", "tty"}}},
          definition::Become{{.user = "1000", .group = "1000", .numeric = true}},
          definition::SetVariable{"A", "x y"},
          definition::SetVariable{"B", std::nullopt},
          definition::ClearEnvironment{},
          definition::ChangeRoot{"/jail", true},
          definition::SetLimit{'o', Which::Soft, 64},
          definition::SetLimit{'s', Which::Hard, std::nullopt},
          definition::SetLimit{'t', Which::Both, 10},
          definition::AddNiceness{-5},
          definition::HoldLock{"/run/lock", false},
          definition::NewSession{},
          definition::NameProgram{"-sh"},
          definition::CopyDescriptor{2, 1},
          definition::CloseDescriptor{0},
          definition::OpenFile{3, "/dev/null", definition::OpenFile::For::Writing},
          definition::EnterDirectory{"/srv/it's"},
          definition::SetFileMask{07}};
}

TEST(Chain, WhatEverySystemHasIsReadBack) {
  for (const Step& step : common_steps()) {
    std::vector<std::string> lost;
    const std::vector<std::string> words =
        write_chain(std::vector{step}, {"prog", "-x"}, no_tools,
                    [&](const Step& each) { lost.push_back(describe(each)); });
    EXPECT_EQ(lost, std::vector<std::string>{});
    EXPECT_EQ(read_chain(words, {}), (Chain{{step}, {"prog", "-x"}})) << describe(step);
  }
}

TEST(Chain, WhatNobodyCanSayIsTold) {
  const Step step = definition::SetLimit{'o', definition::SetLimit::Which::Soft, std::nullopt};
  std::vector<std::string> lost;
  EXPECT_EQ(write_chain(std::vector{step}, {"prog"}, no_tools,
                        [&](const Step& each) { lost.push_back(describe(each)); }),
            std::vector<std::string>{"prog"});
  EXPECT_EQ(lost, std::vector<std::string>{"soft limit o at most"});
}

TEST(Chain, TheFirstProgramThatIsNotPlainBeginsTheProgram) {
  const Chain chain =
      read_chain({"/usr/bin/chpst", "-u", "a:b", "-o99", "-v", "nice", "-n", "5", "env", "-x", "prog"},
                 runit::chain_tools());
  EXPECT_EQ(chain.program, (std::vector<std::string>{"env", "-x", "prog"}));
  const std::vector<Step> steps{definition::Become{{.user = "a", .group = "b"}},
                                definition::SetLimit{'o', definition::SetLimit::Which::Soft, 99},
                                definition::AddNiceness{5}};
  EXPECT_EQ(chain.steps, steps);
}

TEST(Chain, MisusedToolsAreLeftAlone) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"chpst", "-Q", "prog"},
                                                {"chpst", "-u", "web"},
                                                {"nice", "-n", "x", "prog"},
                                                {"chpst"}})
    EXPECT_EQ(read_chain(words, runit::chain_tools()), (Chain{{}, words}));
}

TEST(Chain, LimitsHaveAnOrderAndTheLastOneCounts) {
  using Which = definition::SetLimit::Which;
  std::vector<Step> steps{definition::SetLimit{'s', Which::Soft, 1},
                          definition::SetLimit{'o', Which::Soft, 2},
                          definition::SetLimit{'s', Which::Soft, 3}, definition::NewSession{},
                          definition::SetLimit{'d', Which::Soft, 4}};
  put_limits_in_order(steps);
  const std::vector<Step> expected{definition::SetLimit{'o', Which::Soft, 2},
                                   definition::SetLimit{'s', Which::Soft, 3}, definition::NewSession{},
                                   definition::SetLimit{'d', Which::Soft, 4}};
  EXPECT_EQ(steps, expected);
}

}  // namespace
}  // namespace kindred
