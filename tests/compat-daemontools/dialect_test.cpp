#include "compat-daemontools/dialect.h"

#include <gtest/gtest.h>

#include <cstring>

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
  EXPECT_STREQ(d.name, "daemontools");
  EXPECT_EQ(d.status.files.size(), 1U);
  EXPECT_STREQ(d.status.record, "status");
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
  EXPECT_FALSE(d.scan.removed_is_stopped);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/daemontools.md section 2.
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

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  for (const std::int64_t size : {-1, 0, 17, 19, 20, 35, 40, 43}) {
    Evidence e = original();
    e.status_size = size;
    EXPECT_EQ(dialect().recognise(e), 0) << size;
  }
  for (bool Evidence::*part : {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally}) {
    Evidence e = original();
    e.*part = true;
    EXPECT_EQ(dialect().recognise(e), 0);
  }
}

TEST(Dialect, DoesNotTakeLeftoversForASupervisor) {
  for (bool Evidence::*part : {&Evidence::has_lock, &Evidence::has_control, &Evidence::has_ok}) {
    Evidence e = original();
    e.*part = false;
    EXPECT_EQ(dialect().recognise(e), 0);
  }
}

TEST(Dialect, SpeaksForAnyRunScriptButLoudlyForNone) {
  EXPECT_GT(dialect().shape({.run = true}), dialect().shape({}));
  EXPECT_LT(dialect().shape({.run = true}), 50);
}

}  // namespace
}  // namespace kindred::daemontools
