#pragma once
// The supervisor: executes what machines decide. It never scans a directory; see scan_directory.h for that.
//
// Descriptors, the scarce resource: a service in its home view costs three (its directory, its control FIFO,
// its `ok`), its log process two more where it is seen apart, a log pipe one. Locks cost none.

#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/engine/input_pipe.h"
#include "core/engine/process_table.h"
#include "core/engine/script_environment.h"
#include "core/engine/service_group.h"
#include "core/engine/snapshot.h"
#include "core/keeper/keeper.h"
#include "core/sys/event_loop.h"
#include "core/sys/fd_store.h"
#include "core/sys/pid_table.h"
#include "core/sys/signals.h"
#include "core/sys/spawner.h"
#include "core/view/view_tree.h"

namespace kindred {

class SupervisorListener {
 public:
  /// The group is supervised no more; its descriptors are closed already.
  virtual void on_retired(ServiceGroup& group) noexcept = 0;

 protected:
  ~SupervisorListener() = default;
};

class Supervisor final : private ReadyHandler {
 public:
  Supervisor(EventLoop& loop, Spawner& spawner) : loop_(loop), spawner_(spawner) {}
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void set_listener(SupervisorListener* listener) { listener_ = listener; }
  /// This process supervises one service, and its standard input and output are that service's.
  void set_serves_one() { serves_one_ = true; }
  /// Hears of processes that are stopped or continued, too. An orphan that is stopped is continued.
  void set_notices_stops() { notices_stops_ = true; }
  /// `limit`: descriptors that this process may open.
  [[nodiscard]] Status open(Signals& signals, std::uint64_t limit);
  /// What the core had open in whose place this process goes on; empty where it begins.
  [[nodiscard]] FdStore& descriptors() { return descriptors_; }
  /// All services that an earlier supervisor may have left have been added.
  void all_added() noexcept;
  /// The process that kept this one has died; those that it would have told us of are watched from now on.
  [[nodiscard]] bool lost_keeper() noexcept { return std::exchange(lost_keeper_, false); }

  /// Takes a service under supervision and starts it if it is wanted. On error nothing is left behind.
  [[nodiscard]] Result<ServiceGroup*> add(GroupSpec spec);
  /// A command to one of its processes, in the words of `said_in`; null: its home's. False: a custom control
  /// script that runs for it has to end first.
  [[nodiscard]] bool command(ServiceGroup& group, const ControlCommand& command,
                             const Dialect* said_in = nullptr) noexcept;
  /// What a TERM to the supervisor of one service means.
  void shut_down(ServiceGroup& group) noexcept;
  /// Waits for the service to end by itself, and then leaves it.
  void let_end(ServiceGroup& group) noexcept;
  /// A command, to every service.
  void command_all(const ControlCommand& command) noexcept;
  /// From now on the end of this process's run leaves the service up. False: it has no such process, or its
  /// convention knows no way down from there.
  [[nodiscard]] bool let_be_empty(ServiceGroup& group, Role role = Role::Main) noexcept;
  /// shut_down() for all.
  void shut_down_all() noexcept;
  /// KILL to every process that is left.
  void kill_all() noexcept;

  /// Shows every service, and those to come, below `root` in that dialect too; what its clients ask at the
  /// tree's door, if it has one, is asked of `host`. Errors: EEXIST if it does already.
  [[nodiscard]] Status add_view(const Dialect& dialect, UniqueFd root, TreeHost* host = nullptr);
  /// … and no more. Errors: ENOENT if it does not.
  [[nodiscard]] Status remove_view(const Dialect& dialect) noexcept;
  /// A service that has left stays where it was seen, as its directory does; now it is gone for good.
  void forget(const std::string& name) noexcept;
  [[nodiscard]] const std::vector<std::unique_ptr<ViewTree>>& views() const { return views_; }

  /// Everything that is known of every service, as a value.
  [[nodiscard]] SupervisorState state() const;

  [[nodiscard]] bool empty() const { return groups_.empty(); }
  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  [[nodiscard]] const std::vector<std::unique_ptr<ServiceGroup>>& groups() const { return groups_; }

  /// One turn of the loop.
  void turn() noexcept;
  /// The latest signal that came and was not about children; 0 for none.
  [[nodiscard]] int take_signal() noexcept { return std::exchange(signal_, 0); }

 private:
  friend class ServiceGroup;
  /// The keeper, which tells of the ends of processes that cores before us made.
  class KeeperLink final : public ReadyHandler {
   public:
    explicit KeeperLink(Supervisor& supervisor) : supervisor_(supervisor) {}
    void on_ready() noexcept override { supervisor_.hear_keeper(); }
    Watch watch;

   private:
    Supervisor& supervisor_;
  };
  class ReapLater final : public Timer {
   public:
    explicit ReapLater(Supervisor& supervisor) : supervisor_(supervisor) {}
    void on_timer() noexcept override { supervisor_.reap_all(); }

   private:
    Supervisor& supervisor_;
  };
  void on_ready() noexcept override;
  [[nodiscard]] Status listen_to_keeper();
  void hear_keeper() noexcept;
  /// What the keeper has told, if it is known whose process that was.
  void take_told() noexcept;
  void look_for_keeper() noexcept;
  /// To the keeper: whoever takes signals has done what those of the turn before ask for.
  void tell_obeyed() noexcept;
  /// Takes the end of one child, -1: of any. False if none has ended.
  bool reap(pid_t which) noexcept;
  /// Takes the ends of all, now or in a moment.
  void reap_all() noexcept;
  void retire(ServiceGroup& group) noexcept;
  /// What views still show of services that went while there was no core.
  void remove_strangers() noexcept;
  /// Where control groups can be made for services that wish one; nullopt: nowhere. Looked for once.
  [[nodiscard]] const std::optional<std::string>& control_group();
  void forgo_control_groups() noexcept { control_group_ = std::make_unique<std::optional<std::string>>(); }
  [[nodiscard]] bool descriptors_left(int newest) const;
  /// Lets go of the standard input and output that it shares with a service.
  void drop_output() noexcept;

  EventLoop& loop_;
  Spawner& spawner_;
  Signals* signals_ = nullptr;
  Watch watch_;  ///< on them
  SupervisorListener* listener_ = nullptr;
  ScriptEnvironment environment_;
  PidTable pids_;
  ProcessTable processes_;
  std::optional<Now> born_;        ///< when the process was made whose pid its machine has not heard yet
  std::optional<Error> no_table_;  ///< why there is none, until it has been said
  std::vector<std::unique_ptr<ViewTree>> views_;
  std::vector<std::unique_ptr<ServiceGroup>> groups_;
  std::vector<std::unique_ptr<ServiceGroup>> retired_;  ///< they may be in a call of their own still
  std::size_t most_processes_ = 0;                      ///< that the groups may have at one time
  std::size_t heirs_ = 0;                               ///< that may stand for runs whose trees are known
  std::unique_ptr<std::optional<std::string>> control_group_;
  std::uint64_t descriptor_limit_ = 1024;
  int signal_ = 0;
  std::optional<sigset_t> taken_;  ///< in this turn
  FdStore descriptors_;
  KeeperLink keeper_link_{*this};
  ReapLater reap_later_{*this};
  Instant reap_all_due_ = Instant::long_ago();
  std::optional<Ended> told_;  ///< by the keeper, and not answered
  bool all_added_ = false;
  bool lost_keeper_ = false;
  bool serves_one_ = false;
  bool notices_stops_ = false;
};

}  // namespace kindred
