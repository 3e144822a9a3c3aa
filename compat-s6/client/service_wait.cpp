#include "compat-s6/client/service_wait.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "compat-s6/client/command_line.h"
#include "compat-s6/dialect.h"
#include "core/client/translate.h"
#include "core/sys/clock.h"
#include "core/sys/event_directory.h"

namespace kindred::s6 {
namespace {

/// So often a record is looked at where nothing tells of its changes.
constexpr Duration kRound = std::chrono::milliseconds(420);

bool is_up(const StatusRecord& r) {
  return r.pid != 0 && r.phase != Phase::Finishing && r.phase != Phase::Stopping;
}

bool is_ready(const StatusRecord& r) {
  if (is_up(r)) return r.ready;
  return r.phase == Phase::Stopped || r.phase == Phase::Waiting || r.phase == Phase::Failed;
}

}  // namespace

std::optional<WaitFor> wait_for(char letter) {
  switch (letter) {
    case 'u':
      return WaitFor::Up;
    case 'U':
      return WaitFor::UpReady;
    case 'd':
      return WaitFor::Down;
    case 'D':
      return WaitFor::DownReady;
    case 'r':
      return WaitFor::Restart;
    case 'R':
      return WaitFor::RestartReady;
    default:
      return std::nullopt;
  }
}

// --- one service ---

void ServiceProgress::judge() {
  if (state_ != State::Pending) return;
  known_ = true;
  bool done = false;
  switch (what_) {
    case WaitFor::Up:
      done = up_;
      break;
    case WaitFor::UpReady:
      done = up_ && ready_;
      break;
    case WaitFor::Down:
      done = !up_;
      break;
    case WaitFor::DownReady:
      done = !up_ && ready_;
      break;
    case WaitFor::Restart:
    case WaitFor::RestartReady:
      if (!up_ && ready_) has_rested_ = true;
      done = has_rested_ && up_ && (ready_ || what_ == WaitFor::Restart);
      break;
  }
  if (done) state_ = State::Done;
}

void ServiceProgress::hear(char event) {
  if (state_ != State::Pending) return;
  switch (event) {
    case 'u':
      up_ = true;
      ready_ = false;
      break;
    case 'U':
      up_ = ready_ = true;
      break;
    case 'd':
      up_ = ready_ = false;
      break;
    case 'D':
      up_ = false;
      ready_ = true;
      break;
    case 'O':
      if (what_ != WaitFor::Down && what_ != WaitFor::DownReady) state_ = State::Failed;
      return;
    case 'x':
      fail();
      return;
    default:
      return;
  }
  judge();
}

void ServiceProgress::see(bool up, bool ready, bool anew) {
  // Between two processes the service was down, however short that was, and so it was when its supervisor
  // came.
  if (anew && (up_ || !known_)) {
    hear('d');
    hear('D');
  }
  up_ = up;
  ready_ = ready;
  judge();
}

// --- all of them ---

Status ServiceWait::open() { return signals_.open({}, {SIGTERM, SIGINT, SIGHUP}); }

bool ServiceWait::lives(const Service& service) const {
  const Result<bool> supervised = service.directory.supervised(service.supervisor->layout);
  return supervised && *supervised;
}

Status ServiceWait::listen(Service& service, const char* path) {
  const SuperviseLayout& layout = service.supervisor->layout;
  const int directory = service.directory.fd();
  service.events.reset();
  if (const char* const name = layout.event.name; name != nullptr) {
    const auto named = [path](const Error& error) {
      return Error{error.code, error.operation, std::string(path) + "/" + error.object};
    };
    if (Status made = event_directory::make(directory, name, {getegid()}, event_directory::IfThere::Leave);
        !made)
      return named(made.error());
    Result<EventSubscription> subscription = EventSubscription::open(directory, name);
    if (!subscription) return named(subscription.error());
    service.events.emplace(std::move(*subscription));
  }
  service.supervised = lives(service);
  if (service.events && service.supervised) return ok();
  if (!watch_) watch_ = std::make_unique<SuperviseWatch>();
  watch_->add(service.directory, layout);
  return ok();
}

Status ServiceWait::add(const char* path) {
  Result<ServiceDirectory> directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return Error{directory.error().code, "subscribe to events for", path};
  const Dialect* const supervisor = directory->supervisor(families_);
  if (needs_readiness(what_) && !tells_ready(*supervisor))
    return Error{0, "wait for " + std::string(path) + ": " + supervisor->name, "cannot tell readiness"};
  services_.push_back(std::make_unique<Service>(
      Service{std::move(*directory), supervisor, std::nullopt, ServiceProgress(what_), 0, false}));
  Service& service = *services_.back();
  if (Status listening = listen(service, path); !listening)
    return listening.error().code == 0 ? listening
                                       : Error{listening.error().code, "subscribe to events for", path};
  const Result<Observation> seen = service.directory.observe(families_);
  if (!seen)
    return Error{seen.error().code, seen.error().operation, std::string(path) + "/" + seen.error().object};
  const StatusRecord& record = seen->status.snapshot.main;
  service.pid = record.pid;
  if (service.supervised) service.progress.see(is_up(record), is_ready(record), false);
  return ok();
}

void ServiceWait::hear(Service& service) {
  for (const char event : service.events->take()) {
    service.progress.hear(event);
    // Another supervisor: what it found or started is in its record.
    if (event == 's') see(service);
  }
}

void ServiceWait::see(Service& service) {
  const Result<Observation> seen = service.directory.observe(families_);
  if (!seen) return;
  const StatusRecord& record = seen->status.snapshot.main;
  service.progress.see(is_up(record), is_ready(record), record.pid != service.pid);
  service.pid = record.pid;
}

void ServiceWait::look(Service& service) {
  const bool lives = this->lives(service);
  // The last words of one that has left count.
  see(service);
  if (!lives) service.progress.hear('x');
}

void ServiceWait::look_for_supervisor(Service& service) {
  // Whoever comes need not be of the family of the one that has gone.
  if (const Dialect* const now = service.directory.supervisor(families_); now != service.supervisor) {
    service.supervisor = now;
    if (needs_readiness(what_) && !tells_ready(*now)) service.progress.fail();
    if (Status listening = listen(service, ""); !listening) return;
  } else {
    service.supervised = lives(service);
  }
  if (service.supervised) see(service);
}

std::optional<int> ServiceWait::verdict() const {
  using State = ServiceProgress::State;
  const auto count = [this](State state) {
    return std::count_if(services_.begin(), services_.end(),
                         [state](const auto& service) { return service->progress.state() == state; });
  };
  const auto failed = count(State::Failed);
  if (of_ == Of::Any && count(State::Done) > 0) return 0;
  if (count(State::Pending) > 0) return std::nullopt;
  return static_cast<int>(std::min<std::ptrdiff_t>(failed, kExitTimeout - 1));
}

int ServiceWait::wait(Instant deadline) {
  const SystemClock clock;
  Instant round = clock.now().steady + kRound;
  for (;;) {
    if (const std::optional<int> code = verdict()) return *code;
    if (clock.now().steady >= deadline) return kExitTimeout;
    std::vector<pollfd> watched{{.fd = signals_.fd(), .events = POLLIN, .revents = 0}};
    if (watch_) watched.push_back({.fd = watch_->fd(), .events = POLLIN, .revents = 0});
    for (const auto& service : services_)
      if (service->events) watched.push_back({.fd = service->events->fd(), .events = POLLIN, .revents = 0});
    const bool untold = std::any_of(services_.begin(), services_.end(), [](const auto& service) {
      return !service->supervised || !service->events;
    });
    poll(watched.data(), watched.size(), poll_time(untold ? std::min(deadline, round) : deadline));
    if (const int signal = signals_.next(); signal != 0) {
      services_.clear();
      sigset_t mask;
      sigemptyset(&mask);
      sigprocmask(SIG_SETMASK, &mask, nullptr);
      raise(signal);
    }
    // Looking is an event, too: who looked for each would look without pause.
    const Instant now = clock.now().steady;
    const bool looks = (watch_ && watch_->take()) || now >= std::min(round, deadline);
    if (looks) round = now + kRound;
    for (const auto& service : services_) {
      if (looks && !service->supervised)
        look_for_supervisor(*service);
      else if (looks && !service->events)
        look(*service);
      if (service->events) hear(*service);
    }
  }
}

}  // namespace kindred::s6
