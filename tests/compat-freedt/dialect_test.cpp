#include "compat-freedt/dialect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "compat-daemontools/dialect.h"
#include "core/dialect/registry.h"
#include "tests/core/dialect_checks.h"

namespace kindred::freedt {
namespace {

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  test::expect_every_part(d, "freedt", 1);
  EXPECT_FALSE(d.convention.supervises_log);
  EXPECT_TRUE(d.convention.main.own_session);
  EXPECT_EQ(d.scan.pairing, LogPairing::SeparateServices);
}

// interfaces/freedt.md section 3.2.
TEST(Dialect, TermLeavesTheServiceAlone) {
  ASSERT_EQ(dialect().signals.size(), 1U);
  EXPECT_EQ(dialect().signals[0].signal, SIGTERM);
  EXPECT_EQ(dialect().signals[0].commands[0].verb, Verb::Quit);
  const Steps& steps = dialect().convention.main.steps(Verb::Quit);
  EXPECT_TRUE((steps == Steps{Do::Leave}));
}

// interfaces/freedt.md section 6.2.
TEST(Dialect, LaysOutTheSuperviseDirectoryAsDaemontools) { test::expect_supervise_layout(dialect().layout); }

TEST(Dialect, LooksLikeDaemontoolsToEverybodyElse) {
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = true;
  e.status_size = 18;
  EXPECT_EQ(dialect().recognise(e), daemontools::dialect().recognise(e));
  const Dialect* const all[] = {&daemontools::dialect(), &dialect()};
  EXPECT_EQ(recognise(all, e), &daemontools::dialect());
  e.has_ok = false;
  EXPECT_EQ(dialect().recognise(e), 0);
}

TEST(Dialect, SpeaksForAStickyServiceWithALog) {
  DirectoryShape sticky{"run", "log/"}, others{"rc.main"};
  sticky.sticky = others.sticky = true;
  EXPECT_GT(dialect().shape(sticky), daemontools::dialect().shape(sticky));
  EXPECT_EQ(dialect().shape({"run", "log/"}), 0);
  EXPECT_EQ(dialect().shape(others), 0);
}

}  // namespace
}  // namespace kindred::freedt
