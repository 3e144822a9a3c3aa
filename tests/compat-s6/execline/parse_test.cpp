#include <fcntl.h>
#include <gtest/gtest.h>

#include "compat-s6/execline/commands.h"
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

}  // namespace
}  // namespace kindred::execline
