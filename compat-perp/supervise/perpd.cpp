// perpd [-a secs] [-g gid] [basedir]: supervises the directories of its base that have the sticky bit, and
// answers for them at a socket. Source: interfaces/perp.md sections 3 to 5.

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compat-perp/control_directory.h"
#include "compat-perp/convention.h"
#include "compat-perp/dialect.h"
#include "compat-perp/programs.h"
#include "compat-perp/protocol.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/host.h"
#include "core/engine/messages.h"
#include "core/engine/stop_timeout.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpd", "[-hV] [-a secs] [-g gid] [basedir]"};

/// "SEVERITY: perpd[PID]: TEXT"; information has no severity.
void tell(std::string_view severity, std::string_view text) {
  Line line(severity);
  line.add(severity.empty() ? "" : ": ").add("perpd[").add(std::to_string(known_pid())).add("]: ").add(text);
  say(line);
}

int refuse_usage(const std::string& text) {
  if (!text.empty()) tell("error", "usage error: " + text);
  print_usage(kUsage);
  return kExitUsage;
}

int give_up(const std::string& text, int code) {
  tell("error", "fatal: " + text + ": " + reason(code));
  return kExitFatal;
}

std::string count_of(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// A number that is a group's, or its name.
std::optional<gid_t> find_group(const char* text) {
  errno = 0;
  const group* found = nullptr;
  if (*text >= '1' && *text <= '8') {
    const std::optional<std::uint32_t> number = parse_number(text);
    found = number ? ::getgrgid(*number) : nullptr;
  } else {
    found = ::getgrnam(text);
  }
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

/// Answers, and says how many there are of what.
class Desk final : public PacketProtocol, public ScanListener {
 public:
  Desk(TreeHost& host, WallTime since) : protocol_(host, static_cast<std::uint32_t>(known_pid()), since) {}

  [[nodiscard]] bool is_whole(ByteView received) const noexcept override {
    return protocol_.is_whole(received);
  }
  [[nodiscard]] Answer answer(ByteView received, const Peer& peer, ByteSpan reply) noexcept override {
    return protocol_.answer(received, peer, reply);
  }
  void on_clients(std::size_t count) noexcept override { tell_clients(count); }
  void on_supervised(std::string_view name) noexcept override {
    tell({}, "activated new service: " + std::string(name));
    ++services_;
    tell_services();
  }
  void on_forgotten(std::string_view name) noexcept override {
    tell({}, "deactivating service " + std::string(name.substr(0, kLongestName)));
    --services_;
    tell_services();
  }
  void tell_services() const { tell({}, "supervising " + count_of(services_, "active service")); }
  static void tell_clients(std::size_t count) {
    tell({}, "monitoring " + count_of(count, "client connection"));
  }

 private:
  PerpProtocol protocol_;
  std::size_t services_ = 0;
};

/// Looks at the base again and again, whatever happens meanwhile.
class AutoScan final : public Timer {
 public:
  AutoScan(EventLoop& loop, ScanDirectory& scan, Duration every) : loop_(loop), scan_(scan), every_(every) {
    loop_.timers().reserve_besides(1);
    arm();
  }
  void stop() noexcept { loop_.timers().disarm(*this); }
  void on_timer() noexcept override {
    scan_.rescan();
    arm();
  }

 private:
  void arm() noexcept {
    if (every_.count() > 0) loop_.timers().arm(*this, loop_.clock().now().steady + every_);
  }

  EventLoop& loop_;
  ScanDirectory& scan_;
  const Duration every_;
};

/// Before anything was started.
bool told_to_end() {
  sigset_t waiting;
  ::sigemptyset(&waiting);
  ::sigpending(&waiting);
  return ::sigismember(&waiting, SIGTERM) == 1 || ::sigismember(&waiting, SIGINT) == 1;
}

constexpr int kTaken[] = {SIGTERM, SIGINT, SIGHUP};
/// What else would end perpd and leave its services behind is taken, and has no effect. Where it was ignored it stays
/// so, for services too: QUIT, when a shell put perpd into the background.
constexpr int kTakenUnlessIgnored[] = {SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF};

/// The whole life of perpd, from where it can be signalled.
Status supervise(const std::string& base, Duration autoscan, std::optional<gid_t> group, int control,
                 WallTime since) {
  Host host(dialect().inheritance);
  EventLoop& loop = host.loop();
  Supervisor& supervisor = host.supervisor();
  if (Status opened = host.open(Host::Services::Many, kTaken, kTakenUnlessIgnored); !opened) return opened;
  FdStore& descriptors = supervisor.descriptors();
  Result<UniqueFd> socket = open_socket(control, group, descriptors);
  if (!socket) return socket.error();
  tell({}, "starting on " + base + " ...");

  ScanOptions options;
  options.path = ".";
  options.rules = dialect().scan;
  options.home = &dialect();
  options.families = families();
  ScanDirectory scan(loop, supervisor, std::move(options));
  Desk desk(scan, since);
  scan.set_listener(&desk);
  desk.tell_services();
  Desk::tell_clients(0);
  PacketDoor door(loop, desk, {});
  if (Status opened = door.open(std::move(*socket)); !opened) return opened;
  let_clients_in(door, control, descriptors);
  AutoScan again(loop, scan, autoscan);
  host.open_doors_asked_for(scan, families(), [](const Error& error) {
    tell("warning", "failure to " + error.operation + " " + error.object + ": " + reason(error.code));
  });
  // What the core before us had is ours to end.
  if (supervisor.descriptors().resumes() || !told_to_end()) scan.begin();

  StopTimeout timeout(loop, scan, dialect().scan.scanner);
  const auto end = [&] {
    tell({}, "initiating termination...");
    // The kernel kills everything with it, and a container engine it.
    if (known_pid() == 1) timeout.arm(kStopTimeoutOfProcess1);
    again.stop();
    door.close();
  };
  scan_until_ended(host, scan, {.ending = end, .is_over = [&] { return timeout.over(); }});
  const Status closed = host.close_doors();
  tell({}, "termination complete");
  return closed;
}

}  // namespace

int perpd_main(int argc, char** argv) {
  Duration autoscan{0};
  std::optional<gid_t> group;
  Options options(argc, argv, "hVa:g:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'h':
        return print_usage(kUsage);
      case 'V':
        return print_version(kUsage);
      case 'a':
        if (const auto seconds = parse_number(options.argument()))
          autoscan = std::chrono::seconds(*seconds);
        else
          return refuse_usage("non-numeric argument for -a: " + std::string(options.argument()));
        break;
      case 'g':
        group = find_group(options.argument());
        if (!group) return refuse_usage("unknown group for -g: " + std::string(options.argument()));
        break;
      default:
        return refuse_usage(options.complaint());
    }
  const std::string base = base_operand(options.operands());
  if (base.front() != '/') return refuse_usage("base directory not an absolute path: " + base);
  if (::chdir(base.c_str()) != 0) return give_up("failure chdir() to " + base, errno);
  if (::access("/dev/null", R_OK) != 0) tell("warning", "failure opening /dev/null: " + reason(errno));
  if (!take_nothing(0)) return give_up("failure opening /dev/null", errno);
  // Whatever else came with us is no service's affair, and what was handed over is known by not being closed.
  (void)handed_over();
  close_on_exec_from(3);
  if (::setenv("PERP_BASE", base.c_str(), 1) != 0) return give_up("failure setting PERP_BASE", errno);
  const auto fail = [](const Error& error) {
    const bool locked = error.operation == "lock";
    return give_up(locked ? "failure on lock file " + error.object
                          : "failure to " + error.operation + " " + error.object,
                   error.code);
  };
  // The lock is of who is called perpd, and not of its core.
  const Result<UniqueFd> here = open_directory(AT_FDCWD, ".");
  if (!here) return fail(here.error());
  const Result<ControlDirectory> control = take_control(here->get());
  if (!control) return fail(control.error());
  const WallTime since = SystemClock().now().wall;
  std::vector<int> signals(std::begin(kTaken), std::end(kTaken));
  signals.insert(signals.end(), std::begin(kTakenUnlessIgnored), std::end(kTakenUnlessIgnored));
  return keep({.signals = signals, .title = base.c_str()}, [&] {
    const Status result = supervise(base, autoscan, group, control->directory.get(), since);
    return result ? 0 : fail(result.error());
  });
}

}  // namespace kindred::perp
