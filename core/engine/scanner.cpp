#include "core/engine/scanner.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "core/base/error_text.h"
#include "core/base/tai64n.h"
#include "core/engine/messages.h"
#include "core/engine/run_directory.h"
#include "core/engine/stop_timeout.h"
#include "core/engine/supervisor_process.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/memory.h"
#include "core/sys/socket.h"

namespace kindred {
namespace {

// The scanner's words to the core.
constexpr char kAttach = 'a';  // with standard files: this scanner is yours now
constexpr char kRescan = 'r';
constexpr char kEndAll = 'e';
constexpr char kEndAllAtOnce = 'E';
constexpr char kEndAllInTime = 'T';
constexpr char kEndRemoved = 'g';
constexpr char kEndRemovedAtOnce = 'G';

constexpr int kQuarterHour = 15 * 60 * 1000;  // milliseconds
constexpr int kCoreReturns = 1000;            // before a core that died is replaced

std::optional<DirectoryId> identity_of(const std::string& path) {
  Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return std::nullopt;
  const Result<DirectoryId> id = identify(directory->get());
  return id ? std::optional(*id) : std::nullopt;
}

// --- the scanner's side ---

class Scanner final : public ScannerDoor {
 public:
  explicit Scanner(const ScannerOptions& options) : options_(options) {}

  Status find_or_start_core() {
    // Of two that start at once the second finds the core that the first has started: it listens when it lets go of this.
    const Result<UniqueFd> turn = take_turn_in_run_directory(default_run_directory());
    const std::optional<DirectoryId> id = turn ? identity_of(options_.directory) : std::nullopt;
    if (id) {
      Result<UniqueFd> core = connect_to(turn->get(), core_socket_name(*id).c_str());
      if (core && attach(core->get())) {
        core_ = std::move(*core);
        return ok();
      }
      // There is one, and a second beside it would be worse than none.
      if (!core && core.error().code == EAGAIN) return core.error();
    }
    return start_core(turn ? turn->get() : -1);
  }

  /// As find_or_start_core(), but what passes is waited for in stay().
  Status find_or_start_first_core() {
    Status found = find_or_start_core();
    if (found || found.error().code != EAGAIN) return found;
    core_gone();
    return ok();
  }

  void rescan() noexcept override { tell(kRescan); }
  void end_removed(EndLogs logs) noexcept override {
    tell(logs == EndLogs::AtOnce ? kEndRemovedAtOnce : kEndRemoved);
  }
  void end_all(EndLogs logs) noexcept override {
    begin_end(logs == EndLogs::AtOnce ? kEndAllAtOnce : kEndAll);
  }
  void end_all_in_time() noexcept override { begin_end(kEndAllInTime); }
  void leave() noexcept override { leaving_ = true; }

  int stay() {
    Signals& signals = signals_;
    int until_tick = 0;
    release_start_up_pages();
    Instant rescan_due = clock_.now().steady + options_.rescan_every;
    while ((!leaving_ || !untold_.empty()) && (core_ || !ending_)) {
      if (!core_ && clock_.now().steady >= core_due_) replace_core();
      pollfd watched[4] = {{signals.fd(), POLLIN, 0},
                           {core_.get(), static_cast<short>(untold_.empty() ? POLLIN : POLLIN | POLLOUT), 0},
                           {options_.watched, POLLIN, 0},
                           {options_.control, POLLIN, 0}};
      int time = -1;
      if (options_.on_quarter_hour) time = until_tick;
      if (options_.rescan_every.count() > 0) time = until(rescan_due);
      if (!core_) time = kCoreReturns;
      const int ready = ::poll(watched, 4, time);
      if (ready == 0 && core_ && options_.on_quarter_hour) {
        options_.on_quarter_hour();
        until_tick = kQuarterHour;
      }
      if (options_.rescan_every.count() > 0 && clock_.now().steady >= rescan_due) {
        rescan();
        rescan_due = clock_.now().steady + options_.rescan_every;
      }
      if (ready <= 0) continue;
      if (watched[2].revents != 0) options_.on_watched();
      while (const int signal = signals.next()) {
        if (ends_process_1(signal)) {
          code_ = signal == options_.end_signal ? 111 : 0;
          end_all_in_time();
          continue;
        }
        if (signal == options_.leave_signal) return 0;
        if (signal == options_.end_signal) {
          tell(kEndAll);
          code_ = 111;
          leaving_ = true;
          break;
        }
        if (signal == options_.rescan_signal) rescan();
        if (signal == SIGCHLD)
          reap();
        else if (options_.on_signal)
          options_.on_signal(signal, *this);
      }
      if (watched[3].revents != 0) options_.on_control(*this);
      if ((watched[1].revents & POLLOUT) != 0) tell_rest();
      if ((watched[1].revents & ~POLLOUT) != 0) core_gone();
    }
    return code_;
  }

  Status open_signals() {
    std::vector<int> taken{SIGCHLD};
    for (int signal : {options_.leave_signal, options_.end_signal, options_.rescan_signal})
      if (signal != 0) taken.push_back(signal);
    taken.insert(taken.end(), options_.signals.begin(), options_.signals.end());
    for (int signal : {SIGTERM, SIGHUP})
      if (ends_process_1(signal)) taken.push_back(signal);
    constexpr int kChild = SIGCHLD;
    return signals_.open_keeping_ignored(
        taken, {}, options_.stay_ignored ? std::span(&kChild, 1) : std::span<const int>(taken));
  }

 private:
  /// With process 1 the kernel kills all others: who tells it to go has them ended first.
  [[nodiscard]] bool ends_process_1(int signal) const {
    return ::getpid() == 1 && (signal == SIGTERM || signal == SIGHUP) &&
           std::find(options_.signals.begin(), options_.signals.end(), signal) == options_.signals.end();
  }

  void begin_end(char request) noexcept {
    ending_ = true;
    if (options_.console >= 0)
      for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(options_.console, fd);
    tell(request);
  }

  /// What it cannot be told because it has gone a core that takes its place knows by itself. One that is stopped hears
  /// it when it goes on: each thing once, however often it was asked for.
  void tell(char request) noexcept {
    if (!core_ || untold_.find(request) != std::string::npos) return;
    untold_ += request;
    tell_rest();
  }

  void tell_rest() noexcept {
    while (!untold_.empty() && send_request(core_.get(), untold_.front(), false)) untold_.erase(0, 1);
    if (!untold_.empty() && errno != EAGAIN) untold_.clear();
  }

  /// The core writes to our standard error, or to what stands in for it.
  bool attach(int core) {
    if (options_.core_errors == 2) return send_request(core, kAttach, true);
    const UniqueFd kept(::fcntl(2, F_DUPFD_CLOEXEC, 3));
    ::dup2(options_.core_errors, 2);
    const bool sent = send_request(core, kAttach, true);
    ::dup2(kept.get(), 2);
    return sent;
  }

  /// `turn` stays open in the core until that listens.
  Status start_core(int turn) {
    Result<std::array<UniqueFd, 2>> ends = make_socket_pair();
    if (!ends) return ends.error();
    const int theirs = (*ends)[1].get();
    const std::string descriptor = std::to_string(theirs), most = std::to_string(options_.most),
                      console = std::to_string(options_.console), held = std::to_string(turn);
    const char* const argv[] = {kCoreProgram,
                                descriptor.c_str(),
                                options_.directory.c_str(),
                                options_.own_session ? "own-session" : "shared-session",
                                options_.rescan_record != nullptr ? options_.rescan_record : "",
                                options_.log_service.c_str(),
                                most.c_str(),
                                options_.last_log.c_str(),
                                console.c_str(),
                                held.c_str(),
                                nullptr};
    const pid_t pid = ::fork();
    if (pid < 0) return error_here("fork", "");
    if (pid == 0) {
      for (const int fd : {theirs, options_.console, turn})
        if (fd >= 0) ::fcntl(fd, F_SETFD, 0);
      // What a terminal tells its session is not for services in sessions of their own.
      if (options_.own_session) ::setsid();
      if (options_.core_errors != 2) ::dup2(options_.core_errors, 2);
      ::sigprocmask(SIG_SETMASK, &signals_.original_mask(), nullptr);
      ::execv("/proc/self/exe", const_cast<char* const*>(argv));
      become_core(static_cast<int>(std::size(argv)) - 1, const_cast<char**>(argv));
    }
    core_ = std::move((*ends)[0]);
    return ok();
  }

  /// Without /proc there is no sure way to execute ourselves again: we go on as what that would have been.
  [[noreturn]] void become_core(int argc, char** argv) const noexcept {
    close_what_exec_closes();
    ::_exit(run_core(*options_.home, options_.families, argc, argv));
  }

  void core_gone() {
    core_.reset();
    untold_.clear();
    // Not at once: a core that cannot live must not make a machine busy.
    core_due_ = clock_.now().steady + std::chrono::milliseconds(kCoreReturns);
  }

  void replace_core() {
    reap();
    const Status found = find_or_start_core();
    const int trouble = found ? 0 : found.error().code;
    // Once for each trouble, however often it is met.
    if (trouble != 0 && trouble != complaint_)
      say(message(options_.home->scan.warning, options_.directory, found.error(),
                  options_.home->scan.reason));
    complaint_ = trouble;
    if (trouble != 0) core_gone();
  }

  [[nodiscard]] int until(Instant due) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - clock_.now().steady).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
  }

  void reap() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }

  const ScannerOptions& options_;
  Signals signals_;
  SystemClock clock_;
  UniqueFd core_;
  Instant core_due_ = Instant::never();  ///< when one that has gone is to be replaced
  std::string untold_;                   ///< requests that it does not take at present
  int complaint_ = 0;                    ///< why there is no core, as it was said last
  bool ending_ = false;                  ///< the core is to end with its services
  bool leaving_ = false;
  int code_ = 0;  ///< with which run_scanner() ends
};

// --- the core's side ---

class Core {
 public:
  Core(const Dialect& home, std::span<const Dialect* const> families, std::string directory, bool own_session,
       std::string rescan_record, std::string log_service, std::size_t most, std::string last_log,
       int console)
      : scan_(loop_, supervisor_,
              {.path = directory,
               .rules = home.scan,
               .home = &home,
               .families = families,
               .own_session = own_session,
               .log_service = std::move(log_service),
               .last_log = std::move(last_log),
               .console = console,
               .most = most}),
        timeout_(loop_, scan_, home.scan.scanner),
        directory_(std::move(directory)),
        rescan_record_(std::move(rescan_record)) {
    process_.inheritance = home.inheritance;
    listener_.core = this;
    loop_.timers().reserve(4);
  }

  /// `turn`: the scanner's, or -1.
  Status open(int scanner, UniqueFd turn) {
    turn_ = std::move(turn);
    if (Status opened = process_.open(SupervisorProcess::Services::Many, {SIGTERM}, {SIGINT, SIGHUP});
        !opened)
      return opened;
    scanners_.reserve(kMostScanners);
    add_scanner(UniqueFd(scanner));
    return ok();
  }

  int run() {
    // Before the first start, which may take its time: the next scanner is not to begin a second core.
    listen(identity_of(directory_));
    turn_.reset();
    scan_.begin();
    while (!(supervisor_.empty() && (ending_ || live_ == 0)) && !timeout_.over()) {
      listen(scan_.identity());
      supervisor_.turn();
      const int signal = supervisor_.take_signal();
      if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) end_all();
    }
    return 0;
  }

 private:
  static constexpr std::size_t kMostScanners = 8;

  struct Link final : ReadyHandler {
    void on_ready() noexcept override { core->on_request(*this); }
    Core* core = nullptr;
    UniqueFd socket;
    Watch watch;
  };
  struct Listener final : ReadyHandler {
    void on_ready() noexcept override {
      if (std::optional<UniqueFd> scanner = accept_own(socket.get())) core->add_scanner(std::move(*scanner));
    }
    Core* core = nullptr;
    UniqueFd socket;
    Watch watch;
    std::optional<DirectoryId> identity;
  };

  void add_scanner(UniqueFd socket) {
    if (scanners_.size() == kMostScanners) return;
    auto link = std::make_unique<Link>();
    link->core = this;
    link->socket = std::move(socket);
    ::fcntl(link->socket.get(), F_SETFD, FD_CLOEXEC);
    Result<Watch> watched = loop_.watch(link->socket.get(), *link);
    if (!watched) return;
    link->watch = std::move(*watched);
    scanners_.push_back(std::move(link));
    ++live_;
    if (!ending_) scan_.resume_scanning();
  }

  void on_request(Link& link) noexcept {
    while (std::optional<Request> request = receive_request(link.socket.get())) {
      switch (request->what) {
        case kAttach:
          take_files(*request);
          break;
        case kRescan:
          forced_rescan();
          break;
        case kEndAll:
          end_all();
          break;
        case kEndAllAtOnce:
          end_all(EndLogs::AtOnce);
          break;
        case kEndAllInTime:
          if (!ending_) timeout_.arm(kStopTimeoutOfProcess1);
          end_all();
          break;
        case kEndRemoved:
          scan_.end_removed(EndLogs::AfterMain);
          break;
        case kEndRemovedAtOnce:
          scan_.end_removed(EndLogs::AtOnce);
          break;
        case 0:
          drop(link);
          return;
        default:
          break;
      }
    }
  }

  void drop(Link& link) noexcept {
    std::erase_if(scanners_, [&](const std::unique_ptr<Link>& each) { return each.get() == &link; });
    --live_;
    if (live_ == 0 && !ending_) scan_.stop_scanning();
  }

  /// From now on we speak where the newest scanner does: the old one's pipe may have no reader any more.
  void take_files(const Request& request) noexcept {
    for (int fd = 0; fd < (scan_.is_logged() ? 1 : 3); ++fd)
      if (request.files[static_cast<std::size_t>(fd)])
        ::dup2(request.files[static_cast<std::size_t>(fd)].get(), fd);
  }

  void forced_rescan() noexcept {
    scan_.rescan();
    if (rescan_record_.empty()) return;
    std::uint8_t label[kTai64nSize];
    put_tai64n(label, 0, process_.clock.now().wall, TaiOffset::Constant10);
    std::string text = "@";
    for (std::uint8_t byte : label) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    const std::string name = directory_ + "/" + rescan_record_;
    const UniqueFd record(
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644));
    struct stat st;
    if (record && ::fstat(record.get(), &st) == 0 && S_ISREG(st.st_mode) && ::ftruncate(record.get(), 0) == 0)
      (void)write_all(record.get(), text);
  }

  void end_all(EndLogs logs = EndLogs::AfterMain) noexcept {
    if (ending_ && logs == EndLogs::AfterMain) return;
    ending_ = true;
    scan_.shut_down(logs);
  }

  /// Where the next scanner of this directory finds us. Without it we supervise as well, only not for that
  /// one.
  void listen(const std::optional<DirectoryId>& identity) noexcept {
    if (live_ == 0 && listener_.socket) return;
    if (!identity || identity == listener_.identity) return;
    listener_.identity = identity;
    listener_.watch.end();
    Result<UniqueFd> run_directory = open_run_directory(default_run_directory());
    if (!run_directory) return;
    Result<UniqueFd> socket = listen_at(run_directory->get(), core_socket_name(*identity).c_str());
    if (!socket) return;
    listener_.socket = std::move(*socket);
    if (Result<Watch> watched = loop_.watch(listener_.socket.get(), listener_))
      listener_.watch = std::move(*watched);
  }

  SupervisorProcess process_;
  EventLoop& loop_ = process_.loop;
  Supervisor& supervisor_ = process_.supervisor;
  ScanDirectory scan_;
  StopTimeout timeout_;
  std::string directory_, rescan_record_;
  Listener listener_;
  UniqueFd turn_;  ///< no other scanner looks for a core yet
  std::vector<std::unique_ptr<Link>> scanners_;
  std::size_t live_ = 0;
  bool ending_ = false;
};

}  // namespace

int run_scanner(const ScannerOptions& options, const std::function<int(const Error&)>& fail) {
  Scanner scanner(options);
  if (!take_missing_standard_descriptors()) return fail(error_here("open", "/dev/null"));
  if (Status opened = scanner.open_signals(); !opened) return fail(opened.error());
  if (options.on_begun) options.on_begun();
  if (Status found = scanner.find_or_start_first_core(); !found) return fail(found.error());
  return scanner.stay();
}

int run_core(const Dialect& home, std::span<const Dialect* const> families, int argc, char** argv) {
  if (argc != 10) return 100;
  ::prctl(PR_SET_NAME, kCoreProgram);
  const int scanner = std::atoi(argv[1]);
  const int console = std::atoi(argv[8]), turn = std::atoi(argv[9]);
  for (const int fd : {scanner, console, turn})
    if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  Core core(home, families, argv[2], std::string_view(argv[3]) == "own-session", argv[4], argv[5],
            std::strtoull(argv[6], nullptr, 10), argv[7], console);
  if (Status opened = core.open(scanner, UniqueFd(turn)); !opened) {
    say(message(home.scan.warning, argv[2], opened.error(), home.scan.reason));
    return 111;
  }
  return core.run();
}

}  // namespace kindred
