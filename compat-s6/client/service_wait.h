#pragma once
// Waiting for services to come up or go down: what s6-svwait, s6-svlisten, s6-svlisten1 and s6-svc -w share.
//
// First one listens, then one looks, then one waits: no change is missed. On a supervisor with an event
// directory the events say what happens; of any other the record is looked at whenever its supervise
// directory changes. A record is believed while its supervisor lives; one that was left behind is history,
// and who waits then waits for a supervisor first. Source: interfaces/s6.md sections 8, 10.5 and 10.6.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/event_subscription.h"
#include "core/client/service_directory.h"
#include "core/client/supervise_watch.h"
#include "core/sys/signals.h"

namespace kindred::s6 {

enum class WaitFor : std::uint8_t { Up, UpReady, Down, DownReady, Restart, RestartReady };

/// u U d D r R.
[[nodiscard]] std::optional<WaitFor> wait_for(char letter);

/// Whether it waits for a service that says of itself that it is ready.
[[nodiscard]] constexpr bool needs_readiness(WaitFor what) {
  return what == WaitFor::UpReady || what == WaitFor::RestartReady;
}

/// What one service has been seen to do, and whether that is what is waited for.
class ServiceProgress {
 public:
  enum class State : std::uint8_t { Pending, Done, Failed };

  /// Of a service of which nothing is known: nobody looks after it.
  explicit ServiceProgress(WaitFor what) : what_(what) {}
  ServiceProgress(WaitFor what, bool up, bool ready) : ServiceProgress(what) { see(up, ready, false); }

  /// One letter of an event directory.
  void hear(char event);

  /// A look at the record. `anew`: the process is another one than at the last look, or than an earlier
  /// supervisor left.
  void see(bool up, bool ready, bool anew);

  /// It will not be as wanted any more.
  void fail() {
    if (state_ == State::Pending) state_ = State::Failed;
  }

  [[nodiscard]] State state() const { return state_; }

 private:
  void judge();

  WaitFor what_;
  bool known_ = false, up_ = false, ready_ = false;
  bool has_rested_ = false;
  State state_ = State::Pending;
};

class ServiceWait {
 public:
  enum class Of : std::uint8_t { All, Any };

  ServiceWait(WaitFor what, Of of, const KnownFamilies& families)
      : what_(what), of_(of), families_(families) {}

  /// From now on signals that end this program are held back until wait(), so that it can clean up.
  [[nodiscard]] Status open();

  /// Begins to listen to a service, and looks at it. Errors: any failure to do so; code 0 where the family
  /// that supervises cannot tell what is waited for.
  [[nodiscard]] Status add(const char* path);

  /// Until all is as wanted or cannot become so. Returns the exit code: 0; 99 when the deadline has come;
  /// otherwise how many services failed. A signal ends the program.
  [[nodiscard]] int wait(Instant deadline);

 private:
  struct Service {
    ServiceDirectory directory;
    const Dialect* supervisor;
    std::optional<EventSubscription> events;
    ServiceProgress progress;
    std::int32_t pid;
    bool supervised;
  };

  [[nodiscard]] bool lives(const Service& service) const;
  /// Listens to it as its supervisor can be listened to. Errors: as add().
  [[nodiscard]] Status listen(Service& service, const char* path);
  void hear(Service& service);
  void look(Service& service);
  /// Looks for a supervisor where there was none.
  void look_for_supervisor(Service& service);
  void see(Service& service);
  [[nodiscard]] std::optional<int> verdict() const;

  WaitFor what_;
  Of of_;
  const KnownFamilies& families_;
  Signals signals_;
  std::vector<std::unique_ptr<Service>> services_;
  std::unique_ptr<SuperviseWatch> watch_;  ///< for those without event directory, or without supervisor
};

}  // namespace kindred::s6
