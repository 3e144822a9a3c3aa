#include "compat-s6/dialect.h"

#include <gtest/gtest.h>

#include "tests/core/dialect_checks.h"

namespace kindred::s6 {
namespace {

/// What s6-supervise 2.11.3.2 leaves in a supervise directory.
Evidence original() {
  Evidence e;
  e.has_lock = e.has_control = e.has_death_tally = e.has_event_dir = true;
  e.status_size = 35;
  return e;
}

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "s6", 1);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
  EXPECT_FALSE(d.scan.removed_is_stopped);
  EXPECT_TRUE(d.scan.on_request);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/s6.md section 3.2.
  const SuperviseLayout& l = dialect().layout;
  EXPECT_STREQ(l.directory, "supervise");
  EXPECT_STREQ(l.lock, "lock");
  EXPECT_STREQ(l.control, "control");
  EXPECT_EQ(l.ok, nullptr);
  EXPECT_EQ(l.directory_mode, 0700);
  EXPECT_EQ(l.fifo_mode, 0600);
  EXPECT_EQ(l.lock_mode, 0644);
  EXPECT_EQ(l.lock_kind, LockKind::OfdRecord);
}

TEST(Dialect, RecognisesTheOriginalInEveryRecordThatItEverWrote) {
  EXPECT_GE(dialect().recognise(original()), 90);
  Evidence later = original();
  later.status_size = 43;
  EXPECT_GE(dialect().recognise(later), 90);
  Evidence starting = original();
  starting.status_size = -1;
  EXPECT_GT(dialect().recognise(starting), 50);
}

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  test::expect_other_sizes_refused(dialect(), original(), {18, 20, 26, 40, 66});
  test::expect_refused_with(dialect(), original(), true, {&Evidence::has_ok});
  EXPECT_EQ(dialect().recognise({}), 0);
}

TEST(Dialect, KnowsItsServicesByWhatOnlyItHas) {
  EXPECT_EQ(dialect().shape({}), 0);
  // A finish may be runit's as well, a run anybody's: under s6-svscan both are s6's.
  const int generic = dialect().shape({"run"}), finish = dialect().shape({"run", "finish"});
  EXPECT_LT(generic, 10);
  EXPECT_LT(finish, 50);
  EXPECT_GE(finish, 30);
  EXPECT_EQ(dialect().shape({"notification-fd"}), 0);
  for (const DirectoryShape& s :
       {DirectoryShape{"run", "notification-fd"}, DirectoryShape{"run", "timeout-kill"},
        DirectoryShape{"run", "event/"}, DirectoryShape{"run", "data/"}})
    EXPECT_GT(dialect().shape(s), 0);
}

}  // namespace
}  // namespace kindred::s6
