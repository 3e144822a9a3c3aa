#include "core/definition/service_files.h"

#include <gtest/gtest.h>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using definition::File;

class ServiceFilesTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) { return directory_.path() + "/" + name; }
  void write(const std::string& name, const std::string& text, mode_t mode = 0644) {
    std::ofstream(path(name)) << text;
    ASSERT_EQ(::chmod(path(name).c_str(), mode), 0);
  }
  void make(const std::string& name) { ASSERT_EQ(::mkdir(path(name).c_str(), 0755), 0); }

  std::string names(const Result<DirectoryContent>& content) {
    std::string text;
    if (!content)
      return content.error().operation + " " + content.error().object.substr(directory_.path().size());
    for (const File& file : content->files)
      text += file.path +
              (file.kind == File::Kind::Directory ? "/"
               : file.kind == File::Kind::Link    ? "@" + file.bytes
                                                  : "") +
              " ";
    return text;
  }

  test::TestDirectory directory_;
  std::vector<Loss> losses_;
};

TEST_F(ServiceFilesTest, WhatIsStoredIsLoaded) {
  const DirectoryContent content{"",
                                 01755,
                                 {{"env", File::Kind::Directory, 0750},
                                  {"env/PORT", File::Kind::Regular, 0640, std::string("80\n\0x", 5)},
                                  {"notes", File::Kind::Link, 0777, "/nowhere/at/all"},
                                  {"run", File::Kind::Regular, 0755, "#!/bin/sh\n"}}};
  const mode_t mask = ::umask(077);
  EXPECT_TRUE(store_service(directory_.fd(), "web", content));
  ::umask(mask);
  const auto loaded = load_service(path("web"), losses_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->mode, content.mode);
  EXPECT_EQ(loaded->files, content.files);
  EXPECT_TRUE(losses_.empty());
  EXPECT_EQ(store_service(directory_.fd(), "web", content).error().code, EEXIST);
}

TEST_F(ServiceFilesTest, LinksAreFollowedWhereTheyAreScriptsOrParts) {
  make("shared");
  write("shared/run", "#!/bin/sh\n", 0755);
  write("shared/conf", "A=b\n");
  make("log-elsewhere");
  make("web");
  const std::pair<const char*, const char*> links[] = {{"../shared/run", "web/run"},
                                                       {"../shared/conf", "web/conf"},
                                                       {"../log-elsewhere", "web/log"},
                                                       {"../shared", "web/data"},
                                                       {"/gone", "web/gone"}};
  for (const auto& [target, name] : links) ASSERT_EQ(::symlink(target, path(name).c_str()), 0);
  EXPECT_EQ(names(load_service(path("web"), losses_)),
            "conf@" + path("web") + "/../shared/conf data@../shared gone@/gone log/ run ");
}

TEST_F(ServiceFilesTest, WhatTheSupervisorAndTheLoggerKeepStaysWhereItIs) {
  for (const char* const name : {"web", "web/supervise", "web/event", "web/log", "web/log/main"}) make(name);
  for (const char* const name : {"web/supervise/status", "web/run", "web/log/run", "web/log/main/current",
                                 "web/log/main/@400000005f000000.s", "web/log/main/config"})
    write(name, "x");
  ASSERT_EQ(::mkfifo(path("web/fifo").c_str(), 0600), 0);
  EXPECT_EQ(names(load_service(path("web"), losses_)), "log/ log/main/ log/main/config log/run run ");
  ASSERT_EQ(losses_.size(), 2U);
  EXPECT_EQ(losses_[0].file == "fifo" ? losses_[1].file : losses_[0].file, "log/main");
}

TEST_F(ServiceFilesTest, TooMuchIsRefused) {
  make("web");
  write("web/big", std::string((1 << 20) + 1, 'x'));
  EXPECT_EQ(names(load_service(path("web"), losses_)), "read /web/big");
  ASSERT_EQ(::unlink(path("web/big").c_str()), 0);
  for (int i = 0; i < 4097; ++i) write("web/" + std::to_string(i), "");
  EXPECT_EQ(names(load_service(path("web"), losses_)), "read /web/");
  EXPECT_EQ(names(load_service(path("gone"), losses_)), "open /gone");
}

}  // namespace
}  // namespace kindred
