#include "core/definition/shell_script.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using namespace definition;

std::string script(const std::string& lines) { return "#!/bin/sh\n" + lines; }

TEST(ShellScript, APlainChainIsTakenApart) {
  const auto read = read_plain_script(
      script("# web\nexec 2>&1\ncd /srv/web || exit 1\numask 027\nLANG='de DE'\nexport LANG\n"
             "export TZ=UTC\nunset HOME\nexec chpst -u web prog \"a b\" c\\ d </dev/null\n"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->comments, std::vector<std::string>{" web"});
  const std::vector<Step> steps{CopyDescriptor{2, 1},     EnterDirectory{"/srv/web"},
                                SetFileMask{027},         SetVariable{"LANG", "de DE"},
                                SetVariable{"TZ", "UTC"}, SetVariable{"HOME", std::nullopt},
                                OpenFile{0, "/dev/null"}};
  EXPECT_EQ(read->steps, steps);
  EXPECT_EQ(read->chain, (std::vector<std::string>{"chpst", "-u", "web", "prog", "a b", "c d"}));
}

TEST(ShellScript, WhatAShellWouldExpandOrDecideIsNotPlain) {
  for (const char* const line : {"exec prog $HOME",
                                 "exec prog `id`",
                                 "exec prog *.conf",
                                 "exec prog | logger",
                                 "prog",
                                 "[ -r conf ] && . ./conf",
                                 "exec prog &",
                                 "if true; then exec prog; fi",
                                 "exec prog > $LOG",
                                 "exec prog <<EOF",
                                 "exec prog ~/x",
                                 "LANG=C exec prog",
                                 "exec -a x prog",
                                 "cd - ",
                                 "A=b",
                                 "exec prog 'open",
                                 "exec prog \"open",
                                 "exec a\nexec b",
                                 "cd /x || echo",
                                 "exec prog {a,b}",
                                 "exec prog a;b"})
    EXPECT_FALSE(read_plain_script(script(line))) << line;
}

TEST(ShellScript, OnlyAShellWithoutOtherOptionsReadsIt) {
  EXPECT_TRUE(read_plain_script("#!/bin/sh -e\nexec prog\n"));
  EXPECT_TRUE(read_plain_script("#!/usr/bin/env bash\nexec prog\n"));
  for (const char* const text : {"exec prog\n", "#!/bin/sh -x\nexec prog\n", "#!/usr/bin/perl\nexec prog\n",
                                 "#!/usr/bin/env /lib/runit/invoke-run\nexec prog\n"})
    EXPECT_FALSE(read_plain_script(text)) << text;
  EXPECT_EQ(interpreter_of("#!/usr/bin/env -S execlineb -P\n"), "execlineb");
  EXPECT_EQ(interpreter_of("#!/command/execlineb -P\n"), "execlineb");
}

TEST(ShellScript, AStatementIsReadBackAsTheStepThatItWasMadeOf) {
  for (const Step& step : {Step(CopyDescriptor{2, 1}), Step(CloseDescriptor{0}),
                           Step(OpenFile{3, "/dev/null", OpenFile::For::Writing}),
                           Step(OpenFile{1, "a b", OpenFile::For::Appending}), Step(EnterDirectory{"it's"}),
                           Step(SetFileMask{07}), Step(SetVariable{"A", ""}),
                           Step(SetVariable{"A", "x 'y' $z"}), Step(SetVariable{"A", std::nullopt})}) {
    const auto statement = shell_statement(step);
    ASSERT_TRUE(statement);
    const auto read = read_shell_statement(*statement);
    ASSERT_TRUE(read) << *statement;
    EXPECT_EQ(*read, std::vector<Step>{step}) << *statement;
  }
}

TEST(ShellScript, ArgumentsAreLookedFor) {
  for (const char* const text : {"echo $1", "echo ${2}", "exec x \"$@\"", "[ $# = 0 ]"})
    EXPECT_TRUE(reads_arguments(script(text))) << text;
  EXPECT_TRUE(reads_arguments("#!/usr/bin/perl\nprint;\n"));
  EXPECT_FALSE(reads_arguments(script("echo $HOME ${USER} $$\n")));
}

}  // namespace
}  // namespace kindred
