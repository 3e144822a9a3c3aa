#pragma once
// One service under supervision: its machine, its processes, its views.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/engine/input_pipe.h"
#include "core/engine/process_table.h"
#include "core/engine/snapshot.h"
#include "core/service/group.h"
#include "core/service/tree_wish.h"
#include "core/sys/event_loop.h"
#include "core/sys/pid_table.h"
#include "core/sys/process_tree.h"
#include "core/sys/spawner.h"
#include "core/view/supervise_dir_view.h"

namespace kindred {

class Supervisor;
struct ProcessFacts;
struct ViewTree;

/// What wait(2) says of a process that has ended.
[[nodiscard]] ExitStatus exit_status_of(int wait_status) noexcept;

/// What supervision of a service is begun with.
struct GroupSpec {
  std::string name;                   ///< as messages call it
  const Dialect* home = nullptr;      ///< in whose supervise directory it is seen
  const Dialect* family = nullptr;    ///< for which it was written; null: the home's
  std::shared_ptr<InputPipe> input;   ///< standard input of main: it is a log service
  std::shared_ptr<InputPipe> output;  ///< standard output of main: it has a log service of its own
  void* owner = nullptr;              ///< the listener's own mark
  const char* shown = nullptr;        ///< what view trees call it, as long as it lives; null: its name
  UniqueFd directory;
  UniqueFd supervise;      ///< whence the home's supervise directory is found; none: `directory`
  int errors = -1;         ///< standard error of its processes; -1: ours
  bool log_apart = false;  ///< a directory `log` in it is a service of its own
  /// Each process is in a session that it does not lead, unless the convention has it lead one.
  bool own_session = false;
  bool begin_down = false;  ///< whatever the service's files say; an orphan keeps its want
};

/// Who has processes; the reaper's view of a group.
class ProcessOwner {
 public:
  virtual void on_exit(Role role, std::int32_t pid, ExitStatus status) noexcept = 0;
  virtual void on_stop(Role role, std::int32_t pid, bool stopped) noexcept = 0;

 protected:
  ~ProcessOwner() = default;
};

class ServiceGroup final : public ProcessOwner {
 public:
  ServiceGroup(Supervisor& supervisor, GroupSpec spec);
  ~ServiceGroup();
  ServiceGroup(const ServiceGroup&) = delete;
  ServiceGroup& operator=(const ServiceGroup&) = delete;

  [[nodiscard]] const std::string& name() const { return spec_.name; }
  /// By what name view trees show it: a log that is a service of its own below its main's.
  [[nodiscard]] std::string_view shown() const {
    return spec_.shown != nullptr ? std::string_view(spec_.shown) : std::string_view(spec_.name);
  }
  [[nodiscard]] void* owner() const { return spec_.owner; }
  [[nodiscard]] const GroupMachine& machine() const { return machine_; }
  [[nodiscard]] GroupState state() const;
  [[nodiscard]] const Dialect& home() const { return *spec_.home; }
  [[nodiscard]] const Dialect& family() const { return *spec_.family; }
  [[nodiscard]] int directory() const { return spec_.directory.get(); }
  /// Whence its supervise directory is found.
  [[nodiscard]] int place() const { return spec_.supervise ? spec_.supervise.get() : directory(); }
  /// For scripts that are started from now on; where it is found stays as it is.
  void call_it(const std::string& name);
  [[nodiscard]] const std::string& called() const { return called_ ? *called_ : spec_.name; }
  /// For scripts that are started from now on.
  void set_input(std::shared_ptr<InputPipe> input);
  void set_output(std::shared_ptr<InputPipe> output) noexcept;
  /// The log process of another group's service, which is ended after that one.
  [[nodiscard]] bool is_log_of_its_own() const {
    return spec_.input && spec_.input != spec_.output && log_end_ && log_end_->role == Role::Main;
  }
  /// Main has left, and the log reads what it said: it is told to end in good time.
  [[nodiscard]] bool log_reads_to_end() const { return log_end_ && !log_end_->due.empty(); }
  /// How many processes it may have at one time: for each role a script and a custom control script.
  [[nodiscard]] std::size_t most_processes() const { return machine_.log ? 4 : 2; }
  /// Shows the service in a view tree besides. Errors: what could not be made.
  [[nodiscard]] Status attach(ViewTree& tree);
  /// … and no more. What was made there is removed.
  void detach(const ViewTree& tree) noexcept;
  /// Whether it is for the process group of one that leads none: it is not obeyed then, in no part.
  [[nodiscard]] bool lacks_group(const ControlCommand& command) const noexcept;

 private:
  friend class Supervisor;

  /// One role's clock.
  class RoleClock final : public Timer {
   public:
    void on_timer() noexcept override { group->on_timer(role); }
    ServiceGroup* group = nullptr;
    Role role = Role::Main;
    bool begun = false;  ///< there is something to be said of this role
  };
  /// One supervise directory in which a role is seen, and its control FIFO.
  class Facade final : public ReadyHandler {
   public:
    Facade(ServiceGroup& owner, const ViewTree* where, SuperviseDirView what)
        : view(std::move(what)), tree(where), group(owner) {}
    void on_ready() noexcept override { group.drain_control(*this); }
    SuperviseDirView view;
    Watch watch;
    const ViewTree* tree;  ///< null: the home
    ServiceGroup& group;
    bool paused = false;
    // Of the commands in the FIFO, until it has been read empty:
    ControlMode mode = 0;                ///< the modifiers of the latest
    std::optional<ControlCommand> exit;  ///< one that comes last
  };
  /// The descriptor on which run says that it is ready.
  class ReadyPipe final : public ReadyHandler {
   public:
    void on_ready() noexcept override { group->on_ready_pipe(role); }
    ServiceGroup* group = nullptr;
    Role role = Role::Main;
    UniqueFd fd;
    Watch watch;
    std::size_t heard = 0;  ///< bytes that said nothing
  };
  /// A process that an earlier supervisor started: its end comes through a descriptor, or is looked for.
  class Adopted final : public ReadyHandler, public Timer {
   public:
    void on_ready() noexcept override { group->on_adopted_end(role); }
    void on_timer() noexcept override { group->look_at_adopted(role); }
    ServiceGroup* group = nullptr;
    Role role = Role::Main;
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;
    UniqueFd process;
    Watch watch;
  };
  /// What run forks away, where the service wishes that to be known; and what its head tells.
  class Tree final : public ReadyHandler {
   public:
    Tree(ServiceGroup& of, const TreeWish& its_wish) : wish(its_wish), group_(of) {}
    void on_ready() noexcept override { group_.hear_head(); }
    TreeWish wish;
    ProcessTree processes;
    UniqueFd told;
    Watch watch;

   private:
    ServiceGroup& group_;
  };
  /// A process that is being made.
  class Birth final : public ChildListener {
   public:
    Birth(ServiceGroup& of, Role its_role, Script what) : group_(of), role_(its_role), script_(what) {}
    void on_child(pid_t pid) noexcept override { group_.on_birth(role_, script_, pid); }

   private:
    ServiceGroup& group_;
    Role role_;
    Script script_;
  };
  /// The end of a log whose main leaves: it is told to end when it has read what main said.
  class LogEnd final : public Timer {
   public:
    void on_timer() noexcept override { group->end_log(); }
    ServiceGroup* group = nullptr;
    FixedVector<Action, 2> due;  ///< what tells it
    Role role = Role::Log;       ///< the log's: a log may be a group of its own
    bool keeps_pipe = false;     ///< it never sees an end of file: it has read when the pipe is empty
    int unread = 0;              ///< at the latest look
    Instant patience, limit;
  };
  /// Tries again to publish what a full disk or a lack of descriptors refused.
  class Republisher final : public Timer {
   public:
    void on_timer() noexcept override { group->flush(); }
    ServiceGroup* group = nullptr;
  };

  /// What an earlier supervisor left, of each role.
  using Left = std::array<std::optional<LeftBehind>, 2>;

  [[nodiscard]] Status open(Left& left);
  [[nodiscard]] Status begin(Left& left);
  void close() noexcept;
  void command(const ControlCommand& command) noexcept;
  void command(const ControlCommand& command, const Dialect& said_in) noexcept;
  void shut_down() noexcept;
  void let_end() noexcept;

  void on_exit(Role role, std::int32_t pid, ExitStatus status) noexcept override;
  void on_stop(Role role, std::int32_t pid, bool stopped) noexcept override;
  void on_timer(Role role) noexcept;
  void on_adopted_end(Role role) noexcept;
  void look_at_adopted(Role role) noexcept;
  /// In the child: what is asked of the service from its first instruction on finds it up.
  void on_birth(Role role, Script script, std::int32_t pid) noexcept;
  void on_ready_pipe(Role role) noexcept;

  void dispatch(Role role, Event event) noexcept;
  void dispatch(Role role, Event event, const GroupConvention& rules) noexcept;
  /// A signal, to the process or to the group that it leads.
  void send(ServiceMachine& machine, const Action& action) noexcept;
  void tell_unreachable(std::int32_t pid, int error, const char* what) noexcept;
  /// Executes in order; an answer that the machine is waiting for comes back.
  [[nodiscard]] std::optional<Event> perform(Role role, const Actions& actions) noexcept;
  [[nodiscard]] Event spawn(Role role, Script script) noexcept;
  /// The descriptors that run finds open beside its own three; `given` holds them until it is made.
  [[nodiscard]] bool give_descriptors(Role role, const Convention& rules, SpawnPlan& plan,
                                      std::array<UniqueFd, 2>& given) noexcept;
  [[nodiscard]] Event run_custom(Role role, char letter) noexcept;
  /// Standard error, where it is not ours.
  void give_errors(SpawnPlan& plan) const noexcept;
  /// Where a process of a role with these rules is put; `stays`: its service asks not to lead a session.
  [[nodiscard]] Session session(const Convention& rules, bool stays) const noexcept;
  [[nodiscard]] bool present(Role role, const ScriptRule& rule) const noexcept;
  /// By the name that the role's family gives it.
  void see_to_down_file(Role role, bool wanted) noexcept;
  void drain_control(Facade& facade) noexcept;
  void flush() noexcept;
  void flush(const GroupSnapshot& snapshot) noexcept;
  void publish(Facade& facade, const GroupSnapshot& snapshot, int& error) noexcept;
  [[nodiscard]] Status open(Facade& facade);
  [[nodiscard]] Status watch(Facade& facade) noexcept;
  /// A directory that stands for the service, in the tree of a family that keeps nothing in it.
  [[nodiscard]] Status stand_in(ViewTree& tree);
  /// Whence the log's supervise directory at home is found: a log without a directory of its own has a place
  /// in main's.
  [[nodiscard]] std::string log_place() const;
  /// Makes it, if it is that of this facade.
  [[nodiscard]] Status make_log_place(const Facade& facade) const;
  /// Links to those of its files at which clients of the tree's family look.
  [[nodiscard]] Status show_files(const ViewTree& tree, Role role, const std::string& place);
  void shut(Facade& facade) noexcept;
  /// The supervise directory has been removed under us: makes it anew, with what belongs in it.
  [[nodiscard]] bool renew(Facade& facade) noexcept;
  /// A custom control script runs for whom this FIFO's commands would be.
  [[nodiscard]] bool awaiting_custom(const Facade& facade) const noexcept;
  /// What the service's own files say of a setting, if its family has such files.
  void read_setting(Setting setting, Convention& rules) noexcept;
  /// As the service's own file says; nullopt: there is none, or it is not understood, which is told once.
  std::optional<BackOff> read_back_off() noexcept;
  std::optional<TreeWish> read_tree_wish() noexcept;
  /// Whether the service may have such files; looked for once for an end and the start that follows it.
  [[nodiscard]] bool has_own_rules(bool anew) noexcept;
  /// The text of one; what is not understood is told once.
  template <class Parse>
  auto read_own_rules(const char* file, std::span<char> room, std::uint8_t bit, const Parse& parse) noexcept
      -> decltype(parse(std::string_view()));
  /// Of a run that is about to be made: the group it is to be born into, if it is to have one, and if it wishes anything
  /// of the kind.
  [[nodiscard]] UniqueFd plan_tree(SpawnPlan& plan, Head& head) noexcept;
  [[nodiscard]] UniqueFd make_tree(const TreeWish& wish, SpawnPlan& plan, Head& head);
  /// … that has been made.
  void begin_tree(std::int32_t pid, Head head) noexcept;
  /// … that an earlier supervisor made.
  void resume_tree(const LeftBehind& left) noexcept;
  void listen_to_head(UniqueFd told) noexcept;
  void hear_head() noexcept;
  void end_tree() noexcept;
  /// What follows the end of a process: it may have left others behind.
  [[nodiscard]] Event end_of(Role role, std::int32_t pid, ExitStatus status) noexcept;
  /// Will hear of that one's end. False: it has ended, or nobody can tell.
  [[nodiscard]] bool hear_end_of_heir(std::int32_t pid, const ProcessFacts& facts) noexcept;
  /// Says that the service stays down, where its back-off says so.
  void tell_given_up(const std::optional<GroupConvention>& rules) noexcept;
  /// The rules for this event: those given, or in `own` a copy that the service's own files have changed.
  [[nodiscard]] const GroupConvention& rules_for(Role role, const Event& event, const GroupConvention& rules,
                                                 std::optional<GroupConvention>& own) noexcept;
  /// What has been announced, to those who wait in the event directories of this role.
  void tell_waiters(Role role) noexcept;
  /// The latest end of run, for the tallies.
  void count_death(Role role) noexcept;
  /// Sets up what is to be done when the log has read, and takes it out of what is done now.
  void let_log_read(bool closes, Actions& of_log) noexcept;
  void end_log() noexcept;
  void make_log_end(Role role);
  /// Tells the pipe that it writes into whether what is said now is the last.
  void note_leaving() noexcept;
  void run_notify(Role role, const char* script, const char* what, std::int32_t pid, int value) noexcept;
  [[nodiscard]] bool has_log() const noexcept;
  [[nodiscard]] bool has_file(Role role, const char* name) const noexcept;
  void settle() noexcept;
  /// Says one of the forms of the wording that have nothing but the name; an empty one is not said.
  void remark(const char* form) const noexcept;
  void warn(const Error& error) const noexcept;
  /// What is wanted of a service that begins to be supervised: its `down` file says.
  [[nodiscard]] Want wanted(Role role) const noexcept;
  /// Takes what an earlier supervisor left, and makes room for what this one is to leave.
  [[nodiscard]] std::optional<LeftBehind> take_left(Role role);
  /// The pipe to its log: the one that was left, or a new one.
  [[nodiscard]] Status find_pipe(const std::optional<LeftBehind>& main, const std::optional<LeftBehind>& log);
  /// Main's record before its first start: at rest, with the wish that it begins with.
  void show_unbegun_main() noexcept;
  void begin(Role role, std::optional<LeftBehind> left) noexcept;
  /// Its process may say by this pipe that it is ready.
  void hear_readiness(Role role, std::uint32_t pipe) noexcept;
  /// Goes on in the middle of what the core before this one did.
  void resume(Role role, LeftBehind& left) noexcept;
  /// Hears of that process's end, by whoever can tell. False: it has ended, and nobody can.
  [[nodiscard]] bool hear_end_of(Role role, std::int32_t pid, LeftBehind& left) noexcept;
  /// Likewise, of one that is not the recorded one.
  [[nodiscard]] bool hear_end_of_custom(Role role, std::int32_t pid) noexcept;
  /// Main has left, and the log is to end: what that means for it.
  void resume_end_of_log() noexcept;
  /// Who told us of the ends of processes that are not our children has died.
  void lose_keeper() noexcept;
  [[nodiscard]] bool adopt(Role role, LeftBehind& left);
  /// Into the table of processes: as the machine has it.
  void record_processes() noexcept;
  /// For who asks what happened.
  void trace(Role role, const std::optional<TraceEntry>& entry) noexcept;
  void trace(Role role, const Actions& actions, const Now& now) noexcept;
  /// … and what is about to be done for it.
  void record_image(Role role, const Actions& pending) noexcept;
  [[nodiscard]] const GroupConvention& conventions() const { return family().convention; }
  [[nodiscard]] const Convention& convention(Role role) const {
    // NOLINTNEXTLINE(bugprone-branch-clone): two members, which the check takes for one.
    return role == Role::Log ? conventions().log : conventions().main;
  }
  [[nodiscard]] const char* subdirectory(Role role) const {
    return role == Role::Log && conventions().log_is_directory ? kLogDirectory : nullptr;
  }
  /// Where the role is seen at home; null where the family shows it nowhere, or not apart.
  [[nodiscard]] Facade* home_facade(Role role) noexcept;
  [[nodiscard]] RoleClock& clock_of(Role role) { return role == Role::Log ? *log_clock_ : main_clock_; }

  static constexpr const char* kLogDirectory = "log";

  Supervisor& supervisor_;
  GroupSpec spec_;
  std::unique_ptr<std::string> called_;  ///< what its scripts are told, where it is not its name
  GroupMachine machine_;
  ProcessTable::Place records_[2] = {ProcessTable::kNone, ProcessTable::kNone};
  std::vector<std::unique_ptr<Facade>> facades_;
  std::optional<InputPipe> own_pipe_;  ///< between main and the log of this group
  RoleClock main_clock_;
  std::unique_ptr<RoleClock> log_clock_;  ///< where there is a log
  std::unique_ptr<ReadyPipe> ready_pipes_[2];
  Republisher republisher_;
  std::unique_ptr<LogEnd> log_end_;  ///< of a log that is told to end
  std::unique_ptr<Adopted> adopted_[2];
  std::unique_ptr<Tree> tree_;        ///< main's, where it wishes that
  std::int32_t keepers_[2] = {0, 0};  ///< processes of which the keeper will tell us
  /// A death that waits for a custom control script to end: the script is to find the service as it was.
  std::optional<event::Exited> held_exit_[2];
  FixedVector<Notice, 8> untold_;
  std::optional<Role> parting_;      ///< whose waiters are told when everything has been let go of
  std::uint32_t place_in_list_ = 0;  ///< the supervisor's
  int publish_error_ = 0;            ///< what the latest failure was; said once
  pid_t unreachable_ = 0;            ///< the process that could not be sent a signal, as was said
  std::uint8_t complained_ = 0;      ///< about which settings, until they are mended; a bit each
  /// Whether there is a directory for them, at the latest look; not known: none was made since the service rested.
  std::optional<bool> own_rules_;
  bool dirty_ = false;            ///< the record on disk is not the machine's
  bool shutdown_wanted_ = false;  ///< waits for a custom control script to end
  bool leaving_ = false;          ///< there is nothing left to supervise
  bool leaves_ = false;           ///< whoever reads its output has been told so
  bool draining_ = false;         ///< more commands may follow at once
  bool closed_ = false;
};

}  // namespace kindred
