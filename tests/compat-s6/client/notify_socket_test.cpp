// Readiness at a socket and on a descriptor: interfaces/s6.md section 10.12.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "compat-s6/programs.h"
#include "core/sys/unique_fd.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::s6 {
namespace {

using test::Ran;

/// A datagram socket at a path in the test's directory, as systemd's.
UniqueFd bind_at(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return socket;
}

std::string next_message(int socket, int milliseconds, UniqueFd* passed = nullptr) {
  pollfd ready{socket, POLLIN, 0};
  if (::poll(&ready, 1, milliseconds) != 1) return "(none)";
  char text[512];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  iovec part{text, sizeof text};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && passed != nullptr) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    passed->reset(fd);
  }
  return size < 0 ? "(error)" : std::string(text, static_cast<std::size_t>(size));
}

/// Runs it in the test's directory, with the FIFO `told` as descriptor 5, and nothing that would keep the test waiting
/// for what is left beside the program.
Ran run(const test::TestDirectory& dir, int (*main)(int, char**), const std::vector<std::string>& words) {
  const std::string path = dir.path();
  return test::run_main(
      [path, main](int argc, char** argv) {
        if (::chdir(path.c_str()) != 0) return 98;
        const int null = ::open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (::dup2(null, 1) < 0 || ::dup2(null, 2) < 0) return 96;
        const int fd = ::open("told", O_WRONLY | O_NONBLOCK);
        if (fd >= 0 && ::dup2(fd, 5) < 0) return 97;
        if (fd >= 0 && fd != 5) ::close(fd);
        return main(argc, argv);
      },
      words);
}

class FdFromSocketTest : public ::testing::Test {
 protected:
  FdFromSocketTest() {
    EXPECT_EQ(::mkfifo(dir_.path("told").c_str(), 0600), 0);
    told_ = UniqueFd(::open(dir_.path("told").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    // What a service written for systemd does, in the one language that is always there for it.
    dir_.write(
        "service.py",
        "import os, socket, sys, array, time\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "name = os.environ['NOTIFY_SOCKET']\n"
        "s.connect('\\0' + name[1:])\n"
        "for message in sys.argv[1:]:\n"
        "    if message == 'barrier':\n"
        "        r, w = os.pipe()\n"
        "        s.sendmsg([b'BARRIER=1'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [w]))])\n"
        "        os.close(w)\n"
        "        os.read(r, 1)\n"
        "        open('passed', 'w')\n"
        "    else:\n"
        "        s.send(message.encode())\n");
  }
  [[nodiscard]] Ran serve(std::vector<std::string> options, const std::vector<std::string>& messages) const {
    options.insert(options.begin(), "s6-notify-fd-from-socket");
    for (const char* word : {"/usr/bin/python3", "service.py"}) options.emplace_back(word);
    options.insert(options.end(), messages.begin(), messages.end());
    return run(dir_, notify_fd_from_socket_main, options);
  }
  /// What the supervisor hears until nobody holds the descriptor any more.
  [[nodiscard]] std::string heard() const {
    std::string text;
    char byte = 0;
    for (;;) {
      pollfd ready{told_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 30'000) != 1) return text + "(still open)";
      if (::read(told_.get(), &byte, 1) != 1) return text;
      text += byte;
    }
  }
  test::TestDirectory dir_;
  UniqueFd told_;
};

TEST_F(FdFromSocketTest, ReadyBecomesANewline) {
  EXPECT_EQ(serve({"-3", "5"}, {"STATUS=about to\nREADY=1\nMAINPID=1"}).code, 0);
  EXPECT_EQ(heard(), "\n");
}

TEST_F(FdFromSocketTest, TheDescriptorMayBeTheDirectorysOwn) {
  dir_.write("notification-fd", "5\n");
  EXPECT_EQ(serve({"-f"}, {"READY=1"}).code, 0);
  EXPECT_EQ(heard(), "\n");
}

TEST_F(FdFromSocketTest, OtherMessagesAreNone) {
  EXPECT_EQ(serve({"-3", "5"}, {"STATUS=READY=1", "READY=0", "READY=10", "XREADY=1", ""}).code, 0);
  EXPECT_EQ(heard(), "");
}

TEST_F(FdFromSocketTest, ABarrierIsPassed) {
  EXPECT_EQ(serve({"-3", "5"}, {"barrier", "READY=1"}).code, 0);
  EXPECT_TRUE(dir_.exists("passed"));
  EXPECT_EQ(heard(), "\n");
}

TEST_F(FdFromSocketTest, NobodyListensAfterTheTime) {
  EXPECT_EQ(run(dir_, notify_fd_from_socket_main,
                {"s6-notify-fd-from-socket", "-3", "5", "-t", "1", "/bin/sh", "-c",
                 "while grep -q \"$NOTIFY_SOCKET\\$\" /proc/net/unix; do :; done"})
                .code,
            0);
  EXPECT_EQ(heard(), "");
}

TEST_F(FdFromSocketTest, RefusesWrongWordsAndNoDescriptor) {
  EXPECT_EQ(serve({"-3", "77"}, {}).code, 100);
  EXPECT_EQ(serve({}, {}).code, 100);
  EXPECT_EQ(serve({"-3", "x"}, {}).code, 100);
  EXPECT_EQ(run(dir_, notify_fd_from_socket_main, {"s6-notify-fd-from-socket", "-3", "5"}).code, 100);
  EXPECT_EQ(
      run(dir_, notify_fd_from_socket_main, {"s6-notify-fd-from-socket", "-3", "5", "/nonexistent/x"}).code,
      127);
}

class SocketFromFdTest : public ::testing::Test {
 protected:
  SocketFromFdTest() : socket_(bind_at(dir_.path("notify"))) {
    EXPECT_EQ(::setenv("NOTIFY_SOCKET", dir_.path("notify").c_str(), 1), 0);
  }
  ~SocketFromFdTest() override { ::unsetenv("NOTIFY_SOCKET"); }
  [[nodiscard]] Ran serve(std::vector<std::string> options, const char* script) const {
    options.insert(options.begin(), "s6-notify-socket-from-fd");
    for (const char* word : {"/bin/sh", "-c", script}) options.emplace_back(word);
    return run(dir_, notify_socket_from_fd_main, options);
  }
  test::TestDirectory dir_;
  UniqueFd socket_;
};

TEST_F(SocketFromFdTest, ANewlineBecomesReadyAndABarrier) {
  EXPECT_EQ(serve({}, "echo $$ >pid; echo ${NOTIFY_SOCKET-unset} >variable; echo ready >&3").code, 0);
  std::string pid = dir_.read("pid");
  EXPECT_EQ(next_message(socket_.get(), 30'000), "READY=1\nMAINPID=" + pid);
  EXPECT_EQ(dir_.read("variable"), "unset\n");
  UniqueFd barrier;
  EXPECT_EQ(next_message(socket_.get(), 30'000, &barrier), "BARRIER=1");
  EXPECT_TRUE(barrier);
}

TEST_F(SocketFromFdTest, AnotherDescriptorAndAnEndWithoutANewline) {
  EXPECT_EQ(serve({"-f", "-3", "7"}, "printf partial >&7").code, 0);
  EXPECT_EQ(serve({"-f", "-3", "7"}, "printf 'in two '>&7; echo parts >&7").code, 0);
  EXPECT_EQ(next_message(socket_.get(), 30'000).substr(0, 8), "READY=1\n");
}

TEST_F(SocketFromFdTest, WithoutASocketThereIsOnlyTheProgram) {
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(serve({}, "exit 3").code, 3);
}

TEST_F(SocketFromFdTest, RefusesWhatIsNoAddressAndWhereNobodyListens) {
  ::setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
  EXPECT_EQ(serve({}, "exit 0").code, 100);
  ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
  EXPECT_EQ(serve({}, "exit 0").code, 100);
  ::setenv("NOTIFY_SOCKET", dir_.path("none").c_str(), 1);
  EXPECT_EQ(serve({}, "exit 0").code, 111);
  EXPECT_EQ(run(dir_, notify_socket_from_fd_main, {"s6-notify-socket-from-fd", "-3"}).code, 100);
}

}  // namespace
}  // namespace kindred::s6
