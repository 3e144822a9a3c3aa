#include "compat-nosh/client/log_tail.h"

#include <cstdlib>
#include <ctime>

#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

TEST(LogTail, TheLastLinesAreWholeLines) {
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last_lines("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last_lines("a\n", 5), "a\n");
  EXPECT_EQ(last_lines("\n\n", 1), "\n");
  EXPECT_EQ(last_lines("a\nb\n", 0), "");
  EXPECT_EQ(last_lines("", 3), "");
}

TEST(LogTail, LabelsAreLocalTimeAndEverythingElseIsLeft) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(with_local_time("@40000000386d44250000002a hello"), "2000-01-01 00:02:13.000000042 hello");
  for (const char* line : {"", "@", "hello", "@40000000386d44250000002", "@40000000386d4425000000zz x"})
    EXPECT_EQ(with_local_time(line), line);
}

TEST(LogTail, IsOfTheBundlesLog) {
  const test::TestDirectory bundle;
  EXPECT_EQ(log_tail(bundle.fd(), 5), "");
  bundle.make_directory("log");
  bundle.make_directory("log/main");
  bundle.write("log/main/current", "one\ntwo\nthree");
  EXPECT_EQ(log_tail(bundle.fd(), 2), "two\nthree\n");
}

TEST(LogTail, NothingInItSteersTheTerminal) {
  const test::TestDirectory bundle;
  bundle.make_directory("log");
  bundle.make_directory("log/main");
  using namespace std::string_literals;
  bundle.write("log/main/current", "a\tb\n\0\x1b[2Jc\n"s);
  EXPECT_EQ(log_tail(bundle.fd(), 2), "a\tb\n\\x00\\x1b[2Jc\n");
}

}  // namespace
}  // namespace kindred::nosh
