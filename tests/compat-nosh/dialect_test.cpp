#include "compat-nosh/dialect.h"

#include <gtest/gtest.h>

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
  EXPECT_STREQ(d.name, "nosh");
  EXPECT_EQ(d.status.files.size(), 1U);
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
  EXPECT_FALSE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/nosh.md section 3.
  const SuperviseLayout& l = dialect().layout;
  EXPECT_STREQ(l.directory, "supervise");
  EXPECT_STREQ(l.lock, "lock");
  EXPECT_STREQ(l.control, "control");
  EXPECT_STREQ(l.ok, "ok");
  EXPECT_EQ(l.directory_mode, 0700);
  EXPECT_EQ(l.lock_mode, 0600);
  EXPECT_EQ(l.fifo_mode, 0600);
  EXPECT_EQ(l.ok_mode, 0666);
  EXPECT_TRUE(l.ok_mode_exact);
  EXPECT_EQ(l.status_mode, 0644);
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
  for (const std::int64_t size : {-1, 0, 18, 26, 35, 40, 43, 66}) {
    Evidence e = original();
    e.status_size = size;
    EXPECT_EQ(dialect().recognise(e), 0) << size;
  }
  for (bool Evidence::*only_elsewhere :
       {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally}) {
    Evidence e = original();
    e.*only_elsewhere = true;
    EXPECT_EQ(dialect().recognise(e), 0);
  }
  EXPECT_EQ(dialect().recognise({}), 0);
}

TEST(Dialect, KnowsItsBundles) {
  EXPECT_GE(dialect().shape({.service_dir = true}), 90);
  EXPECT_GT(dialect().shape({.run = true, .restart = true}), 50);
  EXPECT_EQ(dialect().shape({.run = true, .finish = true}), 0);
  EXPECT_EQ(dialect().shape({}), 0);
}

}  // namespace
}  // namespace kindred::nosh
