#include <fcntl.h>
#include <gtest/gtest.h>

#include <climits>

#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/tools.h"
#include "tests/core/chain/parse_words.h"

namespace kindred::execline {
namespace {

using test::parse_words;

template <class Step>
const Step& first(const ChainRequest& request) {
  return std::get<Step>(request.steps.at(0));
}

TEST(Fdmove, KeepsOrMoves) {
  const ChainRequest moves = parse_words(parse_fdmove, {"fdmove", "5", "1", "prog"});
  EXPECT_EQ(first<MoveDescriptor>(moves).to, 5);
  EXPECT_EQ(first<MoveDescriptor>(moves).from, 1);
  EXPECT_FALSE(first<MoveDescriptor>(moves).keeps_from);
  EXPECT_TRUE(
      first<MoveDescriptor>(parse_words(parse_fdmove, {"fdmove", "-c", "5", "1", "prog"})).keeps_from);
  for (const char* number : {"", "a", "-1", "+1", "1 ", "4294967296", "99999999999"})
    EXPECT_TRUE(parse_words(parse_fdmove, {"fdmove", "5", number, "prog"}).misused) << number;
}

TEST(Fdclose, TakesEveryNumber) {
  EXPECT_EQ(first<CloseDescriptor>(parse_words(parse_fdclose, {"fdclose", "4294967295", "prog"})).descriptor,
            INT32_MAX);
}

TEST(Piperw, EndsAreTwo) {
  EXPECT_TRUE(parse_words(parse_piperw, {"piperw", "3", "3", "prog"}).misused);
  EXPECT_EQ(first<OpenPipe>(parse_words(parse_piperw, {"piperw", "4", "3", "prog"})).read_end, 4);
}

TEST(Export, AnEqualsSignIsInNoName) {
  EXPECT_EQ(parse_words(parse_export, {"export", "A=x", "b", "prog"}).complaint,
            "export: fatal: invalid variable name: A=x");
  EXPECT_EQ(first<SetVariable>(parse_words(parse_unexport, {"unexport", "-x", "prog"})).change.name, "-x");
}

TEST(Emptyenv, KeepsWhatIsAskedFor) {
  const std::vector<const char*> block{
      "A=1",   "PATH=/bin", "LD_LIBRARY_PATH=/x", "#=1", "1=a", "1:1=b", "FD7=x",
      "FDX=y", "!=3",       "ELGETOPT_a=1"};
  using Entries = std::vector<std::string>;
  const auto kept = [&](const char* options) {
    return first<SetEnvironment>(parse_words(parse_emptyenv, {"emptyenv", options, "prog"}, block)).entries;
  };
  EXPECT_EQ(kept("--"), Entries{});
  EXPECT_EQ(kept("-p"), Entries{"PATH=/bin"});
  EXPECT_EQ(kept("--keep-path"), Entries{"PATH=/bin"});
  EXPECT_EQ(kept("-l"), Entries{"LD_LIBRARY_PATH=/x"});
  EXPECT_EQ(kept("-cP"), (Entries{"A=1", "PATH=/bin", "LD_LIBRARY_PATH=/x", "FDX=y"}));
  EXPECT_EQ(kept("-oP"), (Entries{"A=1", "PATH=/bin", "LD_LIBRARY_PATH=/x", "1=b", "FD7=x", "FDX=y", "!=3"}));
}

TEST(Umask, ReadsOctalDigits) {
  EXPECT_EQ(first<SetFileMask>(parse_words(parse_umask, {"umask", "027", "prog"})).mask, 027U);
  EXPECT_EQ(first<SetFileMask>(parse_words(parse_umask, {"umask", "09", "prog"})).mask, 0U);
  EXPECT_EQ(first<SetFileMask>(parse_words(parse_umask, {"umask", "7777777777777777777777777", "prog"})).mask,
            0777U);
  EXPECT_TRUE(parse_words(parse_umask, {"umask", "x", "prog"}).misused);
}

/// What a command makes of words; the words live as long as the test's.
template <class Command>
std::optional<Command> parsed(std::vector<const char*> words) {
  std::vector<char*> argv;
  for (const char* word : words) argv.push_back(const_cast<char*>(word));
  const char* const nothing[] = {nullptr};
  const Environment environment(nothing);
  Words list(argv, environment, Command::kLetters, Command::kNames);
  return Command::parse(list);
}

TEST(Loops, AListOfCodesBeginsWithANumberAndEndsWhereNoneComes) {
  const auto codes = [](const char* text) {
    const auto forx = parsed<Forx>({"forx", "-o", text, "v", " a", "", "prog"});
    return forx ? forx->options.breaks.listed : std::vector<unsigned>{};
  };
  using Codes = std::vector<unsigned>;
  EXPECT_EQ(codes("0"), Codes{0});
  EXPECT_EQ(codes("1,,3;4:5 6"), (Codes{1, 3, 4, 5, 6}));
  EXPECT_EQ(codes("1x,2"), Codes{1});
  EXPECT_EQ(codes("1,"), Codes{1});
  EXPECT_EQ(codes("3,99999999999,1"), (Codes{3, UINT_MAX, 1}));
  for (const char* const text : {"", "x", ",1", " 1", ";1", "-1"}) EXPECT_EQ(codes(text), Codes{}) << text;
}

TEST(Words, WhatIsWrongIsKept) {
  const auto wrong = [](decltype(ChainTool::parse) parse, std::initializer_list<const char*> words,
                        std::vector<const char*> environment = {}) {
    const ChainRequest request = parse_words(parse, words, std::move(environment));
    return request.misused ? (request.complaint.empty() ? "usage" : request.complaint) : "nothing";
  };
  const auto parser = [](std::string_view name) {
    for (const ChainTool& tool : chain_tools())
      if (name == tool.name) return tool.parse;
    return decltype(ChainTool::parse)();
  };
  EXPECT_EQ(wrong(parser("if"), {"if", "-x", "256", " true", "", "a"}), "invalid exit code");
  EXPECT_EQ(wrong(parser("if"), {"if", " true", "a"}), "unterminated block");
  EXPECT_EQ(wrong(parser("if"), {"if", "true", "", "a"}), "nothing");
  EXPECT_EQ(wrong(parser("if"), {"if", "true", "", "a"}, {"EXECLINE_STRICT=1"}), "nothing");
  EXPECT_EQ(wrong(parser("if"), {"if", "true", "", "a"}, {"EXECLINE_STRICT=2"}),
            "unquoted argument true at block 1 position 0");
  EXPECT_EQ(wrong(parser("backtick"), {"backtick", "a=b", " true", "", "a"}), "invalid variable name");
  EXPECT_EQ(wrong(parser("wait"), {"wait", "--time=5"}), "unrecognized long option");
  EXPECT_EQ(wrong(parser("wait"), {"wait", "--timeout=x"}), "usage");
  EXPECT_EQ(wrong(parser("redirfd"), {"redirfd", "-f", "-r", "a=b", "file", "prog"}),
            "invalid variable name");
  EXPECT_EQ(wrong(parser("redirfd"), {"redirfd", "0", "file", "prog"}), "usage");
  EXPECT_EQ(wrong(parser("trap"), {"trap", " kill", "  a", " ", "", "prog"}),
            "SIGKILL (9) cannot be trapped");
  EXPECT_EQ(wrong(parser("trap"), {"trap", " hup", "  a", " ", " 1", "  b", " ", "", "prog"}),
            "duplicate directive: 1");
}

TEST(Commands, HaveWordsThatAreRead) {
  for (const ChainTool& tool : chain_tools()) EXPECT_NE(tool.parse, nullptr) << tool.name;
}

}  // namespace
}  // namespace kindred::execline
