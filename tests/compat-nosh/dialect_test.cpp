#include "compat-nosh/dialect.h"

#include <gtest/gtest.h>

#include "tests/core/dialect_checks.h"

namespace kindred::nosh {
namespace {

/// What service-manager 1.40 leaves in a supervise directory.
Evidence original() {
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = true;
  e.status_size = 87;
  return e;
}

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "nosh", 1);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
  EXPECT_FALSE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/nosh.md section 3.
  const SuperviseLayout& l = dialect().layout;
  test::expect_supervise_layout(l);
  EXPECT_EQ(l.ok_mode, 0666);
  EXPECT_TRUE(l.ok_mode_exact);
  EXPECT_EQ(l.status_write, StatusWrite::InPlace);
  EXPECT_EQ(l.lock_kind, LockKind::Flock);
}

TEST(Dialect, WhoIsGivenTheSuperviseDirectoryFindsTheFilesInIt) {
  EXPECT_STREQ(supervise_dialect().layout.directory, "");
  EXPECT_STREQ(supervise_dialect().name, dialect().name);
}

TEST(Dialect, RecognisesTheOriginalInEveryRecordThatItEverWrote) {
  EXPECT_GE(dialect().recognise(original()), 90);
  Evidence second = original();
  second.status_size = 39;
  EXPECT_GE(dialect().recognise(second), 80);
  Evidence first = original();
  first.status_size = 20;
  EXPECT_GT(dialect().recognise(first), 0);
}

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  test::expect_other_sizes_refused(dialect(), original(), {-1, 0, 18, 26, 35, 40, 43, 66});
  test::expect_refused_with(dialect(), original(), true,
                            {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally});
  EXPECT_EQ(dialect().recognise({}), 0);
}

TEST(Dialect, KnowsItsBundles) {
  EXPECT_GE(dialect().shape({"service/run"}), 90);
  EXPECT_GT(dialect().shape({"run", "restart"}), 50);
  EXPECT_EQ(dialect().shape({"run", "finish"}), 0);
  EXPECT_EQ(dialect().shape({}), 0);
}

}  // namespace
}  // namespace kindred::nosh
