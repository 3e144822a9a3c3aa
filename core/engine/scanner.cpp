#include "core/engine/scanner.h"

#include <fcntl.h>
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
#include "core/engine/core_link.h"
#include "core/engine/host.h"
#include "core/engine/messages.h"
#include "core/engine/run_directory.h"
#include "core/engine/stop_timeout.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/memory.h"
#include "core/sys/process_title.h"
#include "core/sys/socket.h"
#include "core/sys/waiting.h"

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
constexpr int kToldAtADoor = 1;               // a core's exit code: the scanner, too, is to end

std::optional<DirectoryId> identity_of(const std::string& path) {
  Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return std::nullopt;
  const Result<DirectoryId> id = identify(directory->get());
  return id ? std::optional(*id) : std::nullopt;
}

[[nodiscard]] int run_core(const ScannerOptions& options, int theirs, int ours, UniqueFd turn);

/// As who started us says; services do not hear of it.
bool takes_over() {
  static const bool said = [] {
    const bool is_set = std::getenv(kTakesOver) != nullptr;
    ::unsetenv(kTakesOver);
    return is_set;
  }();
  return said;
}

// --- the scanner's side ---

class Scanner final : public ScannerDoor {
 public:
  explicit Scanner(const ScannerOptions& options) : options_(options) {}
  ~Scanner() {
    // A core that goes on has it open, too, under this very number, and closes it when it hears that we have gone.
    if (keeper_.core() != 0) (void)core_.release();
  }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  Status find_or_start_core() {
    // Of two that start at once the second finds the core that the first has started: it listens when it lets go of this.
    Result<UniqueFd> turn = take_turn_in_run_directory(default_run_directory());
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
    return start_core(turn ? std::move(*turn) : UniqueFd{});
  }

  /// As find_or_start_core(), but what passes is waited for in stay().
  Status find_or_start_first_core() {
    // In an earlier program's place: whom others would find listening has ended.
    Status found = keeps_ && handed_over() != nullptr ? start_core(UniqueFd{}) : find_or_start_core();
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
    while ((!leaving_ || !untold_.empty()) && (core_ || !ending_ || was_killed_)) {
      if (!core_ && clock_.now().steady >= core_due_) replace_core();
      look_at_children();
      pollfd watched[] = {{signals.fd(), POLLIN, 0},
                          {core_.get(), static_cast<short>(untold_.empty() ? POLLIN : POLLIN | POLLOUT), 0},
                          {options_.watched, POLLIN, 0},
                          {options_.control, POLLIN, 0},
                          {keeper_.fd(), POLLIN, 0}};
      int time = -1;
      if (options_.on_quarter_hour) time = until_tick;
      if (options_.rescan_every.count() > 0) time = until(rescan_due);
      if (!core_) time = std::min(until(core_due_), kCoreReturns);
      const int ready = wait_for_any(watched, time);
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
        if (keeps_ && signal == upgrade_signal()) {
          upgrade();
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
        if (signal != SIGCHLD && options_.on_signal) options_.on_signal(signal, *this);
      }
      if (watched[3].revents != 0) options_.on_control(*this);
      if ((watched[1].revents & POLLOUT) != 0) tell_rest();
      if ((watched[1].revents & ~POLLOUT) != 0) core_gone();
    }
    if (keeps_) restore_standard_files();
    return code_;
  }

  Status open_signals() {
    if (keeps_) keeper_.open();
    std::vector<int> taken{SIGCHLD};
    if (keeps_) taken.push_back(upgrade_signal());
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
    end_request_ = request;
    if (options_.console >= 0)
      for (auto& [fd, saved] : standard_files_) {
        ::dup2(options_.console, fd);
        // Whoever reads there is to see the end.
        saved.reset();
      }
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
  Status start_core(UniqueFd turn) {
    Result<std::array<UniqueFd, 2>> ends = make_socket_pair();
    if (!ends) return ends.error();
    UniqueFd& ours = (*ends)[0];
    UniqueFd& theirs = (*ends)[1];
    // They are the core's, too, which speaks elsewhere where a service logs for all.
    if (keeps_ && !(options_.log_service.empty() && options_.last_log.empty()))
      for (auto& [fd, saved] : standard_files_)
        if (!saved) saved.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    // What we read may have been handed over, and would be the core's to close.
    const std::array others{ours.get(),
                            theirs.get(),
                            turn.get(),
                            standard_files_[0].saved.get(),
                            standard_files_[1].saved.get(),
                            options_.watched};
    pid_t pid = 0;
    if (keeps_) {
      const Result<pid_t> made = keeper_.make_core(signals_.original_mask(), others);
      if (!made) return made.error();
      pid = *made;
    } else if ((pid = ::fork()) < 0) {
      return error_here("start", "a core");
    } else if (pid == 0) {
      ::sigprocmask(SIG_SETMASK, &signals_.original_mask(), nullptr);
    }
    if (pid == 0) become_core(theirs.get(), ours.get(), std::move(turn));
    core_pid_ = pid;
    core_ = std::move(ours);
    if (keeps_ && keeper_.shares_descriptors()) {
      core_end_ = theirs.release();
      (void)turn.release();
    }
    return ok();
  }

  [[noreturn]] void become_core(int theirs, int ours, UniqueFd turn) const noexcept {
    if (kept() != nullptr) {
      // A scanner that is killed leaves the core and its services alone; the core hears of it.
      (void)::prctl(PR_SET_PDEATHSIG, SIGCHLD);
    } else {
      for (const int fd : {theirs, options_.console, turn.get()})
        if (fd >= 0) ::fcntl(fd, F_SETFD, 0);
      close_what_exec_closes();
      for (const int fd : {theirs, options_.console, turn.get()})
        if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      ours = -1;
    }
    // What a terminal tells its session is not for services in sessions of their own.
    if (options_.own_session) ::setsid();
    if (options_.core_errors != 2) ::dup2(options_.core_errors, 2);
    show_in_process_list(kCoreName, options_.directory.c_str());
    ::_exit(run_core(options_, theirs, ours, std::move(turn)));
  }

  void upgrade() {
    // A core that another scanner began goes on as it is.
    if (keeper_.core() == 0 && !was_killed_) return;
    close_core();
    say_not_upgraded(keeper_.upgrade(signals_.original_mask()));
    was_killed_ = true;
    core_due_ = clock_.now().steady;
  }

  void restore_standard_files() noexcept {
    for (const auto& [fd, saved] : standard_files_)
      if (saved) ::dup2(saved.get(), fd);
  }

  /// Orphans of a core of ours are told to the next; others are nobody's.
  void look_at_children() {
    if (keeps_ && (keeper_.core() != 0 || was_killed_)) {
      keeper_.look();
      if (const std::optional<int> end = keeper_.take_end()) {
        core_gone();
        if (WIFEXITED(*end) && WEXITSTATUS(*end) == kToldAtADoor) {
          end_with_core();
        } else if (WIFSIGNALED(*end)) {
          was_killed_ = true;
          core_due_ = keeper_.replace_at(clock_.now().steady);
          if (core_due_ <= clock_.now().steady) replace_core();
        }
      }
      return;
    }
    reap();
  }

  /// What one has open the other has: nobody would see the end of it.
  void close_core() {
    core_.reset();
    if (core_end_ >= 0) ::close(std::exchange(core_end_, -1));
  }

  void core_gone() {
    close_core();
    untold_.clear();
    // Not at once: a core that cannot live must not make a machine busy.
    core_due_ = clock_.now().steady + std::chrono::milliseconds(kCoreReturns);
  }

  void end_with_core() {
    ending_ = true;
    core_due_ = clock_.now().steady;
  }

  void replace_core() {
    // Of one that was killed all is open still, the socket included at which others would find it.
    const Status found = was_killed_ ? start_core(UniqueFd{}) : find_or_start_core();
    if (found && std::exchange(was_killed_, false) && ending_) tell(end_request_);
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
    int status = 0;
    while (const pid_t pid = ::waitpid(-1, &status, WNOHANG)) {
      if (pid < 0) return;
      if (pid == core_pid_ && WIFEXITED(status) && WEXITSTATUS(status) == kToldAtADoor) end_with_core();
    }
  }

  const ScannerOptions& options_;
  Signals signals_;
  SystemClock clock_;
  UniqueFd core_;
  pid_t core_pid_ = 0;                   ///< where we have started it
  Instant core_due_ = Instant::never();  ///< when one that has gone is to be replaced
  std::string untold_;                   ///< requests that it does not take at present
  int complaint_ = 0;                    ///< why there is no core, as it was said last
  bool ending_ = false;                  ///< the core is to end with its services
  bool leaving_ = false;
  char end_request_ = kEndAll;
  const bool keeps_ = !wants_no_keeper();
  Keeper keeper_;
  bool was_killed_ = false;  ///< the latest core, which was ours
  int core_end_ = -1;        ///< the other end of `core_`: the core's, and open here, too
  struct Standard {
    int fd;
    UniqueFd saved{};
  };
  std::array<Standard, 2> standard_files_{Standard{STDOUT_FILENO}, Standard{STDERR_FILENO}};
  int code_ = 0;  ///< with which run_scanner() ends
};

// --- the core's side ---

class Core {
 public:
  explicit Core(const ScannerOptions& options)
      : host_(options.home->inheritance),
        scan_(loop_, supervisor_,
              {.path = options.directory,
               .rules = options.home->scan,
               .home = options.home,
               .families = options.families,
               .own_session = options.own_session,
               .log_service = options.log_service,
               .last_log = options.last_log,
               .console = options.console,
               .takes_over = takes_over(),
               .most = options.most}),
        timeout_(loop_, scan_, options.home->scan.scanner),
        rules_(options.home->scan),
        families_(options.families),
        directory_(options.directory),
        rescan_record_(options.rescan_record != nullptr ? options.rescan_record : "") {
    listener_.core = this;
    loop_.timers().reserve(4);
  }

  /// `turn`: the scanner's, or -1. `scanners`: where it shares its descriptors with us, its own end of `scanner`.
  Status open(int scanner, int scanners, UniqueFd turn) {
    turn_ = std::move(turn);
    if (Status opened = host_.open(Host::Services::Many, {SIGTERM}, {SIGINT, SIGHUP}); !opened) return opened;
    scanners_.reserve(kMostScanners);
    add_scanner(UniqueFd(scanner));
    keepers_end_ = scanners;
    return ok();
  }

  int run() {
    // Before the first start, which may take its time: the next scanner is not to begin a second core.
    listen(identity_of(directory_));
    turn_.reset();
    host_.open_doors_asked_for(scan_, families_, [this](const Error& error) {
      say(message(rules_.warning, directory_, error, rules_.reason));
    });
    scan_.begin();
    bool told_at_a_door = false;
    while (!(supervisor_.empty() && (ending_ || live_ == 0)) && !timeout_.over()) {
      listen(scan_.identity());
      supervisor_.turn();
      if (scan_.shutting_down() && !std::exchange(ending_, true)) told_at_a_door = true;
      // Its end of the link is open here, too: that is how we hear that it has gone.
      if (supervisor_.lost_keeper() && keepers_end_ >= 0) ::close(std::exchange(keepers_end_, -1));
      const int signal = supervisor_.take_signal();
      if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) end_all();
    }
    if (Status closed = host_.close_doors(); !closed)
      say(message(rules_.warning, directory_, closed.error(), rules_.reason));
    return told_at_a_door ? kToldAtADoor : 0;
  }

 private:
  static constexpr std::size_t kMostScanners = 8;

  struct Link final : ReadyHandler {
    void on_ready() noexcept override { core->on_request(*this); }
    Core* core = nullptr;
    UniqueFd socket;
    Watch watch;
    bool has_given = false;
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
        case core_request::kGive:
          link.has_given = true;
          for (UniqueFd& file : request->files)
            if (file) supervisor_.descriptors().add(std::move(file));
          break;
        case core_request::kTakeOverMain:
          take_over(*request, Role::Main);
          break;
        case core_request::kTakeOverLog:
          take_over(*request, Role::Log);
          break;
        case 0:
          drop(link);
          return;
        default:
          break;
      }
    }
  }

  void take_over(Request& request, Role role) noexcept {
    auto& [service, supervisor, done] = request.files;
    const Result<DirectoryId> id = identify(service.get());
    if (id && supervisor) scan_.take_over(*id, role, std::move(supervisor), std::move(done));
  }

  void drop(Link& link) noexcept {
    // What it gave and nobody needed: who reads it is to see its end.
    if (link.has_given) supervisor_.descriptors().close_rest();
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
    host_.look_again();
    if (rescan_record_.empty()) return;
    std::uint8_t label[kTai64nSize];
    put_tai64n(label, 0, loop_.clock().now().wall, TaiOffset::Constant10);
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

  Host host_;
  EventLoop& loop_ = host_.loop();
  Supervisor& supervisor_ = host_.supervisor();
  ScanDirectory scan_;
  StopTimeout timeout_;
  const ScanRules& rules_;
  std::span<const Dialect* const> families_;
  std::string directory_, rescan_record_;
  Listener listener_;
  UniqueFd turn_;  ///< no other scanner looks for a core yet
  std::vector<std::unique_ptr<Link>> scanners_;
  std::size_t live_ = 0;
  int keepers_end_ = -1;
  bool ending_ = false;
};

/// The life of a core.
int run_core(const ScannerOptions& options, int theirs, int ours, UniqueFd turn) {
  Core core(options);
  if (Status opened = core.open(theirs, ours, std::move(turn)); !opened) {
    const ScanRules& rules = options.home->scan;
    say(message(rules.warning, options.directory, opened.error(), rules.reason));
    return 111;
  }
  return core.run();
}

}  // namespace

int run_scanner(const ScannerOptions& options, const std::function<int(const Error&)>& fail) {
  (void)takes_over();
  Scanner scanner(options);
  if (!take_missing_standard_descriptors()) return fail(error_here("open", "/dev/null"));
  if (Status waits = may_wait(); !waits) return fail(waits.error());
  if (Status opened = scanner.open_signals(); !opened) return fail(opened.error());
  if (options.on_begun) options.on_begun();
  if (Status found = scanner.find_or_start_first_core(); !found) return fail(found.error());
  return scanner.stay();
}

}  // namespace kindred
