#include "compat-daemontools/dialect.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/core/dialect_checks.h"

namespace kindred::daemontools {
namespace {

/// What supervise 0.76 leaves in a supervise directory.
Evidence original() {
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = true;
  e.status_size = 18;
  return e;
}

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "daemontools", 1);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
  EXPECT_FALSE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/daemontools.md section 2.
  test::expect_supervise_layout(dialect().layout);
}

TEST(Dialect, RecognisesTheOriginal) { EXPECT_GE(dialect().recognise(original()), 80); }

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  test::expect_other_sizes_refused(dialect(), original(), {-1, 0, 17, 19, 20, 35, 40, 43});
  test::expect_refused_with(dialect(), original(), true,
                            {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally});
}

TEST(Dialect, DoesNotTakeLeftoversForASupervisor) {
  test::expect_refused_with(dialect(), original(), false,
                            {&Evidence::has_lock, &Evidence::has_control, &Evidence::has_ok});
}

TEST(Dialect, SpeaksForAnyRunScriptButLoudlyForNone) {
  EXPECT_GT(dialect().shape({"run"}), dialect().shape({}));
  EXPECT_LT(dialect().shape({"run"}), 50);
}

}  // namespace
}  // namespace kindred::daemontools
