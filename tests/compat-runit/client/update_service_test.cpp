// What interfaces/runit.md section 14.1 says of update-service, beside the recorded case.

#include <gtest/gtest.h>
#include <unistd.h>

#include "compat-runit/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"
#include "tests/core/temporary_directory.h"

namespace kindred::runit {
namespace {

using test::Ran;
namespace fs = std::filesystem;

class UpdateServiceTest : public ::testing::Test {
 protected:
  UpdateServiceTest() {
    if (::geteuid() != 0) return;
    for (const char* name : {"scan", "web", "mail"}) dir_.make_directory(name);
    ::setenv("SVDIR", dir_.path("scan").c_str(), 1);
  }
  ~UpdateServiceTest() override { ::unsetenv("SVDIR"); }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  }
  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "update-service");
    return test::run_main(update_service_main, words);
  }
  test::TestDirectory dir_;
};

TEST_F(UpdateServiceTest, WhatIsSupervisedElsewhereIsNotAdded) {
  const test::FakeService service(dir_.path("web"), test::FakeService::Of::Daemontools);
  const Ran ran = run({"--add", dir_.path("web")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "update-service: fatal: " + dir_.path("web") +
                         " is currently controlled by a runsv(8) process.\n\n");
  EXPECT_TRUE(fs::is_empty(dir_.path("scan")));
}

TEST_F(UpdateServiceTest, NothingIsDoneToWhatIsSomethingElse) {
  EXPECT_EQ(run({"-a", dir_.path("web")}).code, 0);
  EXPECT_EQ(run({"-r", dir_.path("mail"), "web"}).err, "update-service: fatal: " + dir_.path("scan/web") +
                                                           " does not point to " + dir_.path("mail") +
                                                           ".\n\n");
  EXPECT_EQ(fs::read_symlink(dir_.path("scan/web")), dir_.path("web"));
  dir_.make_directory("scan/mail");
  EXPECT_EQ(run({"-a", dir_.path("mail")}).err,
            "update-service: fatal: " + dir_.path("scan/mail") + " exists, but is not a symbolic link.\n\n");
  EXPECT_EQ(run({"-r", dir_.path("mail")}).err,
            "update-service: fatal: " + dir_.path("scan/mail") + " is not a symbolic link.\n\n");
}

TEST_F(UpdateServiceTest, WhatAPackageLinkedInTheDefaultDirectoryIsRemoved) {
  fs::create_directories(dir_.path("runit/runsvdir"));
  fs::rename(dir_.path("scan"), dir_.path("runit/runsvdir/default"));
  fs::create_directory_symlink("runit/runsvdir/default", dir_.path("scan"));
  fs::create_symlink("../../../sv/web", dir_.path("scan/web"));
  EXPECT_EQ(run({"-r", dir_.path("web")}).code, 0);
  EXPECT_FALSE(fs::exists(fs::symlink_status(dir_.path("scan/web"))));
  EXPECT_EQ(fs::read_symlink(dir_.path("scan/.web")), dir_.path("web"));
}

TEST_F(UpdateServiceTest, NoRootNoChange) {
  const Ran ran = test::run_main(
      [](int argc, char** argv) { return ::setuid(65534) == 0 ? update_service_main(argc, argv) : 98; },
      {"update-service", "--add", dir_.path("web")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "update-service: fatal: update-service -a must be run by root.\n\n");
}

TEST_F(UpdateServiceTest, AScannedDirectoryThatIsMissingIsNamed) {
  ::setenv("SVDIR", dir_.path("none").c_str(), 1);
  EXPECT_EQ(run({"-a", dir_.path("web")}).err,
            "update-service: fatal: unable to open " + dir_.path("none") + ": file does not exist\n\n");
  EXPECT_EQ(run({"--list"}).code, 1);
}

}  // namespace
}  // namespace kindred::runit
