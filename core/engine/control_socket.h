#pragma once
// The door of a host: RUNDIR/control.sock, for `kindred control` of the same user, or root.
//
//   request  one message: a verb, a blank, its argument; at most 1,024 bytes     "views runit,s6"
//   answer   one message: "ok", or why it was not done
//
// Whoever connects and says nothing is in nobody's way; there is room for sixteen.

#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/sys/event_loop.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class ControlSocket final : private ReadyHandler {
 public:
  /// Does what is asked; what it returns is the answer.
  using Handler = std::function<std::string(std::string_view request)>;

  ControlSocket(EventLoop& loop, Handler handler) : loop_(loop), handler_(std::move(handler)) {}
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  [[nodiscard]] Status open(const std::string& run_directory);

 private:
  class Client final : public ReadyHandler {
   public:
    void on_ready() noexcept override { door->serve(*this); }
    ControlSocket* door = nullptr;
    UniqueFd socket;
    Watch watch;
  };

  void on_ready() noexcept override;
  void serve(Client& client) noexcept;

  EventLoop& loop_;
  Handler handler_;
  UniqueFd listener_;
  Watch watch_;
  std::list<Client> clients_;  ///< the longest there first
};

/// A client's side: sends the request and waits for the answer. Errors: what kept it from being asked.
[[nodiscard]] Result<std::string> ask_host(const std::string& run_directory, std::string_view request);

}  // namespace kindred
