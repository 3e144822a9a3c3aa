#include "core/definition/wrapper.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using definition::Restart;
using definition::Verdict;

const std::vector<Word> kMinusOne{Word::CodeOrMinusOne, Word::WaitStatusLowByte};
const std::vector<Word> k256{Word::CodeOr256, Word::SignalNumber, Word::ServiceName};
const std::vector<Word> kReset{Word::LiteralReset, Word::ServiceName, Word::ExitOrSignal,
                               Word::CodeOrSignalNumber, Word::SignalName};
const std::vector<Word> kKind{Word::EndKind, Word::SignalShortName, Word::CodeOrSignalNumber,
                              Word::CoreDumped};

/// Runs the wrapper below a shell, before a script that writes its words down and ends with `code`.
struct Run {
  std::string told;
  int code;
};
Run run(const Wrapper& wrapper, const std::string& arguments, int code = 0) {
  const test::TestDirectory directory;
  const std::string base = directory.path();
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream(base + "/" + name) << text;
    ::chmod((base + "/" + name).c_str(), 0755);
  };
  put("finish", wrapper_text(wrapper));
  put("finish.original", "#!/bin/sh\necho \"$*\" > told\nexit " + std::to_string(code) + "\n");
  const int status = std::system(("cd " + base + " && sh ./finish " + arguments).c_str());
  std::string told;
  std::getline(std::ifstream(base + "/told"), told);
  return {told, WEXITSTATUS(status)};
}

Wrapper wrapper(std::vector<Word> told, std::vector<Word> wanted) {
  return {.told = std::move(told), .wanted = std::move(wanted), .name = "web", .file = "./finish.original"};
}

TEST(Wrapper, TellsTheWordsThatAScriptWasWrittenFor) {
  struct Told {
    const std::vector<Word>& words;
    const char* after_exit;
    const char* after_signal;
  };
  const Told kAll[] = {{kMinusOne, "3 0", "-1 15"},
                       {k256, "3 0 web", "256 15 web"},
                       {kReset, "reset web exit 3", "reset web signal 15 SIGTERM"},
                       {kKind, "exit 3", "term TERM 15"}};
  for (const Told& from : kAll)
    for (const Told& to : kAll) {
      EXPECT_EQ(run(wrapper(from.words, to.words), from.after_exit).told, to.after_exit);
      EXPECT_EQ(run(wrapper(from.words, to.words), from.after_signal).told, to.after_signal);
    }
}

TEST(Wrapper, SaysTheVerdictInTheTargetsWay) {
  Wrapper each = wrapper(k256, kMinusOne);
  each.verdict = Verdict::DownByFail;
  each.verdict_to = Verdict::DownBy125;
  EXPECT_EQ(run(each, "0 0 web", 1).code, 125);
  EXPECT_EQ(run(each, "0 0 web", 0).code, 0);
  each.verdict = Verdict::DownBy125;
  each.verdict_to = Verdict::DownByFail;
  EXPECT_EQ(run(each, "0 0 web", 125).code, 1);
  EXPECT_EQ(run(each, "0 0 web", 7).code, 0);
  each.verdict_to = Verdict::Nothing;
  EXPECT_FALSE(is_possible(each));
  each.stay_down = "echo down > told";
  EXPECT_TRUE(is_possible(each));
  EXPECT_EQ(run(each, "0 0 web", 125).told, "down");
  EXPECT_EQ(run(each, "0 0 web", 1).told, "0 0");
}

TEST(Wrapper, DecidesByTheEndOfRun) {
  Wrapper each{.told = k256, .verdict_to = Verdict::DownBy125};
  const auto stays_down = [&](Restart restart, const char* words) {
    each.restart = restart;
    return run(each, words).code == 125;
  };
  EXPECT_TRUE(stays_down(Restart::Never, "0 0 web"));
  EXPECT_TRUE(stays_down(Restart::OnFailure, "0 0 web"));
  EXPECT_FALSE(stays_down(Restart::OnFailure, "1 0 web"));
  EXPECT_FALSE(stays_down(Restart::OnFailure, "256 9 web"));
  EXPECT_FALSE(stays_down(Restart::OnSuccess, "0 0 web"));
  EXPECT_TRUE(stays_down(Restart::OnSuccess, "256 9 web"));
}

TEST(Wrapper, IsReadBackAsItWasMade) {
  for (const auto& told : {kMinusOne, k256, kReset, kKind})
    for (const Verdict verdict : {Verdict::Nothing, Verdict::DownBy125, Verdict::DownByFail})
      for (const Restart restart :
           {Restart::Always, Restart::OnFailure, Restart::OnSuccess, Restart::Never}) {
        Wrapper each = wrapper(told, kMinusOne);
        each.verdict = verdict;
        each.verdict_to = Verdict::DownBy125;
        each.restart = restart;
        each.name = "it's; a name";
        const auto read = read_wrapper(wrapper_text(each), told, Verdict::DownBy125, "");
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, each);
      }
}

TEST(Wrapper, WhatAnotherHandHasChangedIsNone) {
  const std::string text = wrapper_text(wrapper(k256, kMinusOne));
  EXPECT_TRUE(read_wrapper(text, k256, Verdict::Nothing, ""));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    const auto read = read_wrapper(changed, k256, Verdict::Nothing, "");
    // What its mark says may change together with the rest: then it is another wrapper, and wholly so.
    if (read) {
      EXPECT_EQ(wrapper_text(*read), changed);
    }
    EXPECT_FALSE(read_wrapper(text.substr(0, at), k256, Verdict::Nothing, ""));
  }
}

}  // namespace
}  // namespace kindred
