// What interfaces/daemontools.md sections 7.2 and 7.3 say and the conformance cases leave out.

#include <gtest/gtest.h>

#include "compat-daemontools/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::daemontools {
namespace {

using test::FakeService;
using test::Ran;
namespace fs = std::filesystem;

class QueryTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const char* name) const { return root_.path(name); }
  [[nodiscard]] static Ran svok(const std::string& directory) {
    return test::run_main(svok_main, {"svok", directory});
  }
  /// What svstat says of a directory, without its name.
  [[nodiscard]] static std::string svstat(const std::string& directory) {
    const Ran ran = test::run_main(svstat_main, {"svstat", directory});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    const std::string name = directory + ": ";
    EXPECT_TRUE(ran.out.starts_with(name)) << ran.out;
    return ran.out.substr(name.size());
  }
  test::TestDirectory root_;
};

TEST_F(QueryTest, SvokTellsByItsExitCode) {
  FakeService service(at("web"), FakeService::Of::Runit);
  EXPECT_EQ(svok(at("web")).code, 0);
  service.leave();
  EXPECT_EQ(svok(at("web")).code, 100);
  fs::remove(service.supervise() / "ok");
  const Ran ran = svok(at("web"));
  EXPECT_EQ(ran.code, 100);
  EXPECT_EQ(ran.out + ran.err, "");
}

TEST_F(QueryTest, SvokNamesWhatStoodInItsWay) {
  EXPECT_EQ(svok(at("none")).err,
            "svok: fatal: unable to chdir to " + at("none") + ": file does not exist\n");
  test::write_file(at("odd/supervise"), "");
  const Ran ran = svok(at("odd"));
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "svok: fatal: unable to open " + at("odd") + "/supervise/ok: not a directory\n");
}

TEST_F(QueryTest, SvokTakesARegularFileForASupervisor) {  // as the original
  test::write_file(at("web/supervise/ok"), "");
  EXPECT_EQ(svok(at("web")).code, 0);
}

TEST_F(QueryTest, SvstatReadsBothFamilies) {
  FakeService one(at("dt"), FakeService::Of::Daemontools), two(at("ru"), FakeService::Of::Runit);
  one.record({.age = -5, .pid = 77, .want = 0});
  two.record({.age = -5, .pid = 78, .paused = true, .want = 'd', .state = 2});
  EXPECT_EQ(svstat(at("dt")), "up (pid 77) 0 seconds\n");
  EXPECT_EQ(svstat(at("ru")), "up (pid 78) 0 seconds, paused, want down\n");
}

TEST_F(QueryTest, SvstatSaysWhatItCouldNotRead) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  EXPECT_EQ(svstat(at("web")), "unable to open supervise/status: file does not exist\n");
  // The original shows stale or zero data for a record that cannot be read.
  fs::create_directory(service.supervise() / "status");
  EXPECT_EQ(svstat(at("web")), "unable to read supervise/status: is a directory\n");
  fs::create_symlink("down", at("web/down"));
  EXPECT_EQ(svstat(at("web")), "unable to stat down: symbolic link loop\n");
}

TEST_F(QueryTest, SvstatAsksForTheSupervisorBeforeItBelievesTheRecord) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  service.record({.pid = 77});
  service.leave();
  EXPECT_EQ(svstat(at("web")), "supervise not running\n");
}

}  // namespace
}  // namespace kindred::daemontools
