#include "compat-nosh/client/service_environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "core/sys/files.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

TEST(ServiceValue, IsALineUnlessItIsFull) {
  EXPECT_EQ(file_of_value(std::nullopt, false), "");
  EXPECT_EQ(file_of_value("", false), "\n");
  EXPECT_EQ(file_of_value("one\ntwo\n", true), "one\ntwo\n");
  EXPECT_EQ(file_of_value("one\ntwo", false), std::string("one\0two\n", 8));
  EXPECT_EQ(value_of_file(std::string("one\0two\nthree", 13), false), "one\ntwo");
  EXPECT_EQ(value_of_file("one\ntwo\n", true), "one\ntwo\n");
}

class ServiceEnvironment : public ::testing::Test {
 protected:
  [[nodiscard]] int set(const std::string& name, const std::optional<std::string>& value) const {
    const Status done = set_service_variable(service_.get(), name, value, false);
    return done ? 0 : done.error().code;
  }
  test::TestDirectory root_;
  UniqueFd service_{::open(root_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(ServiceEnvironment, NeedsItsDirectory) {
  EXPECT_EQ(set("A", "1"), ENOENT);
  EXPECT_FALSE(service_environment_text(service_.get(), false));
}

TEST_F(ServiceEnvironment, ShowsWhatWasSet) {
  root_.make_directory("env");
  EXPECT_EQ(set("A", "first"), 0);
  EXPECT_EQ(set("A", "second"), 0);
  EXPECT_EQ(set("B", std::nullopt), 0);
  EXPECT_EQ(set("C", "x\ny"), 0);
  root_.write("env/.hidden", "x");
  root_.make_directory("env/sub");
  EXPECT_EQ(*service_environment_text(service_.get(), false), "A=second\nB\nC=x\ny\n");
  EXPECT_EQ(*service_variable_text(service_.get(), "A", false), "second\n");
  EXPECT_EQ(*service_variable_text(service_.get(), "B", false), "\n");
  EXPECT_EQ(service_variable_text(service_.get(), "none", false).error().code, ENOENT);
}

TEST_F(ServiceEnvironment, NamesDoNotLeadOutOfIt) {
  root_.make_directory("env");
  root_.make_directory("env/sub");
  EXPECT_EQ(set("/sub/x", "1"), 0);
  EXPECT_EQ(*service_variable_text(service_.get(), "sub/x", false), "1\n");
  for (const char* const name : {"", "/", "..", "../x", "sub/../../x", "x/"})
    EXPECT_EQ(set(name, "1"), EINVAL) << name;
}

TEST_F(ServiceEnvironment, APlantedLinkIsReplacedAndNotFollowed) {
  root_.make_directory("env");
  root_.write("victim", "untouched");
  ASSERT_EQ(::symlink("../victim", root_.path("env/A").c_str()), 0);
  EXPECT_EQ(set("A", "1"), 0);
  EXPECT_EQ(*read_file(AT_FDCWD, root_.path("victim").c_str(), 100), "untouched");
}

}  // namespace
}  // namespace kindred::nosh
