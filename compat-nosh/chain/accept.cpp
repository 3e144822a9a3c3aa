// tcp-socket-accept, local-stream-socket-accept, local-seqpacket-socket-accept: a program for each connection.
// Source: interfaces/nosh-system.md section 4.6.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "compat-nosh/chain/turns.h"
#include "core/chain/ucspi.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

enum class Kind : bool { Internet, Local };

struct Settings {
  Kind kind;
  std::string_view tool;
  const AcceptTool& words;
};

/// The connection is gone, or the network was; the next one may be well.
bool passes(int error) {
  constexpr std::array kPassing = {EINTR,    EAGAIN, ECONNABORTED, EPROTO,      ENOPROTOOPT, EHOSTDOWN,
                                   ENETDOWN, ENONET, EHOSTUNREACH, ENETUNREACH, EOPNOTSUPP,  EPERM};
  return std::ranges::find(kPassing, error) != kPassing.end();
}

/// SIGCHLD comes only while we wait; children have it as we had it.
class ChildSignal {
 public:
  ChildSignal() {
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, &mask_);
    struct sigaction action {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGCHLD, &action, &before_);
    waiting_ = mask_;
    ::sigdelset(&waiting_, SIGCHLD);
  }
  void restore() const {
    ::sigaction(SIGCHLD, &before_, nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }
  [[nodiscard]] const sigset_t* waiting() const { return &waiting_; }

 private:
  sigset_t mask_{}, waiting_{};
  struct sigaction before_ {};
};

class Acceptor {
 public:
  Acceptor(const Settings& settings, unsigned listeners, ProcessState& state)
      : settings_(settings), state_(state) {
    for (unsigned i = 0; i < listeners; ++i)
      listeners_.push_back({kFirstListener + static_cast<int>(i), POLLIN, 0});
  }

  /// Comes back only in a child, which is to become the program, and on an error.
  Status run() {
    for (;;) {
      reap();
      const bool full = running_ >= settings_.words.most;
      if (::ppoll(listeners_.data(), full ? 0 : listeners_.size(), nullptr, child_.waiting()) <= 0) continue;
      for (const pollfd& listener : listeners_) {
        if (listener.revents == 0 || running_ >= settings_.words.most) continue;
        UniqueFd connection(::accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection && !passes(errno)) return error_here("accept", "");
        if (!connection) continue;
        const pid_t child = ::fork();
        if (child == 0) return become(std::move(connection));
        if (child == -1) {
          warn(state_, error_here("fork", ""));
          continue;
        }
        ++running_;
        if (settings_.words.verbose) say(std::to_string(child) + " started " + tally());
      }
    }
  }

 private:
  [[nodiscard]] std::string tally() const {
    return std::to_string(running_) + "/" + std::to_string(settings_.words.most);
  }

  void say(const std::string& text) const { print_error({settings_.tool, ": ", text}); }

  void reap() {
    for (;;) {
      siginfo_t end{};
      if (::waitid(P_ALL, 0, &end, WEXITED | WNOHANG) == -1 || end.si_pid == 0) return;
      // A child that was there before us counts for nothing.
      running_ = std::max(running_ - 1, 0L);
      if (settings_.words.verbose)
        say(std::to_string(end.si_pid) + " ended status " + std::to_string(end.si_status) + " code " +
            std::to_string(end.si_code) + " " + tally());
    }
  }

  [[nodiscard]] Status become(UniqueFd connection) {
    child_.restore();
    // One of the two standard descriptors may be the connection already.
    const UniqueFd socket(::fcntl(connection.get(), F_DUPFD_CLOEXEC, 3));
    connection.reset();
    if (!socket) return error_here("dup", "");
    for (const pollfd& listener : listeners_) ::close(listener.fd);
    if (Status told = tell(socket.get()); !told) return told;
    if (::dup2(socket.get(), 0) == -1 || ::dup2(socket.get(), 1) == -1) return error_here("dup2", "");
    return ok();
  }

  [[nodiscard]] Status tell(int socket) {
    const std::string pid = std::to_string(::getpid());
    if (settings_.kind == Kind::Local) {
      for (const VariableChange& change : local_variables(socket, settings_.words.local_name))
        state_.change(change);
      const auto value = [&](const char* name) {
        return std::string(state_.environment.value(name).value_or(""));
      };
      if (settings_.words.verbose)
        say(pid + " " + value("UNIXLOCALPATH") + " " + value("UNIXREMOTEPATH") + " " +
            value("UNIXREMOTEPID") + " " + value("UNIXREMOTEEUID") + " " + value("UNIXREMOTEEGID"));
      return ok();
    }
    const auto ends = ends_of(socket);
    if (!ends) return ends.error();
    if (Status set = apply_options(socket, ends->remote.family(), settings_.words.stream); !set) return set;
    for (const VariableChange& change : internet_variables("TCP", *ends, settings_.words.local_name))
      state_.change(change);
    if (settings_.words.verbose)
      say(pid + " " + ends->local.host() + " " + std::to_string(ends->local.port()) + " " +
          ends->remote.host() + " " + std::to_string(ends->remote.port()));
    return ok();
  }

  const Settings& settings_;
  ProcessState& state_;
  std::vector<pollfd> listeners_;
  ChildSignal child_;
  long running_ = 0;
};

constexpr Option kAcceptOptions[] = {
    {'v', "verbose", "say who comes and goes"},
    {'c', "connection-limit", "so many at once (40)", true},
    {'l', "localname", "what the local end is called", true},
    {'k', "keepalives", "look from time to time whether the other end is there"},
    {'D', "no-delay", "send small packets at once"},
    {'o', "no-kill-IP-options", "leave IP options as they come"},
};
constexpr std::size_t kLocalOptions = 3;

constexpr Option kServerOptions[] = {
    {'v', "verbose", "say who comes and goes"},
    {'D', "no-delay", "send small packets at once"},
    {'o', "no-kill-IP-options", "leave IP options as they come"},
    {'U', "setuidgid-fromenv", "become what UID, GID and GIDLIST say, once the port is bound"},
    {'c', "connection-limit", "so many at once (40)", true},
    {'b', "backlog", "so many connections may wait", true},
    {'l', "localname", "what the local end is called", true},
    {'B', "banner", "a line that is sent first", true},
    {'O', "kill-options", "nothing"},
    {'Q', "quieter", "nothing"},
    {'q', "quiet", "nothing"},
    {'d', "delay", "nothing"},
    {'R', "no-remote-info", "nothing"},
    {'H', "no-remote-host", "nothing"},
    {'P', "no-paranoid", "nothing"},
};

ChainTurn accept(ToolTurn& words, const AcceptTool& tool, Kind kind) {
  const unsigned inherited = inherited_sockets(words.state().environment);
  for (const char* const name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
    words.state().change({name, std::nullopt});
  const Settings settings{kind, words.name(), tool};
  const Status done = Acceptor(settings, std::max(inherited, 1U), words.state()).run();
  return done ? words.go_on() : words.fail(done.error());
}

}  // namespace

constinit const std::span<const Option> TcpAcceptTool::kOptions = kAcceptOptions;
constinit const std::span<const Option> LocalAcceptTool::kOptions = {kAcceptOptions, kLocalOptions};
constinit const std::span<const Option> TcpserverTool::kOptions = kServerOptions;

void AcceptTool::read(ToolWords& words) {
  verbose = words.has("verbose");
  most = words.number("connection-limit", 1, INT_MAX).value_or(most);
  stream = {words.has("keepalives"), words.has("no-delay"), !words.has("no-kill-IP-options")};
  local_name = words.text("localname");
  words.need_program();
}

ChainTurn TcpAcceptTool::act(ToolTurn& words) const { return accept(words, *this, Kind::Internet); }

ChainTurn LocalAcceptTool::act(ToolTurn& words) const { return accept(words, *this, Kind::Local); }

void TcpserverTool::read(ToolWords& words) {
  host = words.take("listen host");
  port = words.take("listen port");
  words.need_program();
}

ChainTurn TcpserverTool::act(ToolTurn& words) const {
  std::vector<char*> program;
  const auto add = [&](const char* word) { program.push_back(words.keep(word)); };
  const auto pass = [&](const char* option) {
    if (!words.has(option)) return;
    add(("--" + std::string(option)).c_str());
    if (const char* const value = words.value(option)) add(value);
  };
  add("tcp-socket-listen");
  pass("backlog");
  add("--");
  add(host);
  add(port);
  if (words.has("setuidgid-fromenv")) add("setuidgid-fromenv");
  add("tcp-socket-accept");
  for (const char* const option :
       {"verbose", "no-delay", "no-kill-IP-options", "connection-limit", "localname"})
    pass(option);
  add("--");
  if (const char* const banner = words.value("banner")) {
    for (const char* const word : {"line-banner", "--NVT", "--", banner}) add(word);
  }
  program.insert(program.end(), words.rest().begin(), words.rest().end());
  return words.go_on(program);
}

}  // namespace kindred::nosh
