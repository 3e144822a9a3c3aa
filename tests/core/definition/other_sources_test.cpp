#include <gtest/gtest.h>

#include "core/definition/procfile.h"
#include "core/definition/supervisord.h"

namespace kindred {
namespace {

using namespace definition;
using Words = std::vector<std::string>;

const Command& run_of(const ReadDefinition& read) { return std::get<Command>(read.definition.run->what); }

template <class Kind>
std::vector<Kind> steps_of(const Command& command) {
  std::vector<Kind> found;
  for (const Step& step : command.steps)
    if (const auto* const each = std::get_if<Kind>(&step)) found.push_back(*each);
  return found;
}

Words losses_of(const ReadDefinition& read) {
  Words texts;
  for (const Loss& loss : read.losses) {
    EXPECT_FALSE(loss.why.empty()) << loss.thing;
    texts.push_back(std::to_string(loss.line) + " " + loss.thing);
  }
  return texts;
}

TEST(Supervisord, EachProgramIsAService) {
  const std::vector<SourceFile> files = {
      {"/etc/s.conf",
       "; c\n[supervisord]\nnodaemon=true\n[program:web]\ncommand=/usr/bin/web \"a b\" %(program_name)s ; c\n"
       "directory=/srv/"
       "%(program_name)s\numask=022\nuser=www\nautostart=false\nautorestart=true\nstopsignal=INT\n"
       "stopwaitsecs=20\nredirect_stderr=true\nstdout_logfile=/var/log/web.log\nstdout_logfile_maxbytes=1MB\n"
       "stdout_logfile_backups=3\nenvironment=A=\"1,2\",\n "
       "B='x'\nstartsecs=5\nnosuch=1\n[program:other]\ncommand=x\n"}};
  const auto all = read_supervisord(files);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].definition.name, "other");
  EXPECT_EQ(losses_of(all[0]), Words{"3 [supervisord] nodaemon=true"});
  EXPECT_EQ(all[0].definition.kill_after, std::chrono::seconds(10));
  const ServiceDefinition& web = all[1].definition;
  EXPECT_EQ(losses_of(all[1]),
            (Words{"14 stdout_logfile=/var/log/web.log", "19 startsecs=5", "20 nosuch=1"}));
  EXPECT_EQ(run_of(all[1]).program, (Words{"/usr/bin/web", "a b", "web"}));
  EXPECT_EQ(steps_of<EnterDirectory>(run_of(all[1]))[0].path, "/srv/web");
  EXPECT_EQ(steps_of<SetVariable>(run_of(all[1]))[0].value, "1,2");
  EXPECT_EQ(steps_of<SetVariable>(run_of(all[1]))[1].name, "B");
  EXPECT_EQ(steps_of<Become>(run_of(all[1]))[0].account.user, "www");
  EXPECT_TRUE(web.down);
  EXPECT_EQ(web.restart, Restart::Always);
  EXPECT_EQ(web.stop_signal, 2);
  EXPECT_EQ(web.kill_after, std::chrono::seconds(20));
  ASSERT_EQ(web.log.size(), 1U);
  const LogDirectory& directory = web.log[0].logger->directories.at(0);
  EXPECT_EQ(directory.path, "/var/log/web.log.d");
  EXPECT_EQ(directory.size, 1U << 20);
  EXPECT_EQ(directory.files, 3U);
}

TEST(Supervisord, WhatCannotBeReadIsNamed) {
  const std::vector<SourceFile> files = {{"f",
                                          "x\n[program:a]\ncommand=\"\numask=9\nstopsignal=X\nenvironment=A\n"
                                          "numprocs=2\nprocess_name=%(ENV_X)s\nkillasgroup=true\n"}};
  const auto all = read_supervisord(files);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].definition.run);
  EXPECT_EQ(losses_of(all[0]), (Words{"3 command=\"", "4 umask=9", "5 stopsignal=X", "6 environment=A",
                                      "7 numprocs=2", "8 process_name=%(ENV_X)s", "8 process_name=%(ENV_X)s",
                                      "9 killasgroup=true", "0 command=", "1 x"}));
  EXPECT_FALSE(read_supervisord({}).front().losses.empty());
}

TEST(Procfile, EachLineIsAService) {
  const std::vector<SourceFile> files = {
      {"/srv/app/Procfile",
       "# c\nweb: bundle exec puma -p $PORT\nworker:  ./work a b\nbad line\nlist: a; b\n"},
      {"/srv/app/.env", "A=1\nexport B=\"x y\"\nC='z'\nbad\n"}};
  const auto all = read_procfiles(files);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(run_of(all[0]).program, (Words{"sh", "-c", "exec bundle exec puma -p $PORT"}));
  EXPECT_EQ(losses_of(all[0]), (Words{"2 $PORT", "4 bad", "4 bad line"}));
  EXPECT_EQ(run_of(all[1]).program, (Words{"./work", "a", "b"}));
  EXPECT_EQ(run_of(all[2]).program, (Words{"sh", "-c", "a; b"}));
  EXPECT_EQ(steps_of<EnterDirectory>(run_of(all[1]))[0].path, "/srv/app");
  const auto variables = steps_of<SetVariable>(run_of(all[1]));
  ASSERT_EQ(variables.size(), 3U);
  EXPECT_EQ(variables[1].value, "x y");
  EXPECT_EQ(variables[2].value, "z");
}

TEST(Procfile, WithoutALineThereIsALoss) {
  EXPECT_FALSE(read_procfiles({}).front().losses.empty());
  const std::vector<SourceFile> files = {{"Procfile", "web: x\n"}};
  EXPECT_EQ(losses_of(read_procfiles(files).front()), Words{"1 web"});
}

}  // namespace
}  // namespace kindred
