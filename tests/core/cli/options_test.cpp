#include "core/cli/options.h"

#include <gtest/gtest.h>

#include "core/cli/output.h"
#include "tests/core/cli/run_main.h"

namespace kindred {
namespace {

/// What the option grammar makes of a command line: "v w=3 | operand operand", or "bad" at the end.
test::Ran parse(const std::vector<std::string>& words,
                const char* letters = "vVw:", LongDashes long_dashes = LongDashes::None) {
  return test::run_main(
      [&](int argc, char** argv) {
        std::string told;
        Options options(argc, argv, letters, long_dashes);
        while (const char letter = options.next()) {
          if (letter == Options::kBad) {
            told += "bad";
            break;
          }
          told += letter;
          if (options.argument() != nullptr) told += std::string("=") + options.argument();
          told += ' ';
        }
        if (!told.ends_with("bad")) {
          told += '|';
          for (const char* operand : options.operands()) told += std::string(" ") + operand;
        }
        return write(1, told.data(), told.size()) < 0;
      },
      words);
}

TEST(Options, LettersBundleAndTheFirstOperandEndsThem) {
  EXPECT_EQ(parse({"sv", "-vV", "up", "-v", "web"}).out, "v V | up -v web");
}

TEST(Options, AnArgumentIsAttachedOrTheNextWord) {
  EXPECT_EQ(parse({"sv", "-vw3", "up"}).out, "v w=3 | up");
  EXPECT_EQ(parse({"sv", "-w", "3", "up"}).out, "w=3 | up");
  EXPECT_EQ(parse({"sv", "-w", "--", "up"}).out, "w=-- | up");
}

TEST(Options, TwoDashesAreConsumedAndOneIsAnOperand) {
  EXPECT_EQ(parse({"sv", "--", "-v"}).out, "| -v");
  EXPECT_EQ(parse({"sv", "-v", "-", "x"}).out, "v | - x");
}

TEST(Options, AWordAfterTwoDashesIsABadOptionOrGoesWithThem) {
  EXPECT_EQ(parse({"sv", "-v", "--web", "up"}).out, "v bad");
  const auto grammar = [](const std::vector<std::string>& words) {
    return parse(words, "vVw:", LongDashes::All).out;
  };
  EXPECT_EQ(grammar({"sv", "--web"}), "|");
  EXPECT_EQ(grammar({"sv", "-vV", "--web", "up", "-v"}), "v V | up -v");
  EXPECT_EQ(grammar({"sv", "-w", "--web", "--", "up"}), "w=--web | up");
  EXPECT_EQ(grammar({"sv", "-v-", "up"}), "v bad");
  EXPECT_EQ(grammar({"sv", "-v--", "up"}), "v bad");
  EXPECT_EQ(grammar({"sv", "-", "--web"}), "| - --web");
}

TEST(Options, NoOperandsAreNone) {
  EXPECT_EQ(parse({"sv"}).out, "|");
  EXPECT_EQ(parse({"sv", "-v", "--"}).out, "v |");
}

TEST(Options, AnUnknownLetterIsNamedWithTheBaseNameOfTheProgram) {
  const test::Ran ran = parse({"/usr/bin/sv", "-vz", "up"});
  EXPECT_EQ(ran.out, "v bad");
  EXPECT_EQ(ran.err, "sv: illegal option -- z\n");
}

TEST(Options, AComplaintCanBeKeptForTheProgramsOwnWords) {
  const auto complaint = [](std::vector<std::string> words) {
    const test::Ran ran = test::run_main(
        [](int argc, char** argv) {
          Options options(argc, argv, "w:", Options::Complaint::Kept);
          EXPECT_EQ(options.next(), Options::kBad);
          Output out;
          out.add(options.complaint());
          return out.flush() ? 0 : 1;
        },
        words);
    EXPECT_EQ(ran.err, "");
    return ran.out;
  };
  EXPECT_EQ(complaint({"sv", "-z"}), "illegal option -- z");
  EXPECT_EQ(complaint({"sv", "-w"}), "option requires an argument -- w");
  EXPECT_EQ(complaint({"sv", "-?"}), "");
}

TEST(Options, AMissingArgumentIsNotAnUnknownLetter) {
  EXPECT_EQ(parse({"sv", "-w"}).err, "sv: option requires an argument -- w\n");
}

TEST(Options, LongOptionsAndColonsAreNoLetters) {
  EXPECT_EQ(parse({"sv", "-:"}).err, "sv: illegal option -- :\n");
  EXPECT_EQ(parse({"sv", "--version"}).err, "sv: illegal option -- -\n");
}

TEST(Options, AQuestionMarkIsNoLetterWhereLongWordsEndTheOptions) {
  char program[] = "chpst", question[] = "-?";
  char* words[] = {program, question, nullptr};
  Options options(2, words, "v", Options::Complaint::Kept, LongDashes::All);
  EXPECT_EQ(options.next(), Options::kBad);
  EXPECT_EQ(options.complaint(), "illegal option -- ?");
}

TEST(Options, ASecondCommandLineStartsAfresh) {
  char a[] = "a", v[] = "-vv", b[] = "b", w[] = "-w1";
  char* first[] = {a, v, nullptr};
  char* second[] = {b, w, nullptr};
  Options one(2, first, "v");
  EXPECT_EQ(one.next(), 'v');  // in the middle of a word
  Options two(2, second, "w:");
  EXPECT_EQ(two.next(), 'w');
  EXPECT_STREQ(two.argument(), "1");
  EXPECT_EQ(two.next(), 0);
  EXPECT_TRUE(two.operands().empty());
}

TEST(Options, ANameSaysALetter) {
  constexpr LongOption kNames[] = {{"read", 'r'}, {"timeout", 't', true}};
  const auto told = [&](std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    Options options(static_cast<int>(words.size()), argv.data(), "rt:", kNames);
    std::string text;
    while (const char letter = options.next()) {
      if (letter == Options::kBad) return text + (options.refused_a_name() ? "bad name" : "bad letter");
      text += letter;
      if (options.argument() != nullptr) text += std::string("=") + options.argument();
      text += ' ';
    }
    for (const char* operand : options.operands()) text += std::string(operand) + ".";
    return text;
  };
  EXPECT_EQ(told({"p", "--read", "-rt5", "--timeout=7", "--timeout=", "a", "--read"}),
            "r r t=5 t=7 t= a.--read.");
  EXPECT_EQ(told({"p", "-t", "--read", "--", "--read"}), "t=--read --read.");
  EXPECT_EQ(told({"p", "--rea"}), "bad name");
  EXPECT_EQ(told({"p", "--read=1"}), "bad name");
  EXPECT_EQ(told({"p", "--timeout", "1"}), "bad name");
  EXPECT_EQ(told({"p", "-xr"}), "bad letter");
  EXPECT_EQ(told({"p", "--read", "-t", "5"}), "r t=5 ");
  EXPECT_EQ(told({"p", "-", "--read"}), "-.--read.");
}

}  // namespace
}  // namespace kindred
