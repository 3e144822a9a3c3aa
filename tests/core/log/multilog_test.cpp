#include "core/log/multilog.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

constexpr MultilogDialect kPlain;
constexpr MultilogDialect kExtended{16777215, true, true, true};

LogScript parse(std::vector<std::string> words, const MultilogDialect& dialect = kPlain) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_multilog(pointers, dialect);
}

TEST(MultilogScript, StampsOnlyAsTheFirstWord) {
  EXPECT_EQ(parse({"t", "./d"}).lines.stamp, StampKind::Tai10);
  EXPECT_EQ(parse({"tail", "./d"}).lines.stamp, StampKind::Tai10);
  EXPECT_EQ(parse({"./d", "t"}).lines.stamp, StampKind::None);
  EXPECT_EQ(parse({"T", "./d"}).lines.stamp, StampKind::None);
  EXPECT_EQ(parse({"T", "./d"}, kExtended).lines.stamp, StampKind::Seconds);
}

TEST(MultilogScript, SettingsAreForTheDirectoriesThatFollow) {
  const LogScript script = parse({"./a", "s5000", "n7", "!tr a b", "/b", "n3", "./c"});
  ASSERT_EQ(script.outlets.size(), 3U);
  EXPECT_EQ(script.outlets[0].path, "./a");
  EXPECT_EQ(script.outlets[0].rules.size.max, 99999U);
  EXPECT_EQ(script.outlets[0].rules.keep.count, 9U);
  EXPECT_FALSE(script.outlets[0].rules.processor.there());
  EXPECT_EQ(script.outlets[1].path, "/b");
  EXPECT_EQ(script.outlets[1].rules.size.max, 5000U);
  EXPECT_EQ(script.outlets[1].rules.keep.count, 6U);
  EXPECT_EQ(script.outlets[1].rules.processor.argv, (std::vector<std::string>{"/bin/sh", "-c", "tr a b"}));
  EXPECT_EQ(script.outlets[2].rules.keep.count, 2U);
}

TEST(MultilogScript, NumbersAreBroughtIntoTheirBounds) {
  const auto size = [](const char* word) { return parse({word, "./d"}).outlets[0].rules.size.max; };
  EXPECT_EQ(size("s"), 4096U);
  EXPECT_EQ(size("sx"), 4096U);
  EXPECT_EQ(size("s4095"), 4096U);
  EXPECT_EQ(size("s5000kilobytes"), 5000U);
  EXPECT_EQ(size("s99999999999999999999999999"), 16777215U);
  EXPECT_EQ(parse({"n1", "./d"}).outlets[0].rules.keep.count, 1U);
  EXPECT_EQ(parse({"n", "./d"}).outlets[0].rules.keep.count, 1U);
}

TEST(MultilogScript, AnEmptyProcessorIsOne) {
  EXPECT_EQ(parse({"!", "./d"}).outlets[0].rules.processor.argv,
            (std::vector<std::string>{"/bin/sh", "-c", ""}));
}

TEST(MultilogScript, PatternsAndActionsKeepTheirOrder) {
  using Kind = LogInstruction::Kind;
  const LogScript script = parse({"-a*", "+b", "e", "=status", "./d"});
  std::vector<Kind> kinds;
  for (const LogInstruction& instruction : script.instructions) kinds.push_back(instruction.kind);
  EXPECT_EQ(kinds, (std::vector{Kind::Deselect, Kind::Select, Kind::Tell, Kind::Tell, Kind::Write}));
  EXPECT_TRUE(script.patterns[0].matches("abc"));
  EXPECT_FALSE(script.patterns[1].matches("bc"));
  EXPECT_EQ(script.tellers[0].kind, Teller::Kind::StandardError);
  EXPECT_EQ(script.tellers[1].path, "status");
  EXPECT_EQ(script.tellers[1].size, 1001U);
}

TEST(MultilogScript, GlobsAndSuffixesAreTheExtendedOnes) {
  EXPECT_TRUE(parse({"F", "+[ab]c"}, kExtended).patterns[0].matches("bc"));
  EXPECT_FALSE(parse({"F", "S", "+[ab]c"}, kExtended).patterns[0].matches("bc"));
  EXPECT_FALSE(parse({"F", "+[ab]c"}).patterns[0].matches("bc"));
  EXPECT_EQ(parse({"w.gz", "./d"}).outlets[0].rules.finished, ".s");
  EXPECT_EQ(parse({"wgz", "./d"}, kExtended).outlets[0].rules.finished, ".gz");
}

TEST(MultilogScript, WhatItDoesNotKnowIsIgnored) {
  const LogScript script = parse({"", "x", "?", "\xff"});
  EXPECT_TRUE(script.instructions.empty());
  EXPECT_TRUE(script.outlets.empty());
  EXPECT_TRUE(parse({}).instructions.empty());
}

/// A log directory `d` in which something stands where a file should be.
class MultilogPlaces : public testing::Test {
 protected:
  MultilogPlaces() { root_.make_directory("d"); }
  /// With the input "new\n".
  [[nodiscard]] test::Ran run() const {
    const auto main = [](int argc, char** argv) { return run_multilog(argc, argv, kPlain); };
    test::RunningMain multilog(main, {"multilog", path("d")}, test::RunningMain::Input::Pipe);
    multilog.write("new\n");
    multilog.end_input();
    return multilog.end();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return root_.path(name); }
  test::TestDirectory root_;
};

TEST_F(MultilogPlaces, WhatIsNoFileEndsItAtOnce) {
  root_.make_directory("d/current");
  test::Ran ran = run();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "multilog: fatal: unable to append to " + path("d/current") + ": is a directory\n");
  ::rmdir(path("d/current").c_str());
  ASSERT_EQ(::mkfifo(path("d/current").c_str(), 0744), 0);
  ran = run();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err,
            "multilog: fatal: unable to append to " + path("d/current") + ": device not configured\n");
  ::unlink(path("d/current").c_str());
  ::unlink(path("d/state").c_str());
  root_.make_directory("d/state");
  ran = run();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "multilog: fatal: unable to write to " + path("d/state") + ": is a directory\n");
}

TEST_F(MultilogPlaces, AFifoThatIsNotCompleteIsPutAside) {
  ASSERT_EQ(::mkfifo(path("d/current").c_str(), 0644), 0);
  EXPECT_EQ(run().code, 0);
  EXPECT_EQ(root_.read("d/current"), "new\n");
}

TEST_F(MultilogPlaces, ALinkIsFollowedUnlessAnotherCouldHavePlantedIt) {
  root_.write("elsewhere", "old\n", 0744);
  ASSERT_EQ(::symlink("../elsewhere", path("d/current").c_str()), 0);
  EXPECT_EQ(run().code, 0);
  EXPECT_EQ(root_.read("elsewhere"), "old\nnew\n");
  ASSERT_EQ(::chmod(path("d").c_str(), 0777), 0);
  const test::Ran ran = run();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "multilog: fatal: unable to append to " + path("d/current") + ": symbolic link loop\n");
  EXPECT_EQ(root_.read("elsewhere"), "old\nnew\n");
}

}  // namespace
}  // namespace kindred
