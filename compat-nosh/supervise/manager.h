#pragma once
// The manager: supervises what loaders ask it to. It knows services by the device and inode of their
// supervise directories, and finds none by itself. Source: interfaces/nosh.md sections 7 and 9.
//
// A pipe belongs to the service that reads it: it is made once, on request, and stays as long as the service
// is loaded. Producers are plumbed into it; when its reader is unloaded they get the manager's own output
// again.

#include <memory>
#include <vector>

#include "compat-nosh/manager_socket.h"
#include "compat-nosh/supervise/ledger.h"
#include "core/engine/supervisor.h"

namespace kindred::nosh {

class Manager final : private SupervisorListener, private RequestHandler, private Timer {
 public:
  /// Sockets stay the caller's.
  Manager(EventLoop& loop, Supervisor& supervisor, std::vector<int> sockets);
  ~Manager() override;
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Takes up what the core before this one had loaded, where there was one.
  [[nodiscard]] Status open();
  /// Brings down and unloads all that is loaded now; what takes too long is killed.
  void shut_down() noexcept;
  /// shut_down() has been called, and nothing is loaded.
  [[nodiscard]] bool over() const { return ending_ && loaded_.empty(); }

 private:
  struct Loaded;

  /// All sockets: whatever is ready, each of them is read until it is empty.
  class Door final : public ReadyHandler {
   public:
    explicit Door(Manager& manager) : manager_(manager) {}
    void on_ready() noexcept override { manager_.read_requests(); }

   private:
    Manager& manager_;
  };

  void on_retired(ServiceGroup& group) noexcept override;
  /// What was asked to end, and has not ended in time, is killed.
  void on_timer() noexcept override;
  void tell_how_many() const;
  void read_requests() noexcept;
  void obey(Datagram& datagram) noexcept override;
  void load(Datagram& datagram);
  void load(LedgerEntry what, UniqueFd supervise, UniqueFd service, std::shared_ptr<InputPipe> input,
            std::shared_ptr<InputPipe> output);
  void take_up();
  void begin_ledger();
  void note(const Loaded& loaded);
  void end_in_time() noexcept;
  void make_pipe(Loaded& loaded);
  void plumb(Loaded& producer, const Loaded& consumer);
  void activate_by_input(Loaded& loaded);
  /// Null where the descriptor's directory is not loaded.
  [[nodiscard]] Loaded* find(const UniqueFd& descriptor) noexcept;

  EventLoop& loop_;
  Supervisor& supervisor_;
  std::vector<int> sockets_;
  Door door_{*this};
  std::vector<Watch> watches_;
  std::vector<std::unique_ptr<Loaded>> loaded_;
  Ledger ledger_;
  bool ending_ = false;
};

}  // namespace kindred::nosh
