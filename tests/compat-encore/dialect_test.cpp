#include "compat-encore/dialect.h"

#include <gtest/gtest.h>

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
  EXPECT_STREQ(d.name, "encore");
  EXPECT_EQ(d.status.files.size(), 1U);
  EXPECT_STREQ(d.status.record, "status");
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
  EXPECT_TRUE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
}

TEST(Dialect, LaysOutTheSuperviseDirectoryAsTheOriginal) {
  // Source: interfaces/encore.md section 2.2.
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

TEST(Dialect, RecognisesTheOriginalWithAndWithoutALog) {
  EXPECT_GE(dialect().recognise(original()), 80);
  Evidence pair = original();
  pair.status_size = 40;
  EXPECT_GE(dialect().recognise(pair), 80);
}

TEST(Dialect, DoesNotTakeARelativeForTheOriginal) {
  for (const std::int64_t size : {-1, 0, 18, 19, 21, 35, 39, 43, 87}) {
    Evidence e = original();
    e.status_size = size;
    EXPECT_EQ(dialect().recognise(e), 0) << size;
  }
  for (bool Evidence::*part :
       {&Evidence::has_pid, &Evidence::has_stat, &Evidence::has_death_tally, &Evidence::has_event_dir}) {
    Evidence e = original();
    e.*part = true;
    EXPECT_EQ(dialect().recognise(e), 0);
  }
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
  for (bool DirectoryShape::*part : {&DirectoryShape::start, &DirectoryShape::stop, &DirectoryShape::notify,
                                     &DirectoryShape::no_setsid, &DirectoryShape::log_executable}) {
    DirectoryShape s;
    s.*part = true;
    EXPECT_GE(dialect().shape(s), 50);
    s.run = true;
    EXPECT_GE(dialect().shape(s), 50);
    s.service_dir = true;
    EXPECT_EQ(dialect().shape(s), 0);
  }
  EXPECT_EQ(dialect().shape({.run = true, .finish = true, .log_dir = true}), 0);
}

}  // namespace
}  // namespace kindred::encore
