#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "compat-freedt/chain/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::freedt {
namespace {

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

unsigned mode(const std::string& path) {
  struct stat st {};
  EXPECT_EQ(stat(path.c_str(), &st), 0) << path;
  return st.st_mode & 07777;
}

TEST(Mkservice, MakesAServiceAndItsLog) {
  const test::TestDirectory root;
  const std::string me = getpwuid(geteuid())->pw_name, service = root.path("it's");
  umask(077);
  const test::Ran ran = test::run_main(mkservice_main, {"mkservice", me, me, service + "/"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(mode(service), 01755U);
  for (const char* name : {"/run", "/log", "/log/run", "/log/main"})
    EXPECT_EQ(mode(service + name), 0755U) << name;
  EXPECT_EQ(content(service + "/log/run"), "#!/bin/sh\nexec setuidgid '" + me + "' dumblog -c main/log\n");
  EXPECT_TRUE(content(service + "/run").ends_with("exec setuidgid '" + me + "' './it'\\''s'\n"))
      << content(service + "/run");
}

TEST(Mkservice, LeavesWhatIsThereAlone) {
  const test::TestDirectory root;
  const std::string me = getpwuid(geteuid())->pw_name;
  const test::Ran again = test::run_main(mkservice_main, {"mkservice", me, me, root.path("")});
  EXPECT_EQ(again.code, 111);
  EXPECT_NE(again.err, "");
  const test::Ran unknown =
      test::run_main(mkservice_main, {"mkservice", me, "no such account", root.path("x")});
  EXPECT_EQ(unknown.code, 111);
  EXPECT_EQ(unknown.err, "mkservice: fatal: unknown account no such account\n");
  EXPECT_NE(access(root.path("x").c_str(), F_OK), 0);
  EXPECT_EQ(test::run_main(mkservice_main, {"mkservice", me, me}).code, 100);
}

}  // namespace
}  // namespace kindred::freedt
