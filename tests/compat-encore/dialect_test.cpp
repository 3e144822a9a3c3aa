#include "compat-encore/dialect.h"

#include <gtest/gtest.h>

#include "tests/core/dialect_checks.h"

namespace kindred::encore {
namespace {

/// What supervise 1.11 leaves in a supervise directory.
Evidence original() {
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = true;
  e.status_size = 20;
  return e;
}

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "encore", 1);
  EXPECT_TRUE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/encore.md section 2.2.
  test::expect_supervise_layout(dialect().layout);
}

TEST(Dialect, RecognisesTheOriginalWithAndWithoutALog) {
  EXPECT_GE(dialect().recognise(original()), 80);
  Evidence pair = original();
  pair.status_size = 40;
  EXPECT_GE(dialect().recognise(pair), 80);
}

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  test::expect_other_sizes_refused(dialect(), original(), {-1, 0, 18, 19, 21, 35, 39, 43, 87});
  test::expect_refused_with(
      dialect(), original(), true,
      {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally, &Evidence::has_event_dir});
}

TEST(Dialect, IsNotSureOfLeftovers) {
  for (bool Evidence::*part : {&Evidence::has_lock, &Evidence::has_control}) {
    Evidence e = original();
    e.*part = false;
    EXPECT_LT(dialect().recognise(e), 50);
  }
  Evidence e = original();
  e.has_ok = false;
  EXPECT_EQ(dialect().recognise(e), 0);
}

TEST(Dialect, SpeaksForWhatOnlyThisFamilyReads) {
  for (const char* part : {"start", "stop", "notify", "no-setsid", "log*"}) {
    DirectoryShape s{part};
    EXPECT_GE(dialect().shape(s), 50);
    s.add("run");
    EXPECT_GE(dialect().shape(s), 50);
    s.add("service/run");
    EXPECT_EQ(dialect().shape(s), 0);
  }
  EXPECT_EQ(dialect().shape({"run", "finish", "log/"}), 0);
}

}  // namespace
}  // namespace kindred::encore
