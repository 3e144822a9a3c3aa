#pragma once
// A scan directory: every directory in it is a service. Notices what comes and goes, and tells the
// supervisor.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/engine/directory_watch.h"
#include "core/engine/input_pipe.h"
#include "core/engine/supervisor.h"
#include "core/view/tree_host.h"

namespace kindred {

struct ScanOptions {
  std::string path;  ///< as the user gave it; looked up anew at each scan
  ScanRules rules;
  const Dialect* home = nullptr;             ///< null: that of each directory's family
  std::span<const Dialect* const> families;  ///< among which a directory's shape decides
  bool own_session = false;                  ///< as in GroupSpec
  /// A home that keeps nothing in service directories is seen there all the same, as without a home.
  bool seen_in_directories = false;
  /// A name in the directory, which may begin with a dot: the service there reads what this process and all
  /// services write to standard output and standard error. Empty: there is none.
  std::string log_service;
  /// A name in the directory: the service there hears by ways of its own what the others say. It has no log,
  /// and ends after all others.
  std::string last_log;
  int console = -1;  ///< its standard error, and ours when it is to end; -1: as everybody's
  /// Other supervisors have services here still, which are to be taken over from them: that is not complained of.
  bool takes_over = false;
  std::size_t most =
      SIZE_MAX;  ///< services, a log with its main counting once; what comes later is left alone
};

/// Who is told what comes and goes.
class ScanListener {
 public:
  virtual void on_supervised(std::string_view name) noexcept = 0;
  virtual void on_forgotten(std::string_view name) noexcept = 0;

 protected:
  ~ScanListener() = default;
};

class ScanDirectory final : public TreeHost, private SupervisorListener, private ReadyHandler, private Timer {
 public:
  ScanDirectory(EventLoop& loop, Supervisor& supervisor, ScanOptions options);
  ~ScanDirectory() override;
  ScanDirectory(const ScanDirectory&) = delete;
  ScanDirectory& operator=(const ScanDirectory&) = delete;

  /// The first scan, and watching from then on. A directory that is not there is waited for.
  void begin() noexcept;
  void set_listener(ScanListener* listener) { listener_ = listener; }
  /// Reads the directory now, whether it has changed or not.
  void rescan() noexcept override;
  /// Looks at the directory no more; what runs goes on, and what ends is not taken up again.
  void stop_scanning() noexcept;
  /// Takes up scanning again.
  void resume_scanning() noexcept;
  /// Ends every service, each log after its main.
  void shut_down() noexcept override { shut_down(EndLogs::AfterMain); }
  void shut_down(EndLogs logs) noexcept;
  /// KILL to every process of a service, and to its log's where `logs` says so.
  void kill(EndLogs logs) noexcept;
  /// Ends the services whose names have gone.
  void end_removed(EndLogs logs) noexcept;
  /// Takes the service (or the log that is one of its own) up as soon as that process, its supervisor until then, has
  /// ended. `done` is closed when it is supervised.
  void take_over(const DirectoryId& id, Role role, UniqueFd supervisor, UniqueFd done) noexcept;
  /// What this process says goes to the log service.
  [[nodiscard]] bool is_logged() const { return is_logged_; }

  [[nodiscard]] std::optional<TreeService> find(std::string_view name) const noexcept override;
  [[nodiscard]] std::optional<TreeService> find(const DirectoryId& id) const noexcept override;
  [[nodiscard]] std::optional<TreeService> at(std::size_t place) const noexcept override;
  [[nodiscard]] Commanded command(const DirectoryId& id, const ControlCommand& command,
                                  const Dialect* said_in) noexcept override;
  [[nodiscard]] bool let_be_empty(const DirectoryId& id, Role role) noexcept override;

  [[nodiscard]] bool shutting_down() const { return shutting_down_; }
  /// The directory that was read last.
  [[nodiscard]] std::optional<DirectoryId> identity() const { return identity_; }

 private:
  struct Entry {
    ScanEntry seen;
    const Dialect* home = nullptr;
    const Dialect* family = nullptr;
    ServiceGroup* main = nullptr;
    ServiceGroup* log = nullptr;
    std::shared_ptr<InputPipe> pipe;
    std::shared_ptr<InputPipe> all_output;  ///< it is the log service of all
    Instant main_due = Instant::never();    ///< when supervision is to be begun, or tried again
    Instant log_due = Instant::never();
    int complaint = 0;  ///< the errno that was said last
    int held = 0;       ///< how many times it has been found to be another's
    bool last_log = false;
    bool made_ahead = false;  ///< see make_ahead()
    bool gone = false;
    bool ending = false;  ///< main is to leave, and its log after it
    WallTime since;       ///< supervised
    bool began_down = false, began_once = false;

    /// It ends when all others have ended.
    [[nodiscard]] bool is_last() const { return all_output != nullptr || last_log; }
    [[nodiscard]] bool supervised() const { return main != nullptr || log != nullptr; }
  };

  /// A supervisor whose end is waited for.
  class Predecessor final : public ReadyHandler {
   public:
    void on_ready() noexcept override { scan->on_end_of(*this); }
    ScanDirectory* scan = nullptr;
    DirectoryId id;
    Role role = Role::Main;
    UniqueFd process, done;
    Watch watch;
  };

  /// Who has the process of a role; that role may be another there. Null: nobody at present.
  [[nodiscard]] static ServiceGroup* group_of(const Entry& entry, Role& role) noexcept;

  void on_retired(ServiceGroup& group) noexcept override;
  void on_ready() noexcept override;
  void on_timer() noexcept override;
  void on_end_of(Predecessor& predecessor) noexcept;
  void forget_predecessors(const Entry& entry, bool log) noexcept;

  void scan() noexcept;
  [[nodiscard]] std::optional<std::vector<ScanEntry>> read(int directory);
  void watch() noexcept;
  void apply(int directory, const std::vector<ScanEntry>& seen);
  [[nodiscard]] std::unique_ptr<Entry> make_entry(int directory, const ScanEntry& seen);
  void end(Entry& entry, EndLogs logs = EndLogs::AfterMain) noexcept;
  void end_log(Entry& entry) noexcept;
  /// The name that the service's directory had when it was deleted; empty where it was not, or none can tell.
  [[nodiscard]] static std::string last_name(const Entry& entry);
  /// Where the service's directory does not exist any more, and nothing runs that was started in it.
  void let_go(Entry& entry) noexcept;
  /// Who logs for all others ends when there is nothing left to be logged.
  void end_last() noexcept;
  /// A log that we write to may read to the end from now on.
  void turn_to_console() noexcept;
  /// From now on what we say, and what is started, is logged.
  void speak_into(const InputPipe& pipe) noexcept;
  /// Where many services are due at once another process makes the files of those that come later while we start those
  /// that come first: on a disk it is not the processes that take the time.
  void make_ahead(Instant now) noexcept;
  void make_files_of(const Entry& entry) const noexcept;
  /// Begins what is due, a limited number at a time.
  void start_due() noexcept;
  /// Those which somebody has told something that the core before us has not read.
  void start_spoken_to(Instant now, int& budget) noexcept;
  void start_due(Entry& entry, Instant now, int& budget) noexcept;
  /// Whether there are more.
  [[nodiscard]] bool start_due_in_turn(Instant now, int budget) noexcept;
  [[nodiscard]] ServiceGroup* start(Entry& entry, bool log, Instant& due) noexcept;
  /// A service's directory: who goes on has it open already.
  [[nodiscard]] Result<UniqueFd> find_or_open(int at, const char* path) noexcept;
  /// What had the service's name before is still there, and is ended first.
  [[nodiscard]] bool must_wait(const Entry& entry) const noexcept;
  /// The entry's name leads to another directory by now: that is a new service.
  void take_up_remade() noexcept;
  /// What is told of a service from its beginning on.
  void note_begin(Entry& entry, const ServiceGroup& group) noexcept;
  void rearm() noexcept;
  void drop_dead() noexcept;
  void warn(const Error& error) noexcept;
  void warn(const std::string& object, std::string_view what, std::string_view why) noexcept;
  [[nodiscard]] static TreeService describe(const Entry& entry) noexcept;

  EventLoop& loop_;
  Supervisor& supervisor_;
  ScanOptions options_;
  ScanListener* listener_ = nullptr;
  DirectoryWatch changes_;
  Watch watched_;  ///< … there
  std::vector<std::unique_ptr<Entry>> entries_;
  std::optional<DirectoryId> identity_;
  std::vector<std::unique_ptr<Predecessor>> predecessors_;
  std::vector<FdStore::Number> looked_for_;  ///< FIFOs with something in them, since this core began
  std::vector<ScanEntry> remade_;     ///< what was found in place of a service that was to be started again
  std::set<std::string> complaints_;  ///< of what has been said since the latest scan began
  std::set<std::string>
      complaints_before_;        ///< during a scan: until then; what it does not meet again is over
  std::size_t next_start_ = 0;   ///< the place of the first that the latest turn had no time for
  bool may_make_ahead_ = false;  ///< some have come for which no files have been made
  std::size_t awaited_ = 0;      ///< see end_last(): the place of one that it waits for
  Instant scan_due_ = Instant::never();
  Instant changed_at_ = Instant::never();  ///< the first change that no scan has seen
  bool scanning_ = true;
  bool shutting_down_ = false;
  bool is_logged_ = false;
  bool any_gone_ = false;  ///< some service's name has gone
  bool trouble_ = false;   ///< the directory could not be read or watched: look again by the clock
};

}  // namespace kindred
