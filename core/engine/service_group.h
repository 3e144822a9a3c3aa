#pragma once
// One service under supervision: its machine, its processes, its views.

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/engine/input_pipe.h"
#include "core/engine/snapshot.h"
#include "core/service/group.h"
#include "core/sys/event_loop.h"
#include "core/sys/pid_table.h"
#include "core/view/supervise_dir_view.h"

namespace kindred {

class Supervisor;

/// What supervision of a service is begun with.
struct GroupSpec {
  std::string name;  ///< as messages call it
  UniqueFd directory;
  const Dialect* home = nullptr;
  std::shared_ptr<InputPipe> input;   ///< standard input of main: it is a log service
  std::shared_ptr<InputPipe> output;  ///< standard output of main: it has a log service of its own
  bool own_session = false;           ///< beyond what the convention says
  void* owner = nullptr;              ///< the listener's own mark
};

/// Who has processes; the reaper's view of a group.
class ProcessOwner {
 public:
  virtual void on_exit(Role role, std::int32_t pid, ExitStatus status) noexcept = 0;

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
  [[nodiscard]] void* owner() const { return spec_.owner; }
  [[nodiscard]] const GroupMachine& machine() const { return machine_; }
  [[nodiscard]] GroupState state() const;
  [[nodiscard]] const Dialect& home() const { return *spec_.home; }
  [[nodiscard]] int directory() const { return spec_.directory.get(); }
  /// How many processes it may have at one time: for each role a script and a custom control script.
  [[nodiscard]] std::size_t most_processes() const { return machine_.log ? 4 : 2; }

 private:
  friend class Supervisor;

  /// One role's clock and control door.
  class RoleDoor final : public Timer, public ReadyHandler {
   public:
    void on_timer() noexcept override { group->on_timer(role); }
    void on_ready() noexcept override { group->on_control(role); }
    ServiceGroup* group = nullptr;
    Role role = Role::Main;
    bool paused = false;
    bool begun = false;  ///< there is something to be said of this role
  };
  /// A process that an earlier supervisor started: its end comes through a descriptor.
  class Adopted final : public ReadyHandler {
   public:
    void on_ready() noexcept override { group->on_adopted_end(role); }
    ServiceGroup* group = nullptr;
    Role role = Role::Main;
    std::int32_t pid = 0;
    UniqueFd process;
  };
  /// Tries again to publish what a full disk or a lack of descriptors refused.
  class Republisher final : public Timer {
   public:
    void on_timer() noexcept override { group->flush(); }
    ServiceGroup* group = nullptr;
  };

  [[nodiscard]] Status open();
  [[nodiscard]] Status begin();
  void close() noexcept;
  void command(const ControlCommand& command) noexcept;
  void shut_down() noexcept;
  void let_end() noexcept;

  void on_exit(Role role, std::int32_t pid, ExitStatus status) noexcept override;
  void on_timer(Role role) noexcept;
  void on_control(Role role) noexcept;
  void on_adopted_end(Role role) noexcept;

  void dispatch(Role role, Event event) noexcept;
  /// Executes in order; an answer that the machine is waiting for comes back.
  [[nodiscard]] std::optional<Event> perform(Role role, const Actions& actions) noexcept;
  [[nodiscard]] Event spawn(Role role, Script script) noexcept;
  [[nodiscard]] Event run_custom(Role role, char letter) noexcept;
  [[nodiscard]] bool present(Role role, const ScriptRule& rule) const noexcept;
  void make_down_file(bool wanted) noexcept;
  void drain_control(Role role) noexcept;
  void flush() noexcept;
  /// The supervise directory has been removed under us: makes it anew, with what belongs in it.
  [[nodiscard]] bool renew(SuperviseDirView& view) noexcept;
  void settle() noexcept;
  void warn(const Error& error) const noexcept;
  /// What is wanted of a service that begins to be supervised: its `down` file says.
  [[nodiscard]] Want wanted(Role role) const noexcept;
  [[nodiscard]] std::optional<event::Adopted> orphan(SuperviseDirView& view) noexcept;
  [[nodiscard]] const Convention& convention(Role role) const {
    return role == Role::Log ? spec_.home->convention.log : spec_.home->convention.main;
  }
  [[nodiscard]] const char* subdirectory(Role role) const {
    return role == Role::Log ? kLogDirectory : nullptr;
  }
  [[nodiscard]] SuperviseDirView& view_of(Role role) { return role == Role::Log ? *log_view_ : main_view_; }
  [[nodiscard]] RoleDoor& door(Role role) { return doors_[static_cast<std::size_t>(role)]; }

  static constexpr const char* kLogDirectory = "log";

  Supervisor& supervisor_;
  GroupSpec spec_;
  GroupMachine machine_;
  SuperviseDirView main_view_;
  std::optional<SuperviseDirView> log_view_;
  std::optional<InputPipe> own_pipe_;  ///< between main and the log of this group
  RoleDoor doors_[2];
  Republisher republisher_;
  std::unique_ptr<Adopted> adopted_[2];
  /// A death that waits for a custom control script to end: the script is to find the service as it was.
  std::optional<event::Exited> held_exit_[2];
  int publish_error_ = 0;         ///< what the latest failure was; said once
  bool dirty_ = false;            ///< the record on disk is not the machine's
  bool shutdown_wanted_ = false;  ///< waits for a custom control script to end
  bool leaving_ = false;          ///< there is nothing left to supervise
  bool draining_ = false;         ///< more commands may follow at once
  bool closed_ = false;
};

}  // namespace kindred
