#include "core/definition/systemd_service.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kindred {
namespace {

using namespace definition;
using Words = std::vector<std::string>;

ReadDefinition read(const std::string& text, const std::string& name = "web.service") {
  const std::vector<SourceFile> files = {{name, text}};
  auto all = read_systemd_units(files);
  return all.empty() ? ReadDefinition{} : all.front();
}

const Command& run_of(const ReadDefinition& read) { return std::get<Command>(read.definition.run->what); }

template <class Kind>
std::vector<Kind> steps_of(const Command& command) {
  std::vector<Kind> found;
  for (const Step& step : command.steps)
    if (const auto* const each = std::get_if<Kind>(&step)) found.push_back(*each);
  return found;
}

Words tool_of(const ReadDefinition& read) {
  const auto tools = steps_of<RunThrough>(run_of(read));
  return tools.empty() ? Words{} : tools.front().words;
}

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "LINE THING", of each.
Words losses_of(const ReadDefinition& read) {
  Words texts;
  for (const Loss& loss : read.losses) {
    EXPECT_FALSE(loss.why.empty()) << loss.thing;
    EXPECT_FALSE(loss.file.empty()) << loss.thing;
    texts.push_back(std::to_string(loss.line) + " " + loss.thing);
  }
  return texts;
}

TEST(SystemdService, APlainOneNeedsNoTool) {
  const auto web = read(
      "[Unit]\nDescription=The web\nDocumentation=man:webd(8)\nAfter=network.target db.service\n"
      "[Service]\nUser=www\nGroup=adm\nLimitNOFILE=1K:2K\nUMask=027\nNice=5\nEnvironment=A=1 \"B=x y\"\n"
      "ExecStart=/usr/sbin/webd --foreground $$1 'a b'\nExecReload=/bin/kill -HUP $MAINPID\n"
      "Restart=on-failure\nTimeoutStopSec=1min\nKillSignal=SIGQUIT\n[Install]\nWantedBy=multi-user.target\n");
  EXPECT_EQ(losses_of(web), Words{});
  const Command& run = run_of(web);
  EXPECT_EQ(run.program, (Words{"/usr/sbin/webd", "--foreground", "$1", "a b"}));
  EXPECT_TRUE(tool_of(web).empty());
  EXPECT_EQ(run.comments, Words{" Documentation: man:webd(8)"});
  const auto become = steps_of<Become>(run);
  ASSERT_EQ(become.size(), 1U);
  EXPECT_EQ(become[0].account.user, "www");
  EXPECT_EQ(become[0].account.group, "adm");
  EXPECT_TRUE(become[0].account.all_groups);
  EXPECT_EQ(steps_of<SetLimit>(run).size(), 2U);
  EXPECT_EQ(steps_of<SetVariable>(run)[1].value, "x y");
  EXPECT_EQ(steps_of<EnterDirectory>(run)[0].path, "/");
  const ServiceDefinition& service = web.definition;
  EXPECT_EQ(service.name, "web");
  EXPECT_EQ(service.description, "The web");
  EXPECT_EQ(service.restart, Restart::OnFailure);
  EXPECT_EQ(service.kill_after, std::chrono::minutes(1));
  EXPECT_EQ(service.stop_signal, 3);
  EXPECT_EQ(service.reload_signal, 1);
  EXPECT_EQ(service.relations, (std::vector<Relation>{{Relation::Kind::After, "network.target"},
                                                      {Relation::Kind::After, "db"},
                                                      {Relation::Kind::WantedBy, "multi-user.target"}}));
}

TEST(SystemdService, WhatTheFamilyLacksIsSaidThroughTheTool) {
  const auto web = read(
      "[Service]\nType=notify\nUser=www\nEnvironmentFile=-/etc/default/web\nExecStartPre=-/bin/mkdir -p "
      "\"/run/a b\"\n"
      "ExecStart=/usr/sbin/webd $OPTS\nPrivateTmp=yes\nProtectSystem=full\nRuntimeDirectory=web\n");
  EXPECT_EQ(losses_of(web), Words{});
  EXPECT_EQ(tool_of(web),
            (Words{"kindred", "run", "--notify", "--environment-file=-/etc/default/web", "--private-tmp",
                   "--protect-system=full", "--runtime-directory=web", "--user=www", "--working-directory=/",
                   "--exec-start-pre=-/bin/mkdir -p \"/run/a b\"", "--expand-environment"}));
  EXPECT_TRUE(steps_of<Become>(run_of(web)).empty());
  EXPECT_EQ(run_of(web).program, (Words{"/usr/sbin/webd", "$OPTS"}));
  EXPECT_EQ(web.definition.readiness.how, Readiness::How::Socket);
}

TEST(SystemdService, NothingIsLostInSilence) {
  const auto web = read(
      "stray\n[Unit]\nConditionPathExists=/x\n[Service]\nExecStart=/x\nExecStop=/"
      "y\nKillMode=mixed\nKillMode=none\n"
      "NoSuchKey=1\nRestartSec=100ms\nRestartSec=5\nMemoryMax=1G\nStandardInput=tty\n[X-Mine]\nA=1\n[Other]"
      "\nB=1\n");
  EXPECT_EQ(losses_of(web),
            (Words{"3 ConditionPathExists=/x", "6 ExecStop=/y", "8 KillMode=none", "9 NoSuchKey=1",
                   "11 RestartSec=5", "12 MemoryMax=1G", "13 StandardInput=tty", "17 B=1", "1 stray"}));
}

/// Each key that a unit may have is in the definition, or in the list, or says what is so anyway.
TEST(SystemdService, EachKeyMakesADifference) {
  const std::string before = "[Service]\nExecStart=/x $A\n";
  for (const char* const line : {"User=u",
                                 "Group=g",
                                 "SupplementaryGroups=s",
                                 "Environment=A=1",
                                 "UnsetEnvironment=B",
                                 "UMask=077",
                                 "Nice=1",
                                 "WorkingDirectory=/w",
                                 "RootDirectory=/r",
                                 "LimitNOFILE=5",
                                 "LimitCPU=1min",
                                 "Restart=always",
                                 "RestartSec=9",
                                 "TimeoutStopSec=5",
                                 "TimeoutSec=5",
                                 "KillSignal=INT",
                                 "SendSIGHUP=yes",
                                 "SendSIGKILL=no",
                                 "RemainAfterExit=yes",
                                 "StandardOutput=null",
                                 "StandardError=file:/e",
                                 "EnvironmentFile=/e",
                                 "StateDirectory=s",
                                 "Type=forking",
                                 "Type=oneshot",
                                 "Type=dbus",
                                 "Type=idle",
                                 "Type=nonsense",
                                 "NoNewPrivileges=yes",
                                 "PrivateTmp=yes",
                                 "ExecStopPost=/p",
                                 "ExecStartPre=/p",
                                 "ExecStartPost=/p",
                                 "ExecReload=/bin/kill -s USR1 $MAINPID",
                                 "ExecReload=/r",
                                 "OOMScoreAdjust=1",
                                 "WatchdogSec=1",
                                 "SystemCallFilter=@mount",
                                 "Slice=s.slice",
                                 "CPUQuota=5%",
                                 "DynamicUser=yes",
                                 "Alias=b",
                                 "X=1",
                                 "User=%h",
                                 "LimitNOFILE=x",
                                 "UMask=9",
                                 "Nice=99",
                                 "KillSignal=WHAT",
                                 "Environment=novalue",
                                 "ExecStartPre='"}) {
    const auto one = read(before), other = read(before + line + "\n");
    EXPECT_TRUE(one.definition != other.definition || one.losses != other.losses) << line;
  }
}

TEST(SystemdService, AnEmptyValueTakesBack) {
  const auto web = read(
      "[Service]\nExecStart=/a\nExecStart=\nExecStart=/b\nEnvironment=A=1\nEnvironment=\n"
      "EnvironmentFile=/e\nEnvironmentFile=\nLimitNOFILE=5\nLimitNOFILE=\n");
  EXPECT_EQ(run_of(web).program, Words{"/b"});
  EXPECT_TRUE(steps_of<SetVariable>(run_of(web)).empty());
  EXPECT_TRUE(steps_of<SetLimit>(run_of(web)).empty());
  EXPECT_FALSE(has(tool_of(web), "--environment-file=/e"));
}

TEST(SystemdService, ADaemonThatForksStaysOrIsHeld) {
  const auto known = read("[Service]\nType=forking\nPIDFile=/run/sshd.pid\nExecStart=/usr/sbin/sshd -4\n");
  EXPECT_EQ(run_of(known).program, (Words{"/usr/sbin/sshd", "-D", "-4"}));
  EXPECT_TRUE(tool_of(known).empty());
  const auto unknown = read("[Service]\nType=forking\nPIDFile=/run/x.pid\nExecStart=/usr/sbin/xd\n");
  EXPECT_TRUE(has(tool_of(unknown), "--type=forking") && has(tool_of(unknown), "--pid-file=/run/x.pid"));
  // What it leaves is ended with it, where the supervisor knows what that is.
  EXPECT_EQ(unknown.definition.tree, TreeWish{});
  EXPECT_FALSE(known.definition.tree);
  EXPECT_FALSE(read("[Service]\nType=forking\nKillMode=process\nExecStart=/usr/sbin/xd\n").definition.tree);
}

TEST(SystemdService, AControlGroupThatIsEndedIsAWishAndALoss) {
  const auto group = read("[Service]\nKillMode=control-group\nExecStart=/x\n");
  EXPECT_EQ(group.definition.tree, TreeWish{});
  EXPECT_EQ(losses_of(group), Words{"2 KillMode=control-group"});
  EXPECT_EQ(read("[Service]\nKillMode=mixed\nExecStart=/x\n").definition.tree, TreeWish{});
  EXPECT_FALSE(read("[Service]\nKillMode=none\nExecStart=/x\n").definition.tree);
  EXPECT_FALSE(read("[Service]\nExecStart=/x\n").definition.tree);
}

TEST(SystemdService, AnInstanceHasItsTemplate) {
  const std::vector<SourceFile> files = {{"a@1-x.service", "[Service]\nExecStart=/x %i %I %p\n"},
                                         {"dir/a@1-x.service.d/o.conf", "[Service]\nUser=%i\n"}};
  const auto all = read_systemd_units(files);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].definition.name, "a@1-x");
  EXPECT_EQ(run_of(all[0]).program, (Words{"/x", "1-x", "1/x", "a"}));
  EXPECT_EQ(steps_of<Become>(run_of(all[0]))[0].account.user, "1-x");
  EXPECT_EQ(losses_of(read("[Service]\nExecStart=/x\n", "a@.service")), Words{"0 %i"});
}

TEST(SystemdService, ASocketIsItsServices) {
  const std::vector<SourceFile> files = {
      {"s.socket", "[Socket]\nListenStream=80\nSocketMode=0600\nTimestamping=off\n"},
      {"s.service", "[Service]\nExecStart=/x\n"},
      {"t.timer", "[Timer]\nOnCalendar=daily\n"}};
  const auto all = read_systemd_units(files);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(has(tool_of(all[0]), "--listen-stream=80") && has(tool_of(all[0]), "--socket-mode=0600"));
  EXPECT_EQ(losses_of(all[0]), (Words{"4 Timestamping=off", "0 t.timer"}));
}

TEST(SystemdService, WithoutACommandThereIsNoRun) {
  const auto none = read("[Service]\nType=oneshot\n");
  EXPECT_FALSE(none.definition.run);
  EXPECT_EQ(losses_of(none), Words{"0 ExecStart="});
  EXPECT_FALSE(read("", "x.timer").losses.empty());
}

}  // namespace
}  // namespace kindred
