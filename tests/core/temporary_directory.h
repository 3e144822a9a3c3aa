#pragma once
// A directory of a test's own, gone with the test.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/sys/unique_fd.h"

namespace kindred::test {

class TestDirectory {
 public:
  TestDirectory() {
    char name[] = "/tmp/kindred-test-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
    fd_.reset(::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  void make_directory(const std::string& name) const { ::mkdir(path(name).c_str(), 0755); }
  void write(const std::string& name, const std::string& content, mode_t mode = 0644) const {
    std::ofstream(path(name)) << content;
    ::chmod(path(name).c_str(), mode);
  }
  void write_script(const std::string& name, const std::string& body) const {
    write(name, "#!/bin/sh\n" + body, 0755);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] struct stat look(const std::string& name) const {
    struct stat st {};
    EXPECT_EQ(::lstat(path(name).c_str(), &st), 0) << name;
    return st;
  }
  [[nodiscard]] bool exists(const std::string& name) const { return ::access(path(name).c_str(), F_OK) == 0; }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace kindred::test
