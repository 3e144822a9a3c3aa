#include "compat-nosh/chain/parse.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/core/chain/parse_words.h"

namespace kindred::nosh {
namespace {

using test::parse_words;
using Parser = ChainRequest (*)(int, char**, const Environment&);

template <class Step>
Step step(Parser parser, std::initializer_list<const char*> words, std::vector<const char*> environment = {},
          std::size_t which = 0) {
  const ChainRequest request = parse_words(parser, words, std::move(environment));
  EXPECT_EQ(request.complaint, "");
  return std::get<Step>(request.steps.at(which));
}

std::string complaint(Parser parser, std::initializer_list<const char*> words,
                      std::vector<const char*> environment = {}) {
  const ChainRequest request = parse_words(parser, words, std::move(environment));
  EXPECT_TRUE(request.misused && request.quiet_usage);
  return request.complaint;
}

TEST(Words, HelpIsAnAnswerAndTheFirstThingThatIsWrongCounts) {
  const ChainRequest help = parse_words(parse_setenv, {"setenv", "--help"});
  EXPECT_TRUE(help.is_answer && help.on_output);
  EXPECT_TRUE(help.complaint.starts_with("Usage: setenv [-?"));
  EXPECT_EQ(complaint(parse_setenv, {"/bin/setenv", "-Z"}), "setenv: FATAL: -Z: unrecognized option(s)");
  EXPECT_EQ(complaint(parse_setenv, {"setenv", "A"}), "setenv: FATAL: Missing variable value.");
  EXPECT_EQ(complaint(parse_fdmove, {"fdmove", "x", "y"}), "fdmove: FATAL: x: Not a number.");
}

TEST(Words, WhatIsLeftIsTheProgram) {
  const ChainRequest request = parse_words(parse_setenv, {"setenv", "--", "-A", "x", "prog", "-A"});
  EXPECT_EQ(std::get<SetVariable>(request.steps.at(0)).change, (VariableChange{"-A", "x"}));
  ASSERT_EQ(request.program.size(), 2U);
  EXPECT_STREQ(request.program[0], "prog");
}

TEST(Paths, GrowAtEitherEnd) {
  EXPECT_EQ(step<SetVariable>(parse_prependpath, {"prependpath", "P", "d", "x"}, {"P=a:b"}).change.value,
            "d:a:b");
  EXPECT_EQ(step<SetVariable>(parse_appendpath, {"appendpath", "P", "d", "x"}, {"P="}).change.value, ":d");
  EXPECT_EQ(step<SetVariable>(parse_appendpath, {"appendpath", "P", "d", "x"}).change.value, "d");
}

TEST(Clearenv, KeepsGroups) {
  const std::vector<const char*> environment = {"PATH=p", "HOME=h", "LC_ALL=l", "LC_OTHER=o", "odd"};
  EXPECT_EQ(step<SetEnvironment>(parse_clearenv, {"clearenv", "-hp", "x"}, environment).entries,
            (std::vector<std::string>{"PATH=p", "HOME=h"}));
  EXPECT_EQ(step<SetEnvironment>(parse_clearenv, {"clearenv", "--keep-locale", "x"}, environment).entries,
            std::vector<std::string>{"LC_ALL=l"});
}

TEST(Umask, IsReadInTheBaseThatItSays) {
  EXPECT_EQ(step<SetFileMask>(parse_umask, {"umask", "022", "x"}).mask, 022U);
  EXPECT_EQ(step<SetFileMask>(parse_umask, {"umask", "22", "x"}).mask, 22U);
  EXPECT_EQ(complaint(parse_umask, {"umask", "010000", "x"}), "umask: FATAL: 010000: Not a number.");
}

TEST(Fdredir, AppendingStaysAppending) {
  const auto flags = [](const char* option) {
    return step<OpenDescriptor>(parse_fdredir, {"fdredir", option, "1", "f", "x"}).flags & ~O_NOCTTY;
  };
  EXPECT_EQ(flags("-r"), O_RDONLY);
  EXPECT_EQ(flags("-w"), O_WRONLY | O_CREAT | O_TRUNC);
  EXPECT_EQ(flags("-x"), O_WRONLY | O_CREAT | O_EXCL);
  EXPECT_EQ(flags("-a"), O_WRONLY | O_CREAT | O_APPEND);
  EXPECT_EQ(flags("-c"), O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
  EXPECT_EQ(flags("-u"), O_RDWR | O_CREAT);
  EXPECT_EQ(flags("-d"), O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(complaint(parse_fdredir, {"fdredir", "-r", "-a", "1", "f", "x"}),
            "fdredir: FATAL: append: conflicting option");
}

TEST(Exec, NamesTheProgram) {
  EXPECT_EQ(step<NameProgram>(parse_exec, {"exec", "-l", "sh"}).name, "-sh");
  EXPECT_EQ(step<NameProgram>(parse_exec, {"exec", "-l", "-a", "zero", "sh"}).name, "-zero");
  EXPECT_TRUE(step<SetEnvironment>(parse_exec, {"exec", "-c", "sh"}, {"A=1"}).entries.empty());
  EXPECT_EQ(complaint(parse_exec, {"exec", "-l"}), "exec: FATAL: Missing next program.");
}

TEST(OomKillProtect, TakesNumbersWordsAndAVariable) {
  const auto score = [](const char* level) {
    return step<SetOomScore>(parse_oom_kill_protect, {"oom-kill-protect", "--", level, "x"}, {"oomprotect=7"})
        .score;
  };
  EXPECT_EQ(score("-1000"), -1000);
  EXPECT_EQ(score("Yes"), -1000);
  EXPECT_EQ(score("off"), 0);
  EXPECT_EQ(score("0x10"), 16);
  EXPECT_EQ(score("fromenv"), 7);
  for (const char* const level : {"1001", "x", "5x", ""})
    EXPECT_EQ(complaint(parse_oom_kill_protect, {"oom-kill-protect", level, "x"}),
              std::string("oom-kill-protect: FATAL: ") + level + ": Bad level.");
  EXPECT_EQ(complaint(parse_oom_kill_protect, {"oom-kill-protect", "fromenv", "x"}),
            "oom-kill-protect: FATAL: oomprotect: Missing environment variable.");
}

TEST(LocalReaper, TakesWordsInAnyCase) {
  EXPECT_TRUE(step<AdoptOrphans>(parse_local_reaper, {"local-reaper", "TRUE", "x"}).adopts);
  EXPECT_FALSE(step<AdoptOrphans>(parse_local_reaper, {"local-reaper", "no", "x"}).adopts);
  EXPECT_EQ(complaint(parse_local_reaper, {"local-reaper", "1", "x"}),
            "local-reaper: FATAL: 1: Bad enable setting.");
}

TEST(Unshare, TakesTheLetterForUts) {
  EXPECT_EQ(step<LeaveNamespaces>(parse_unshare, {"unshare", "-u", "x"}).kinds, CLONE_NEWUTS);
  EXPECT_EQ(step<LeaveNamespaces>(parse_unshare, {"unshare", "-mn", "--user", "x"}).kinds,
            CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUSER);
  const auto mount =
      step<SetPropagation>(parse_set_mount_object, {"set-mount-object", "-n", "slave", "/", "x"});
  EXPECT_EQ(mount.kind, static_cast<unsigned long>(MS_SLAVE));
  EXPECT_TRUE(mount.recursive);
  EXPECT_EQ(complaint(parse_set_mount_object, {"set-mount-object", "odd", "/", "x"}),
            "set-mount-object: FATAL: odd: Bad state.");
}

TEST(SetuidgidFromenv, ReadsTheVariablesOrSaysWhichIsWrong) {
  const auto ids = step<BecomeNumbers>(parse_setuidgid_fromenv, {"setuidgid-fromenv", "x"},
                                       {"UID=0x7", "GID=010", "GIDLIST=9,10,"});
  EXPECT_TRUE(ids.exact);
  EXPECT_EQ(ids.user, 7U);
  EXPECT_EQ(ids.group, 8U);
  EXPECT_EQ(ids.groups, (std::vector<gid_t>{9, 10}));
  EXPECT_FALSE(
      step<BecomeNumbers>(parse_setgid_fromenv, {"setgid-fromenv", "x"}, {"GID=1", "GIDLIST="}).groups);
  EXPECT_EQ(complaint(parse_setgid_fromenv, {"setgid-fromenv", "x"}),
            "setgid-fromenv: FATAL: GID: Missing environment variable.");
  for (const char* const list :
       {"GIDLIST=2,,3", "GIDLIST=,2", "GIDLIST=x", "GIDLIST=-1", "GIDLIST=4294967295"})
    EXPECT_NE(complaint(parse_setgid_fromenv, {"setgid-fromenv", "x"}, {"GID=1", list}), "") << list;
}

TEST(Envuidgid, TellsTheListOnlyWhereItIsAskedFor) {
  const ChainRequest without = parse_words(parse_envuidgid, {"envuidgid", "-g", "tty", "daemon", "x"});
  EXPECT_FALSE(std::get<TellAccount>(without.steps.at(0)).tells_list);
  EXPECT_EQ(std::get<TellAccount>(without.steps.at(0)).group, "tty");
  EXPECT_EQ(std::get<SetVariable>(without.steps.at(1)).change, (VariableChange{"GIDLIST", std::nullopt}));
  EXPECT_TRUE(step<TellAccount>(parse_envuidgid, {"envuidgid", "-s", "daemon", "x"}).list_has_group);
}

TEST(Limits, HaveUnitsWhereTheirBaseIsOne) {
  const auto value = [](Parser parser, const char* option, const char* text) {
    return step<ChangeLimit>(parser, {"limit", option, text, "x"}).number;
  };
  EXPECT_EQ(value(parse_softlimit, "-f", "3Ki"), 3072U);
  EXPECT_EQ(value(parse_softlimit, "-f", "5h"), 500U);
  EXPECT_EQ(value(parse_softlimit, "-t", "5h"), 18000U);
  EXPECT_EQ(value(parse_softlimit, "-o", "0x10"), 16U);
  EXPECT_EQ(value(parse_softlimit, "-c", "unlimited"), RLIM_INFINITY);
  EXPECT_EQ(value(parse_ulimit, "-f", "100"), 51200U);
  EXPECT_EQ(value(parse_ulimit, "-n", "1h"), 100U);
  EXPECT_EQ(complaint(parse_ulimit, {"ulimit", "-f", "1k", "x"}),
            "ulimit: FATAL: file-size: 1k: trailing rubbish after number");
  for (const char* const text : {"", "x", "-1", " 1", "+1", "99999999999999999999"})
    EXPECT_EQ(complaint(parse_softlimit, {"softlimit", "-o", text, "x"}),
              std::string("softlimit: FATAL: open-files: ") + text + ": not a number");
  EXPECT_EQ(complaint(parse_softlimit, {"softlimit", "-f", "99999999999E", "x"}),
            "softlimit: FATAL: file-size: 99999999999E: number too great");
}

TEST(Limits, AreSetInOneOrder) {
  const ChainRequest request =
      parse_words(parse_softlimit, {"softlimit", "-o", "1", "-d", "2", "-m", "3", "x"});
  ASSERT_EQ(request.steps.size(), 6U);
  EXPECT_EQ(std::get<ChangeLimit>(request.steps[0]).resource, static_cast<int>(RLIMIT_AS));
  EXPECT_TRUE(std::get<ChangeLimit>(request.steps[3]).clamps);
  EXPECT_EQ(std::get<ChangeLimit>(request.steps[4]).resource, static_cast<int>(RLIMIT_DATA));
  EXPECT_EQ(std::get<ChangeLimit>(request.steps[5]).resource, static_cast<int>(RLIMIT_NOFILE));
}

TEST(Ulimit, IsSoftUnlessItIsTold) {
  const auto which = [](std::initializer_list<const char*> words) {
    return step<ChangeLimit>(parse_ulimit, words).which;
  };
  EXPECT_EQ(which({"ulimit", "-n", "1", "x"}), ChangeLimit::Which::Soft);
  EXPECT_EQ(which({"ulimit", "-Hn1", "x"}), ChangeLimit::Which::Hard);
  EXPECT_EQ(which({"ulimit", "-SHn1", "x"}), ChangeLimit::Which::Both);
}

TEST(Listening, TakesItsOptions) {
  const auto tcp = step<ListenInternet>(
      parse_tcp_listen,
      {"tcp-socket-listen", "-b", "7", "-H", "--combine4and6", "--systemd-compatibility", "::", "80", "x"});
  EXPECT_EQ(tcp.host, "::");
  EXPECT_EQ(tcp.backlog, 7);
  EXPECT_TRUE(tcp.addresses.numeric_host && tcp.both_versions && tcp.passing.stacks && tcp.reuses_address);
  EXPECT_TRUE(
      step<ListenInternet>(parse_udp_listen, {"udp-socket-listen", "::", "53", "x"}).addresses.datagrams);
  EXPECT_NE(complaint(parse_udp_listen, {"udp-socket-listen", "-b", "1", "::", "53", "x"}), "");
  const auto local = step<ListenLocal>(
      parse_local_stream_listen,
      {"local-stream-socket-listen", "-u", "1", "--user", "daemon", "-m", "0600", "s", "x"});
  EXPECT_EQ(local.ownership.user, 1U);
  EXPECT_EQ(local.ownership.user_name, "daemon");
  EXPECT_EQ(local.ownership.mode, 0600U);
  EXPECT_EQ(step<ListenLocal>(parse_local_seqpacket_listen, {"l", "s", "x"}).type, SOCK_SEQPACKET);
  EXPECT_EQ(complaint(parse_netlink_listen, {"n", "no-such", "1", "x"}),
            "n: FATAL: no-such: Unknown protocol.");
  EXPECT_EQ(complaint(parse_fifo_listen, {"fifo-listen"}), "fifo-listen: FATAL: Missing FIFO name.");
}

}  // namespace
}  // namespace kindred::nosh
