#include "compat-perp/dialect.h"

#include <gtest/gtest.h>

namespace kindred::perp {
namespace {

TEST(Dialect, HasEveryPart) {
  const Dialect& d = dialect();
  EXPECT_STREQ(d.name, "perp");
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
  EXPECT_TRUE(d.convention.supervises_log);
  EXPECT_EQ(d.scan.pairing, LogPairing::OneGroup);
  EXPECT_TRUE(d.scan.removed_is_stopped);
}

TEST(Dialect, WritesNothingIntoAServiceDirectory) {
  // Source: interfaces/perp.md section 2.
  const Dialect& d = dialect();
  EXPECT_EQ(d.layout.directory, nullptr);
  EXPECT_EQ(d.layout.control, nullptr);
  EXPECT_EQ(d.layout.ok, nullptr);
  EXPECT_TRUE(d.status.files.empty());
  Evidence e;
  e.has_lock = e.has_control = e.has_ok = true;
  EXPECT_EQ(d.recognise(e), 0);
}

TEST(Dialect, KnowsItsServicesByTheirScript) {
  EXPECT_GT(dialect().shape({"rc.main"}), 50);
  EXPECT_LT(dialect().shape({"run"}), 0);
  EXPECT_EQ(dialect().shape({}), 0);
  EXPECT_EQ(dialect().shape({"rc.log"}), 0);
}

}  // namespace
}  // namespace kindred::perp
