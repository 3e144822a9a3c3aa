#include "compat-nosh/init/target_manager.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kindred::nosh {
namespace {

TEST(PathOfProgram, IsThatOfThePathThatWasGivenFirst) {
  // Longer than what a string holds in itself.
  std::string place = (std::filesystem::temp_directory_path() / "kindred-path-of-program-XXXXXX").string();
  ASSERT_NE(mkdtemp(place.data()), nullptr);
  const std::string program = place + "/a-program-of-the-family";
  std::ofstream(program) << "#!/bin/sh\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  ASSERT_EQ(setenv("PATH", ("/nowhere:" + place).c_str(), 1), 0);
  EXPECT_EQ(path_of_program("a-program-of-the-family"), program);
  ASSERT_EQ(setenv("PATH", "/elsewhere", 1), 0);
  EXPECT_EQ(path_of_program("a-program-of-the-family"), program);
  EXPECT_EQ(path_of_program("a-program-that-is-not-there"), "a-program-that-is-not-there");
  std::filesystem::remove_all(place);
}

TEST(KeptProgram, ThatFailsIsStartedAgainAfterAPause) {
  const Instant now{1'000'000};
  KeptProgram program;
  EXPECT_TRUE(program.may_start(now));
  program.begun(7, now);
  EXPECT_FALSE(program.may_start(now));
  EXPECT_EQ(program.not_before(), Instant::never());
  EXPECT_FALSE(program.has_ended(8, true, now));
  EXPECT_TRUE(program.has_ended(7, false, now));
  EXPECT_TRUE(program.may_start(now));
  program.begun(9, now);
  EXPECT_TRUE(program.has_ended(9, true, now));
  EXPECT_FALSE(program.may_start(now));
  EXPECT_TRUE(program.may_start(program.not_before()));
  // What could not be begun has failed.
  program.begun(-1, program.not_before());
  EXPECT_FALSE(program.runs());
  EXPECT_GT(program.not_before(), now + Duration(500'000));
}

}  // namespace
}  // namespace kindred::nosh
