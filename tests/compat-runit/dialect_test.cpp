#include "compat-runit/dialect.h"

#include <gtest/gtest.h>

#include "tests/core/dialect_checks.h"

namespace kindred::runit {
namespace {

/// What runsv 2.1.2 leaves in a supervise directory.
Evidence original() {
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = e.has_pid = e.has_stat = true;
  e.status_size = 20;
  return e;
}

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "runit", 3);
  EXPECT_TRUE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::OneGroup);
  EXPECT_TRUE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/runit.md section 2.
  test::expect_supervise_layout(dialect().layout);
}

TEST(Dialect, RecognisesTheOriginal) { EXPECT_GE(dialect().recognise(original()), 80); }

TEST(Dialect, IsLessSureOf20BytesAlone) {
  Evidence e = original();
  e.has_stat = e.has_pid = false;
  const int sureness = dialect().recognise(e);
  EXPECT_GT(sureness, 0);
  EXPECT_LT(sureness, 50);
}

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  test::expect_other_sizes_refused(dialect(), original(), {-1, 0, 18, 19});
  test::expect_refused_with(dialect(), original(), true, {&Evidence::has_death_tally});
}

TEST(Dialect, KnowsItsServicesByWhatOnlyItHas) {
  EXPECT_EQ(dialect().shape({}), 0);
  EXPECT_EQ(dialect().shape({"run"}), 0);
  EXPECT_EQ(dialect().shape({"finish"}), 0);
  for (const DirectoryShape& s :
       {DirectoryShape{"run", "finish"}, DirectoryShape{"run", "check"}, DirectoryShape{"run", "control/"},
        DirectoryShape{"run", "conf"}, DirectoryShape{"run", "supervise@"}})
    EXPECT_GT(dialect().shape(s), 0);
}

}  // namespace
}  // namespace kindred::runit
