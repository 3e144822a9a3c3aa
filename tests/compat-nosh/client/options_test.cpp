#include "compat-nosh/client/options.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/cli/run_main.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {'d', "down", "down"}, {'x', "exit", "exit"}, {'o', "size", "size", true}, {0, "json", "json"}};

struct Words {
  explicit Words(std::vector<std::string> list) : memory(std::move(list)) {
    memory.insert(memory.begin(), "/usr/bin/prog");
    for (std::string& word : memory) argv.push_back(word.data());
  }
  [[nodiscard]] Arguments parse() {
    return parse_arguments(static_cast<int>(argv.size()), argv.data(), kOptions, "DIRECTORY...");
  }
  std::vector<std::string> memory;
  std::vector<char*> argv;
};

/// "down size=50 | a b"
std::string parsed(std::vector<std::string> list) {
  Words words(std::move(list));
  const Arguments arguments = words.parse();
  if (arguments.exit) return "exit " + std::to_string(*arguments.exit);
  std::string text;
  for (const Arguments::Given& given : arguments.options)
    text += std::string(given.option->name) +
            (given.value != nullptr ? std::string("=") + given.value : std::string()) + " ";
  text += "|";
  for (const char* word : arguments.operands) text += std::string(" ") + word;
  return text;
}

test::Ran run(const std::vector<std::string>& list) {
  return test::run_main(
      [&](int, char**) {
        Words words(list);
        return words.parse().exit.value_or(0);
      },
      {"prog"});
}

TEST(Arguments, ShortOptionsCombineAndTakeAttachedOrNextValues) {
  EXPECT_EQ(parsed({"-dx", "a", "b"}), "down exit | a b");
  EXPECT_EQ(parsed({"-do50", "a"}), "down size=50 | a");
  EXPECT_EQ(parsed({"-o", "50", "-d"}), "size=50 down |");
}

TEST(Arguments, LongOptionsAreWholeWordsAndTakeTheNext) {
  EXPECT_EQ(parsed({"--down", "--size", "50", "--json", "a"}), "down size=50 json | a");
  EXPECT_EQ(parsed({"--dow"}), "exit 1");
  EXPECT_EQ(parsed({"--size=50"}), "exit 1");
}

TEST(Arguments, EndWithTheFirstWordThatIsNoneOrWithTwoDashes) {
  EXPECT_EQ(parsed({"a", "-d"}), "| a -d");
  EXPECT_EQ(parsed({"--", "-d"}), "| -d");
  EXPECT_EQ(parsed({"-", "-d", "a"}), "down | a");
  EXPECT_EQ(parsed({}), "|");
}

TEST(Arguments, WrongOnesAreSaid) {
  EXPECT_EQ(run({"-dZ"}).err, "prog: FATAL: -dZ: unrecognized option(s)\n");
  EXPECT_EQ(run({"--zz"}).err, "prog: FATAL: --zz: unrecognized option\n");
  const test::Ran missing = run({"-o"});
  EXPECT_EQ(missing.err, "prog: FATAL: size: missing option argument\n");
  EXPECT_EQ(missing.code, 1);
}

TEST(Arguments, HelpIsOnStandardOutput) {
  for (const char* word : {"-?", "--help", "--usage"}) {
    const test::Ran help = run({word, "-Z"});
    EXPECT_EQ(help.code, 0) << word;
    EXPECT_EQ(help.out.rfind("Usage: prog [-?", 0), 0U) << word;
    EXPECT_EQ(help.err, "") << word;
  }
  EXPECT_NE(run({"--help"}).out.find("--size"), std::string::npos);
}

TEST(Arguments, OnlyReadAreKeptSilent) {
  Words words({"-d", "-o", "1", "--size", "2", "-Z"});
  const Arguments arguments =
      read_arguments(static_cast<int>(words.argv.size()), words.argv.data(), kOptions, "DIRECTORY...");
  EXPECT_EQ(arguments.exit, 1);
  EXPECT_EQ(arguments.text, "-Z: unrecognized option(s)");
  EXPECT_STREQ(arguments.value("size"), "2");
  EXPECT_EQ(arguments.value("json"), nullptr);
  EXPECT_TRUE(arguments.has("down"));
}

TEST(Numbers, AreReadInTheBaseThatTheySay) {
  EXPECT_EQ(parse_number("10"), 10);
  EXPECT_EQ(parse_number("0x10"), 16);
  EXPECT_EQ(parse_number("010"), 8);
  for (const char* text : {"", "x", "1x", "99999999999999999999"}) EXPECT_FALSE(parse_number(text)) << text;
}

}  // namespace
}  // namespace kindred::nosh
