#include "core/engine/script_words.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace kindred {
namespace {

std::vector<std::string> words(std::initializer_list<Word> asked, ExitStatus end) {
  ScriptRule rule;
  rule.file = "./finish";
  for (Word word : asked) rule.words.push_back(word);
  StatusRecord record;
  record.exit_of(Script::Run) = end;
  const ScriptArguments arguments(rule, record, "web");
  std::vector<std::string> result;
  for (const char* const* word = arguments.argv(); *word != nullptr; ++word) result.emplace_back(*word);
  return result;
}

using List = std::vector<std::string>;

TEST(ScriptArguments, OfAFinishThatIsToldMinusOneAfterASignal) {
  const auto asked = {Word::CodeOrMinusOne, Word::WaitStatusLowByte};
  EXPECT_EQ(words(asked, ExitStatus::exited(7)), (List{"./finish", "7", "0"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGKILL)), (List{"./finish", "-1", "9"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGSEGV, true)), (List{"./finish", "-1", "139"}));
}

TEST(ScriptArguments, OfAFinishThatIsTold256AfterASignal) {
  const auto asked = {Word::CodeOr256, Word::SignalNumber, Word::ServiceName};
  EXPECT_EQ(words(asked, ExitStatus::exited(3)), (List{"./finish", "3", "0", "web"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGTERM)), (List{"./finish", "256", "15", "web"}));
}

TEST(ScriptArguments, OfAReset) {
  const auto asked = {Word::LiteralReset, Word::ServiceName, Word::ExitOrSignal, Word::CodeOrSignalNumber,
                      Word::SignalName};
  EXPECT_EQ(words(asked, ExitStatus::exited(1)), (List{"./finish", "reset", "web", "exit", "1"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGTERM)),
            (List{"./finish", "reset", "web", "signal", "15", "SIGTERM"}));
}

TEST(ScriptArguments, AnEndThatNobodySawIsNoSuccess) {
  const ExitStatus unseen = ExitStatus::unknown();
  EXPECT_EQ(words({Word::CodeOrMinusOne, Word::WaitStatusLowByte}, unseen), (List{"./finish", "-1", "0"}));
  EXPECT_EQ(words({Word::CodeOr256, Word::SignalNumber}, unseen), (List{"./finish", "256", "0"}));
  EXPECT_EQ(words({Word::ExitOrSignal, Word::CodeOrSignalNumber}, unseen), (List{"./finish", "exit", "255"}));
}

TEST(ScriptArguments, OfARestart) {
  const auto asked = {Word::EndKind, Word::SignalShortName, Word::CodeOrSignalNumber, Word::CoreDumped};
  EXPECT_EQ(words(asked, ExitStatus::exited(4)), (List{"./finish", "exit", "4"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGKILL)), (List{"./finish", "kill", "KILL", "9"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGABRT)), (List{"./finish", "abort", "ABRT", "6"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGSEGV)), (List{"./finish", "crash", "SEGV", "11"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGSEGV, true)),
            (List{"./finish", "crash", "SEGV", "11", "core"}));
  EXPECT_EQ(words(asked, ExitStatus::signaled(SIGUSR1)), (List{"./finish", "crash", "10", "10"}));
}

}  // namespace
}  // namespace kindred
