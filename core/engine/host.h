#pragma once
// One process that supervises, and what it has around its tenant, who decides which services there are: a scan directory,
// a manager that is asked, or one service.

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/engine/control_socket.h"
#include "core/engine/scan_directory.h"
#include "core/engine/supervisor.h"
#include "core/engine/view_trees.h"
#include "core/sys/clock.h"
#include "core/sys/event_loop.h"
#include "core/sys/signals.h"
#include "core/sys/spawner.h"

namespace kindred {

inline constexpr const char* kViewsVariable = "KINDRED_VIEWS";

class Host {
 public:
  /// `inheritance`: of the signals that we were started with ignored or blocked.
  explicit Host(const SignalInheritance& inheritance = {}) : inheritance_(inheritance) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] EventLoop& loop() { return loop_; }
  [[nodiscard]] Supervisor& supervisor() { return supervisor_; }

  /// One service needs few descriptors; for many the limit is raised, and services get back what it was.
  enum class Services : std::uint8_t { One, Many };

  /// Call before any other descriptor is opened: what is open now is what services inherit. SIGCHLD is taken
  /// in any case.
  [[nodiscard]] Status open(Services services, std::span<const int> always,
                            std::span<const int> unless_ignored);
  [[nodiscard]] Status open(Services services, std::initializer_list<int> always,
                            std::initializer_list<int> unless_ignored) {
    return open(services, std::span(always.begin(), always.size()),
                std::span(unless_ignored.begin(), unless_ignored.size()));
  }

  /// Takes the run directory for its own, listens there to `kindred control`, and shows the tenant's services in these
  /// view trees below it; who goes on in another's place shows what that one did. The tenant lives longer. Errors: EAGAIN,
  /// operation "lock", where the directory is another's.
  [[nodiscard]] Status open_doors(TreeHost& tenant, std::span<const Dialect* const> families,
                                  const std::string& run_directory, std::span<const Dialect* const> views);
  /// Likewise where the environment says so: kViewsVariable is a list of families, "all" or "none", and is not for services.
  /// What cannot be had is told to `warn`, and services are supervised all the same.
  void open_doors_asked_for(TreeHost& tenant, std::span<const Dialect* const> families,
                            const std::function<void(const Error&)>& warn);
  /// To be called when a scan was asked for.
  void look_again() noexcept;
  /// What was shown is removed. Call when there is no service any more.
  [[nodiscard]] Status close_doors();

 private:
  [[nodiscard]] std::string obey(std::string_view request);

  SystemClock clock_;
  Signals signals_;
  SystemSpawner spawner_;
  EventLoop loop_{clock_};
  Supervisor supervisor_{loop_, spawner_};
  SignalInheritance inheritance_;
  std::span<const Dialect* const> families_;
  UniqueFd owned_;  ///< the lock of the run directory
  std::optional<ViewTrees> trees_;
  std::optional<ControlSocket> control_;
};

/// What a program that scans does besides.
struct ScanLife {
  std::function<void()>
      ending;  ///< once, when a signal or a client says so; at a signal before anything ends
  std::function<bool()> is_over = [] { return false; };  ///< what is left by then is waited for no more
};

/// Until everything has ended. TERM and INT end it, HUP looks at the directory at once.
void scan_until_ended(Host& host, ScanDirectory& scan, const ScanLife& life);

}  // namespace kindred
