// kindred convert and kindred check, as programs: what they leave on the disk, say and return.

#include "core/native/convert.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/native/subcommands.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

namespace fs = std::filesystem;

class ConvertTest : public ::testing::Test {
 protected:
  ConvertTest() {
    for (const char* const name : {"web", "db"}) {
      directory_.make_directory(name);
      directory_.write_script(std::string(name) + "/run", "exec chpst -o 99 sleep 1000\n");
    }
    directory_.write_script("db/finish", "exec true\n");
  }

  using Main = int (*)(int, char**);
  int call(Main main, std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = main(static_cast<int>(words.size()), argv.data());
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  int convert(std::vector<std::string> words) {
    words.insert(words.begin(), "convert");
    return call(convert_main, std::move(words));
  }
  std::string at(const std::string& name) { return directory_.path(name); }
  /// Everything below, but what was there before.
  std::string made() {
    std::set<std::string> names;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory_.path())) {
      const std::string name = entry.path().lexically_relative(directory_.path());
      if (!name.starts_with("web") && !name.starts_with("db")) names.insert(name);
    }
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  }

  test::TestDirectory directory_;
  std::string out_, err_;
};

TEST_F(ConvertTest, WhatIsWholeIsWrittenAndSaysNothingIsLost) {
  EXPECT_EQ(convert({"--from", "runit", "--to", "s6", at("web"), at("new")}), 0) << err_;
  EXPECT_EQ(out_, "web: runit -> s6: nothing is lost\n");
  EXPECT_EQ(made(), "new new/web new/web/run ");
  EXPECT_EQ(directory_.read("new/web/run"),
            "#!/usr/bin/env -S execlineb -P\ns6-softlimit -o 99\nsleep 1000\n");
}

TEST_F(ConvertTest, LossesAreListedAndTellTheExitCode) {
  EXPECT_EQ(convert({"--from", "runit", "--to", "daemontools", at("db/"), at("web"), at("new")}), 1) << err_;
  EXPECT_EQ(
      out_,
      "db/finish: finish script: daemontools runs nothing after run; do the work at the beginning of run\n"
      "db: runit -> daemontools: 1 loss\nweb: runit -> daemontools: nothing is lost\n");
  EXPECT_EQ(made(), "new new/db new/db/run new/web new/web/run ");
}

TEST_F(ConvertTest, CheckWritesNothing) {
  EXPECT_EQ(convert({"--check", "--json", "--from", "runit", "--to", "daemontools", at("db")}), 1) << err_;
  EXPECT_EQ(made(), "");
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["services"][0]["losses"][0]["file"], "finish");
  EXPECT_EQ(json["services"][0]["from"], "runit");
}

TEST_F(ConvertTest, AllOrNothing) {
  fs::create_directories(at("new/web"));
  EXPECT_EQ(convert({"--from", "runit", "--to", "s6", at("db"), at("web"), at("new")}), 111);
  EXPECT_EQ(err_, "kindred convert: fatal: unable to make " + at("new/web") + ": file already exists\n");
  EXPECT_EQ(made(), "new new/web ");
  EXPECT_EQ(convert({"--from", "runit", "--to", "s6", at("web"), at("gone"), at("other")}), 111);
  EXPECT_EQ(convert({"--from", "runit", "--to", "s6", at("web"), at("web"), at("other")}), 111);
  EXPECT_EQ(made(), "new new/web ");
}

TEST_F(ConvertTest, WordsThatAreWrong) {
  EXPECT_EQ(convert({"--from", "runit", "--to", "sysv", at("web"), at("new")}), 100);
  EXPECT_EQ(convert({"--from", "runit", "--to", "s6", at("web")}), 100);
  EXPECT_EQ(convert({"--to", "s6", "--from", "nowhere", at("web"), at("new")}), 100);
  EXPECT_NE(err_.find("kindred convert: --from is one of runit, "), std::string::npos) << err_;
  EXPECT_NE(err_.find(", systemd"), std::string::npos) << err_;
}

TEST_F(ConvertTest, CheckFindsAndReturnsWhatIsWrong) {
  EXPECT_EQ(call(check_main, {"check", "--family", "runit", at("db")}), 0) << out_ << err_;
  directory_.write("web/run", "#!/bin/sh\n[ -e x ] && rm x\nsleep 1000\n", 0644);
  EXPECT_EQ(call(check_main, {"check", "--family", "runit", at("web")}), 1);
  EXPECT_EQ(out_, at("web/run") + ": error: is not executable; chmod +x [not-executable]\n" + at("web/run") +
                      ":3: warning: runs sleep without exec: signals reach the shell, not the program; write "
                      "exec before it [no-exec]\n");
  ::chmod(at("web/run").c_str(), 0755);
  EXPECT_EQ(call(check_main, {"check", "--family", "runit", at("web")}), 0);
  EXPECT_EQ(call(check_main, {"check", "--strict", "--json", "--family", "runit", at("web")}), 1);
  EXPECT_EQ(nlohmann::json::parse(out_)["services"][0]["findings"][0]["line"], 3);
  EXPECT_EQ(call(check_main, {"check", at("")}), 111);
  EXPECT_EQ(err_, "kindred check: fatal: unable to find a script to run in " + at("") + "\n");
  EXPECT_EQ(call(check_main, {"check", at("gone")}), 111);
}

}  // namespace
}  // namespace kindred
