// The program as it is installed. What needs root is passed over without it.

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

struct Outcome {
  std::string text;
  int code = -1;
};

/// `words` for a shell, behind the program's name; both outputs.
Outcome run(const std::string& words) {
  const std::string command = std::string(KINDRED_RUN " ") + words + " 2>&1";
  FILE* const pipe = ::popen(command.c_str(), "r");
  Outcome outcome;
  std::array<char, 4096> block;
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe))
    outcome.text.append(block.data(), size);
  const int status = ::pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

bool is_root() { return ::geteuid() == 0; }

TEST(RunProgram, BecomesTheProgram) {
  EXPECT_EQ(run("sh -c 'exit 7'").code, 7);
  EXPECT_EQ(run("--working-directory=/usr pwd").text, "/usr\n");
  EXPECT_EQ(run("/nonexistent/program").code, 111);
  EXPECT_EQ(run("/nonexistent/program").text,
            "kindred run: fatal: unable to run /nonexistent/program: No such file or directory\n");
  EXPECT_EQ(run("--bogus x").code, 100);
  EXPECT_EQ(run("--help").code, 0);
}

TEST(RunProgram, VariablesAreReadAndPutIn) {
  const test::TestDirectory place;
  place.write("env", "# c\nA='one two'\nB=three\n");
  EXPECT_EQ(run("--environment-file=" + place.path("env") +
                " --environment-file=-/nonexistent --expand-environment "
                "printf '<%s>' '$A' '${A}' 'x${B}y' '$$A' '$NONE'")
                .text,
            "<one><two><one two><xthreey><$A>");
  EXPECT_EQ(run("--environment-file=" + place.path("none") + " true").code, 111);
}

TEST(RunProgram, CommandsComeBefore) {
  const Outcome good = run("--exec-start-pre='/bin/echo one' --exec-start-pre=-/bin/false echo two");
  EXPECT_EQ(good.text, "one\ntwo\n");
  const Outcome bad = run("--exec-start-pre=/bin/false echo two");
  EXPECT_EQ(bad.code, 111);
  EXPECT_EQ(bad.text, "kindred run: fatal: a command before the program failed: /bin/false\n");
}

TEST(RunProgram, SocketsAreCounted) {
  const test::TestDirectory place;
  const Outcome outcome = run("--listen-stream=" + place.path("s") + " --listen-fifo=" + place.path("f") +
                              " --file-descriptor-name=a --file-descriptor-name=b sh -c "
                              "'echo $LISTEN_FDS $LISTEN_FDNAMES; test $LISTEN_PID = $$ && test -S /dev/fd/3 "
                              "&& test -p /dev/fd/4 && echo there'");
  EXPECT_EQ(outcome.text, "2 a:b\nthere\n");
}

TEST(RunProgram, NewPrivilegesAreForbidden) {
  EXPECT_EQ(run("--no-new-privileges grep NoNewPrivs /proc/self/status").text, "NoNewPrivs:\t1\n");
}

TEST(RunProgram, SystemCallsAreFiltered) {
  const Outcome outcome =
      run("--no-new-privileges --system-call-filter='~mkdir mkdirat' "
          "--system-call-error-number=EPERM mkdir /tmp/kindred-not-made");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.text.find("not permitted"), std::string::npos) << outcome.text;
  EXPECT_EQ(run("--no-new-privileges --system-call-filter=@system-service echo fine").text, "fine\n");
}

TEST(RunProgram, ItIsTheUser) {
  if (!is_root()) GTEST_SKIP() << "only root becomes another user";
  EXPECT_EQ(run("--user=daemon --group=nogroup sh -c 'id -un; id -gn; echo $USER $LOGNAME'").text,
            "daemon\nnogroup\ndaemon daemon\n");
  EXPECT_EQ(run("--user=no-such-account true").code, 111);
}

TEST(RunProgram, CapabilitiesAreBoundAndRaised) {
  if (!is_root()) GTEST_SKIP() << "only root has capabilities";
  const Outcome outcome =
      run("--user=daemon --capability-bounding-set='CAP_NET_BIND_SERVICE CAP_KILL' "
          "--ambient-capabilities=CAP_NET_BIND_SERVICE grep -E 'Cap(Eff|Bnd)' /proc/self/status");
  EXPECT_EQ(outcome.text, "CapEff:\t0000000000000400\nCapBnd:\t0000000000000420\n");
}

TEST(RunProgram, ItsRoomIsItsOwn) {
  if (!is_root()) GTEST_SKIP() << "only root has a mount namespace of its own";
  const test::TestDirectory place;
  place.make_directory("open");
  place.make_directory("shut");
  const Outcome probe = run("--read-only-paths=" + place.path("shut") + " true");
  if (probe.code != 0) GTEST_SKIP() << probe.text;
  EXPECT_NE(run("--read-only-paths=" + place.path("shut") + " touch " + place.path("shut/x")).code, 0);
  EXPECT_EQ(run("--read-only-paths=" + place.path() + " --read-write-paths=" + place.path("open") +
                " touch " + place.path("open/x"))
                .code,
            0);
  EXPECT_NE(run("--inaccessible-paths=" + place.path("open") + " test -e " + place.path("open/x")).code, 0);
  EXPECT_NE(run("--private-tmp test -e " + place.path("open/x")).code, 0);
  EXPECT_EQ(run("--private-devices sh -c 'echo x > /dev/null && ls /dev/null'").text, "/dev/null\n");
  EXPECT_NE(run("--protect-system=strict touch " + place.path("open/y")).code, 0);
  EXPECT_EQ(run("--read-only-paths=/nonexistent true").code, 111);
  EXPECT_EQ(run("--read-only-paths=-/nonexistent true").code, 0);
}

TEST(RunProgram, WhatGoesIntoTheBackgroundIsHeld) {
  const test::TestDirectory place;
  place.write_script("daemon", "( exec sh -c 'trap \"exit 9\" TERM; echo $$ > " + place.path("pid") +
                                   "; while :; do sleep 0.01; done' ) &\n"
                                   "while ! test -s " +
                                   place.path("pid") + "; do sleep 0.01; done\n");
  EXPECT_EQ(run("--type=forking --pid-file=" + place.path("pid") + " " + place.path("daemon") +
                " & while ! test -s " + place.path("pid") +
                "; do sleep 0.01; done; sleep 0.05; kill $!; wait $!; echo code $?")
                .text,
            "code 9\n");
  EXPECT_EQ(run("--type=forking true").code, 111);
  EXPECT_EQ(run("--type=forking false").code, 111);
}

/// The program's side of the protocol, run as a second life of this test.
/// As another user where it may, as daemons that give up their rights do.
int send_notice() {
  constexpr uid_t kNobody = 65534;
  if (std::getenv("AS_NOBODY") != nullptr && is_root() && ::setuid(kNobody) != 0) return 1;
  const char* const name = std::getenv("NOTIFY_SOCKET");
  const char* const text = std::getenv("NOTICE");
  if (name == nullptr || text == nullptr) return 1;
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::string_view(name).copy(address.sun_path, sizeof address.sun_path);
  address.sun_path[0] = '\0';
  const bool failed =
      ::sendto(socket, text, std::string_view(text).size(), 0, reinterpret_cast<sockaddr*>(&address),
               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)) == -1;
  if (std::getenv("AS_NOBODY") != nullptr) ::pause();
  return failed;
}

TEST(RunProgram, ReadinessIsANewlineOrAFile) {
  if (std::getenv("NOTIFY_SOCKET") != nullptr) std::exit(send_notice());
  const test::TestDirectory place;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string notify = self + " --gtest_filter=RunProgram.ReadinessIsANewlineOrAFile > /dev/null";
  const Outcome by_file = run(
      "--notify --notify-file=" + place.path("ready") + " sh -c 'NOTICE=\"READY=1\nSTATUS=well\" " + notify +
      "; while ! test -e " + place.path("ready") + "; do sleep 0.01; done; cat " + place.path("ready") + "'");
  EXPECT_EQ(by_file.text, "well\n");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(place.path("."));
  const Outcome from_here =
      run("--notify --notify-file=here --working-directory=/ sh -c 'NOTICE=READY=1 " + notify +
          "; while ! test -e " + place.path("here") + "; do sleep 0.01; done'");
  std::filesystem::current_path(before);
  EXPECT_EQ(from_here.code, 0) << from_here.text;
  const Outcome without_rights =
      run("--notify --notify-file=" + place.path("ready") + " sh -c 'AS_NOBODY=1 NOTICE=READY=1 " + notify +
          " & n=0; while ! test -e " + place.path("ready") +
          " && test $n -lt 1000; do n=$((n + 1)); sleep 0.01; done; kill $!; test $n -lt 1000'");
  EXPECT_EQ(without_rights.code, 0) << without_rights.text;
  const Outcome by_descriptor =
      run("--notify --notify-fd=4 sh -c 'exec 4>&-; NOTICE=READY=1 " + notify + "; while ! test -s " +
          place.path("line") + "; do sleep 0.01; done' 4>" + place.path("line"));
  EXPECT_EQ(by_descriptor.code, 0) << by_descriptor.text;
  EXPECT_EQ(place.read("line"), "\n");
  const Outcome beside_a_socket =
      run("--notify --notify-fd=3 --listen-stream=" + place.path("s") + " sh -c 'NOTICE=READY=1 " + notify +
          "; while ! test -s " + place.path("other") + "; do sleep 0.01; done; test -S /dev/fd/3' 3>" +
          place.path("other"));
  EXPECT_EQ(beside_a_socket.code, 0) << beside_a_socket.text;
  EXPECT_EQ(place.read("other"), "\n");
}

}  // namespace
}  // namespace kindred
