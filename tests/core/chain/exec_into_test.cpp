#include "core/chain/exec_into.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

TEST(ExecInto, TheProgramIsFoundWithTheOldPathAndGetsTheNewOne) {
  const test::TestDirectory root;
  root.make_directory("decoy");
  root.write_script("decoy/sh", "echo decoy");
  const test::Ran ran = test::run_main(
      [&](int, char** argv) {
        if (chdir(root.path().c_str()) != 0) return 1;
        Environment environment(environ);
        environment.apply({"PATH", "decoy"});
        environment.apply({"NEW", "set"});
        return exec_into(argv[0], argv, environment).code;
      },
      {"sh", "-c", "echo $PATH $NEW"});
  EXPECT_EQ(ran.out, "decoy set\n");
  EXPECT_EQ(ran.code, 0);
}

TEST(ExecInto, WhatCannotBeRunIsNamed) {
  char name[] = "/nowhere/program";
  char* const argv[] = {name, nullptr};
  const Error plain = exec_into(name, argv), other = exec_into(name, argv, Environment(environ));
  for (const Error& error : {plain, other}) {
    EXPECT_EQ(error.code, ENOENT);
    EXPECT_EQ(error.operation, "run");
    EXPECT_EQ(error.object, name);
  }
}

}  // namespace
}  // namespace kindred
