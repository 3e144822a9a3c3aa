#include "core/run/notify_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestMessage = 4096;

/// The line in one write, so that whoever reads it sees a whole one.
void say(std::string_view text) { print_error({"kindred run: ", text}); }

class Relay {
 public:
  Relay(UniqueFd socket, const NotifyRelay& rules, pid_t main)
      : socket_(std::move(socket)), rules_(rules), main_(main) {
    // Without one, whether it lives is asked once a second.
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, main, 0)));
  }

  void run() {
    remember_life();
    while (is_alive()) {
      pollfd watched[] = {{socket_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}};
      if (::poll(watched, process_ ? 2 : 1, timeout()) == -1 && errno != EINTR) break;
      if ((watched[0].revents & POLLIN) != 0) take_message();
      if (process_ && watched[1].revents != 0) break;
      end_if_silent();
    }
    forget_readiness();
  }

 private:
  [[nodiscard]] bool is_alive() const { return ::kill(main_, 0) == 0 || errno == EPERM; }
  void remember_life() {
    if (rules_.watchdog) silent_at_ = SystemClock().now().steady + *rules_.watchdog;
  }
  [[nodiscard]] int timeout() const {
    constexpr int kSecond = 1000;
    const int look = process_ ? -1 : kSecond;
    if (!ready_ || !rules_.watchdog) return look;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(silent_at_ - SystemClock().now().steady).count();
    const int until = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3600 * kSecond));
    return look == -1 ? until : std::min(look, until);
  }
  void end_if_silent() {
    if (!ready_ || !rules_.watchdog || SystemClock().now().steady < silent_at_) return;
    say("the service is silent: it is ended");
    static_cast<void>(::kill(main_, SIGABRT));
    remember_life();
  }

  void take_message();
  void obey(const Notice& notice);
  void tell_readiness();
  void write_file();
  void forget_readiness() {
    if (!rules_.ready_file.empty()) static_cast<void>(::unlink(rules_.ready_file.c_str()));
  }

  UniqueFd socket_, process_;
  NotifyRelay rules_;
  pid_t main_;
  bool ready_ = false;
  std::string status_;
  Instant silent_at_ = Instant::never();
};

/// Whether it is that process, or one of those that it and its children have started.
bool descends_from(pid_t pid, pid_t ancestor) {
  constexpr int kDeepest = 64;
  for (int depth = 0; pid > 1 && depth < kDeepest; ++depth) {
    if (pid == ancestor) return true;
    const std::optional<ProcessFacts> facts = facts_of_any(pid);
    if (!facts) return false;
    pid = facts->parent;
  }
  return false;
}

/// Of a sender that the service, or its own user, or root, is: a service that gives up its rights is another user then. Descriptors that come along are closed.
void Relay::take_message() {
  std::array<char, kLongestMessage> text;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int) * 253)> extra;
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = extra.data();
  message.msg_controllen = extra.size();
  const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) return;
  bool known = false;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender;
      std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
      known = sender.uid == 0 || sender.uid == rules_.user || descends_from(sender.pid, main_);
    } else if (header->cmsg_type == SCM_RIGHTS) {
      const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int descriptor;
        std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
        ::close(descriptor);
      }
    }
  }
  if (known && (message.msg_flags & MSG_TRUNC) == 0)
    obey(parse_notice({text.data(), static_cast<std::size_t>(size)}));
}

void Relay::obey(const Notice& notice) {
  remember_life();
  if (notice.status) status_ = *notice.status;
  if (notice.ready) tell_readiness();
  if (notice.stopping && ready_) {
    ready_ = false;
    forget_readiness();
  } else if (ready_ && notice.status) {
    write_file();
  }
  if (notice.watchdog_triggered) static_cast<void>(::kill(main_, SIGABRT));
}

void Relay::tell_readiness() {
  if (ready_) return;
  ready_ = true;
  write_file();
  if (!rules_.ready_descriptor) return;
  static_cast<void>(write_all(*rules_.ready_descriptor, "\n"));
  ::close(*rules_.ready_descriptor);
  rules_.ready_descriptor = std::nullopt;
}

void Relay::write_file() {
  if (rules_.ready_file.empty()) return;
  const std::string text = status_ + "\n";
  const std::string temporary = rules_.ready_file + ".new";
  const int code = replace_file(AT_FDCWD, temporary.c_str(), rules_.ready_file.c_str(),
                                {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, 0644);
  if (code != 0) say("unable to write " + rules_.ready_file + ": " + system_error_text(code));
}

/// Nothing of what the service has stays open here, but for its error output and what is used.
void close_others(int socket, std::optional<int> ready) {
  const long most = ::sysconf(_SC_OPEN_MAX);
  for (int descriptor = 0; descriptor < std::min(most, 65536L); ++descriptor)
    if (descriptor != 2 && descriptor != socket && descriptor != ready) ::close(descriptor);
}

[[noreturn]] void become_relay(UniqueFd socket, const NotifyRelay& rules, pid_t main) {
  ::setsid();
  static_cast<void>(::chdir("/"));
  ::signal(SIGPIPE, SIG_IGN);
  close_others(socket.get(), rules.ready_descriptor);
  Relay(std::move(socket), rules, main).run();
  ::_exit(0);
}

}  // namespace

Notice parse_notice(std::string_view datagram) {
  Notice notice;
  while (!datagram.empty()) {
    const std::string_view line = datagram.substr(0, datagram.find('\n'));
    datagram.remove_prefix(std::min(datagram.size(), line.size() + 1));
    constexpr std::string_view kStatus = "STATUS=";
    if (line == "READY=1") notice.ready = true;
    if (line == "STOPPING=1") notice.stopping = true;
    if (line == "RELOADING=1") notice.reloading = true;
    if (line == "WATCHDOG=1") notice.alive = true;
    if (line == "WATCHDOG=trigger") notice.watchdog_triggered = true;
    if (line.starts_with(kStatus)) notice.status = std::string(line.substr(kStatus.size()));
  }
  return notice;
}

Result<UniqueFd> open_notify_socket(std::string& name) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return error_here("make", "a socket");
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
    return error_here("set up", "a socket");
  // Not in the file system, which the service may see another way.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address.sun_family) == -1)
    return error_here("bind", "a socket");
  socklen_t length = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) == -1)
    return error_here("name", "a socket");
  name = "@" + std::string(address.sun_path + 1, length - offsetof(sockaddr_un, sun_path) - 1);
  return socket;
}

Status start_notify_relay(UniqueFd socket, const NotifyRelay& relay) {
  const pid_t main = ::getpid();
  if (!relay.ready_file.empty()) static_cast<void>(::unlink(relay.ready_file.c_str()));
  const pid_t between = ::fork();
  if (between == -1) return error_here("fork", "");
  if (between == 0) {
    const pid_t child = ::fork();
    if (child == 0) become_relay(std::move(socket), relay, main);
    ::_exit(child == -1 ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(between, &status, 0) == -1 && errno == EINTR) continue;
  if (status != 0) return error_here("fork", "", EAGAIN);
  if (relay.ready_descriptor) ::close(*relay.ready_descriptor);
  return ok();
}

}  // namespace kindred
