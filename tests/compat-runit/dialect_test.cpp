#include "compat-runit/dialect.h"

#include <gtest/gtest.h>

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
  EXPECT_STREQ(d.name, "runit");
  EXPECT_EQ(d.status.files.size(), 3U);
  EXPECT_STREQ(d.status.record, "status");
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
  EXPECT_TRUE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::OneGroup);
  EXPECT_TRUE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/runit.md section 2.
  const SuperviseLayout& l = dialect().layout;
  EXPECT_STREQ(l.directory, "supervise");
  EXPECT_STREQ(l.lock, "lock");
  EXPECT_STREQ(l.control, "control");
  EXPECT_STREQ(l.ok, "ok");
  EXPECT_EQ(l.directory_mode, 0700);
  EXPECT_EQ(l.fifo_mode, 0600);
  EXPECT_EQ(l.lock_mode, 0600);
  EXPECT_EQ(l.status_mode, 0644);
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
  for (const std::int64_t size : {-1, 0, 18, 19}) {
    Evidence e = original();
    e.status_size = size;
    EXPECT_EQ(dialect().recognise(e), 0) << size;
  }
  Evidence tally = original();
  tally.has_death_tally = true;
  EXPECT_EQ(dialect().recognise(tally), 0);
}

TEST(Dialect, KnowsItsServicesByWhatOnlyItHas) {
  EXPECT_EQ(dialect().shape({}), 0);
  EXPECT_EQ(dialect().shape({.run = true}), 0);
  EXPECT_EQ(dialect().shape({.finish = true}), 0);
  for (const DirectoryShape& s :
       {DirectoryShape{.run = true, .finish = true}, DirectoryShape{.run = true, .check = true},
        DirectoryShape{.run = true, .control_dir = true}, DirectoryShape{.run = true, .conf = true},
        DirectoryShape{.run = true, .supervise_link = true}})
    EXPECT_GT(dialect().shape(s), 0);
}

}  // namespace
}  // namespace kindred::runit
