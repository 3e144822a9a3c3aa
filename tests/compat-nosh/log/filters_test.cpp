// tai64n and tai64nlocal. Source: interfaces/nosh.md section 18.

#include <gtest/gtest.h>

#include "compat-nosh/log/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

using test::Ran;
using test::run_main;
using test::RunningMain;

TEST(NoshTai64nlocal, CountsLeapSecondsTakesCapitalsAndEndsTheLastLine) {
  setenv("TZ", "XYZ-5", 1);
  RunningMain local(tai64nlocal_main, {"tai64nlocal", "-l"}, RunningMain::Input::Pipe);
  // 2^62 + 1600000000 + 37
  local.write(
      "@400000005f5e10250000002a one\n@400000005F5E10250000002A two\nthree @400000005f5e1025\nno end");
  local.end_input();
  const Ran ran = local.end();
  unsetenv("TZ");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "2020-09-13 17:26:40.000000042 one\n2020-09-13 17:26:40.000000042 two\nthree @400000005f5e1025\n"
            "no end\n");
}

TEST(NoshTai64n, StampsFilesEachToItsEnd) {
  const test::TestDirectory root;
  root.write("a", "one\ntwo");
  root.write("b", "three\n");
  const Ran ran = run_main(tai64n_main, {"tai64n", root.path("a"), root.path("b")});
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(ran.out.size(), 3 * 26 + 14U) << ran.out;
  EXPECT_EQ(ran.out.substr(26, 4), "one\n");
  EXPECT_EQ(ran.out.substr(56, 4), "two\n");
  EXPECT_EQ(ran.out.substr(86), "three\n");
}

TEST(NoshTai64n, NamesWhatItCannotOpenOrRead) {
  const test::TestDirectory root;
  const Ran missing = run_main(tai64n_main, {"tai64n", root.path("none")});
  EXPECT_EQ(missing.code, 100);
  EXPECT_EQ(missing.err, "tai64n: FATAL: " + root.path("none") + ": No such file or directory\n");
  const Ran unreadable = run_main(tai64nlocal_main, {"tai64nlocal", root.path()});
  EXPECT_EQ(unreadable.code, 111);
  EXPECT_EQ(unreadable.err, "tai64nlocal: FATAL: " + root.path() + ": Is a directory\n");
  EXPECT_EQ(run_main(tai64n_main, {"tai64n", "-x"}).code, 1);
}

}  // namespace
}  // namespace kindred::nosh
