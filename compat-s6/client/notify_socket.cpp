// Readiness said in one way, heard in another. Source: interfaces/s6.md section 10.12.
//
// s6-notify-fd-from-socket [-f] [-3 FD] [-t MS] PROG...: the program says READY=1 at $NOTIFY_SOCKET, the supervisor
// hears a newline on a descriptor. s6-notify-socket-from-fd [-f] [-3 FD] [-t MS] PROG...: the reverse.

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "compat-s6/client/beside.h"
#include "compat-s6/client/command_line.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/process.h"
#include "core/sys/unique_fd.h"

namespace kindred::s6 {
namespace {

constexpr const char* kVariable = "NOTIFY_SOCKET";

enum Outcome { kReady = 0, kProgramDied = 2, kTimedOut = 3 };

struct Request {
  bool detached = true;
  std::optional<std::uint32_t> fd;
  std::uint32_t limit = 0;
  std::span<char* const> program;
};

/// nullopt: wrong usage.
std::optional<Request> parse(int argc, char** argv) {
  Request request;
  Options options(argc, argv, "f3:t:", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return std::nullopt;
    if (letter == 'f') {
      request.detached = false;
      continue;
    }
    const auto number = parse_number(options.argument());
    if (!number || *number > INT32_MAX) return std::nullopt;
    if (letter == 't')
      request.limit = *number;
    else
      request.fd = number;
  }
  request.program = options.operands();
  if (request.program.empty()) return std::nullopt;
  return request;
}

/// Whether a line of the message is READY=1.
bool says_ready(std::string_view message) {
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    if (line == "READY=1") return true;
    message.remove_prefix(std::min(line.size() + 1, message.size()));
  }
  return false;
}

bool descends_from(pid_t process, pid_t ancestor) {
  constexpr int kDeepest = 64;
  for (int depth = 0; depth < kDeepest && process > 0; ++depth) {
    if (process == ancestor) return true;
    const auto facts = facts_of(process);
    if (!facts) return false;
    process = facts->parent;
  }
  return false;
}

/// Takes one message. Anybody may send them: believed are root, our own user and the program with what it started.
bool hears_ready(int socket, pid_t program) {
  std::array<char, 4096> text;
  alignas(cmsghdr) std::array<char, 1024> control;
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) return false;
  bool believed = false;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    const unsigned char* const data = CMSG_DATA(header);
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender;
      std::memcpy(&sender, data, sizeof sender);
      believed = sender.uid == 0 || sender.uid == geteuid() || descends_from(sender.pid, program);
    } else if (header->cmsg_type == SCM_RIGHTS) {
      // A barrier: its sender waits until nobody holds the descriptor any more.
      const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int descriptor;
        std::memcpy(&descriptor, data + i * sizeof descriptor, sizeof descriptor);
        close(descriptor);
      }
    }
  }
  return believed && says_ready({text.data(), static_cast<std::size_t>(size)});
}

/// Returns the exit code.
int relay_to_descriptor(int socket, pid_t program, Instant deadline, int fd) {
  const UniqueFd process = open_process(program);
  for (;;) {
    if (SystemClock().now().steady >= deadline) return kTimedOut;
    // Where no descriptor tells of its end, it is looked for now and again.
    constexpr int kLookAgain = 1000;
    const int time = poll_time(deadline);
    pollfd watched[2] = {{.fd = socket, .events = POLLIN, .revents = 0},
                         {.fd = process.get(), .events = POLLIN, .revents = 0}};
    poll(watched, 2, process || (time >= 0 && time < kLookAgain) ? time : kLookAgain);
    if ((watched[0].revents & POLLIN) != 0) {
      if (!hears_ready(socket, program)) continue;
      (void)!write(fd, "\n", 1);
      return kReady;
    }
    if (watched[1].revents != 0 || (!process && kill(program, 0) != 0 && errno == ESRCH)) return kProgramDied;
  }
}

/// At a name of the kernel's choice, which is returned as $NOTIFY_SOCKET has it.
Result<std::string> bind_anywhere(int socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof address.sun_family;
  const int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
      bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return error_here("bind", "a notification socket");
  size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return error_here("name", "the notification socket");
  constexpr std::size_t kBegin = offsetof(sockaddr_un, sun_path) + 1;
  return "@" + std::string(address.sun_path + 1, size - kBegin);
}

/// Errors: code 0 for what is no address of a local socket.
Result<UniqueFd> connect_to_notified(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = name.starts_with('@');
  if ((!is_abstract && !name.starts_with('/')) || name.size() >= sizeof address.sun_path)
    return Error{0, "invalid NOTIFY_SOCKET", ""};
  std::memcpy(address.sun_path, name.data(), name.size());
  if (is_abstract) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return error_here("connect to", name);
  return socket;
}

/// Waits until the receiver has dealt with all that was sent: it closes what comes with the message.
void pass_barrier(int socket) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  std::string text = "BARRIER=1";
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int descriptor = theirs.get();
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) return;
  theirs.reset();
  constexpr int kLongest = 5000;
  pollfd passed{.fd = ours.get(), .events = POLLIN, .revents = 0};
  while (poll(&passed, 1, kLongest) < 0 && errno == EINTR) continue;
}

/// Returns the exit code.
int relay_to_socket(int pipe, int socket, pid_t program, Instant deadline) {
  for (;;) {
    pollfd told{.fd = pipe, .events = POLLIN, .revents = 0};
    const int count = poll(&told, 1, poll_time(deadline));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return kTimedOut;
    std::array<char, 256> bytes;
    const ssize_t size = read(pipe, bytes.data(), bytes.size());
    if (size <= 0) return kProgramDied;
    if (std::memchr(bytes.data(), '\n', static_cast<std::size_t>(size)) != nullptr) break;
  }
  const std::string text = "READY=1\nMAINPID=" + std::to_string(program) + "\n";
  if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0) return kExitFatal;
  pass_barrier(socket);
  return kReady;
}

}  // namespace

int notify_fd_from_socket_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-notify-fd-from-socket";
  const auto request = parse(argc, argv);
  if (!request) return usage(kProgram, "s6-notify-fd-from-socket [ -f ] [ -3 fd ] [ -t timeout ] prog...");
  const auto fd = notification_descriptor(request->fd);
  if (!fd) return fatal(kProgram, {"no notification descriptor"}, kExitUsage);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return die(kProgram, error_here("create", "a notification socket"));
  const Result<std::string> name = bind_anywhere(socket.get());
  if (!name) return die(kProgram, name.error());

  const pid_t program = getpid();
  const Instant deadline = deadline_after(request->limit);
  const Status beside = run_beside(request->detached, [&] {
    (void)signal(SIGPIPE, SIG_IGN);
    return relay_to_descriptor(socket.get(), program, deadline, *fd);
  });
  if (!beside) return die(kProgram, beside.error());
  close(*fd);
  if (setenv(kVariable, name->c_str(), 1) != 0) return die(kProgram, error_here("set", kVariable));
  return exec_into(kProgram, request->program);
}

int notify_socket_from_fd_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-notify-socket-from-fd";
  constexpr std::uint32_t kUsualDescriptor = 3;
  const auto request = parse(argc, argv);
  if (!request) return usage(kProgram, "s6-notify-socket-from-fd [ -f ] [ -3 fd ] [ -t timeout ] prog...");
  const char* const name = getenv(kVariable);
  // Nobody wants to hear it.
  if (name == nullptr || *name == '\0') return exec_into(kProgram, request->program);
  const Result<UniqueFd> socket = connect_to_notified(name);
  if (!socket && socket.error().code == 0) return fatal(kProgram, {socket.error().operation}, kExitUsage);
  if (!socket) return die(kProgram, socket.error());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return die(kProgram, error_here("create", "a pipe"));

  const pid_t program = getpid();
  const Instant deadline = deadline_after(request->limit);
  const Status beside = run_beside(request->detached, [&] {
    // The program's end would not be seen.
    close(ends[1]);
    return relay_to_socket(ends[0], socket->get(), program, deadline);
  });
  if (!beside) return die(kProgram, beside.error());
  const int fd = static_cast<int>(request->fd.value_or(kUsualDescriptor));
  if (fd == ends[1] ? fcntl(fd, F_SETFD, 0) != 0 : dup2(ends[1], fd) < 0)
    return die(kProgram, error_here("open", "the notification descriptor"));
  unsetenv(kVariable);
  return exec_into(kProgram, request->program);
}

}  // namespace kindred::s6
