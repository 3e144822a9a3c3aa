// s6-ftrig-wait, s6-ftrig-listen1, s6-ftrig-listen: wait for what is told in event directories.
// Source: interfaces/s6.md sections 8 and 11.

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/event_match.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/event_subscription.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"

namespace kindred::s6 {
namespace {

constexpr int kTimedOut = 1;

/// Directories in which one listens, each until what was told there matches.
class Listeners {
 public:
  Status open() { return signals_.open({}, {SIGTERM, SIGINT, SIGHUP}); }

  Status add(const char* path, const char* expression) {
    Result<EventMatch> match = EventMatch::compile(expression);
    const std::string object = std::string(path) + " with regexp " + expression;
    if (!match) return Error{match.error().code, "subscribe to", object};
    Result<EventSubscription> events = EventSubscription::open(AT_FDCWD, path);
    if (!events) return Error{events.error().code, "subscribe to", object};
    each_.push_back(std::make_unique<Listener>(Listener{std::move(*match), std::move(*events), '\0', false}));
    return ok();
  }

  /// False when the deadline has come.
  bool wait(bool any, Instant deadline) {
    for (;;) {
      for (const auto& each : each_) each->hear();
      const auto done =
          std::count_if(each_.begin(), each_.end(), [](const auto& each) { return each->done; });
      if (any ? done > 0 : done == static_cast<std::ptrdiff_t>(each_.size())) return true;
      if (SystemClock().now().steady >= deadline) return false;
      std::vector<pollfd> watched{{.fd = signals_.fd(), .events = POLLIN, .revents = 0}};
      for (const auto& each : each_)
        if (!each->done) watched.push_back({.fd = each->events.fd(), .events = POLLIN, .revents = 0});
      poll(watched.data(), watched.size(), poll_time(deadline));
      if (const int signal = signals_.next(); signal != 0) end_by(signal);
    }
  }

  /// The event that completed the first match.
  [[nodiscard]] char event() const { return each_.front()->event; }

 private:
  struct Listener {
    EventMatch match;
    EventSubscription events;
    char event;
    bool done;

    void hear() {
      if (done) return;
      for (const char told : events.take()) {
        if (!match.hear(told)) continue;
        event = told;
        done = true;
        return;
      }
    }
  };

  void end_by(int signal) {
    each_.clear();
    sigset_t mask;
    sigemptyset(&mask);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    raise(signal);
  }

  Signals signals_;
  std::vector<std::unique_ptr<Listener>> each_;
};

int timed_out(std::string_view program, const char* operation, const char* object) {
  return die(program, error_here(operation, object, ETIMEDOUT), kTimedOut);
}

int say(std::string_view program, char event) {
  Output out;
  out.add(std::string_view(&event, 1)).add("\n");
  const Status written = out.flush();
  return written ? 0 : die(program, written.error());
}

/// Reads -t; and -a and -o where `any` is given.
bool read_options(Options& options, std::uint32_t& limit, bool* any) {
  while (const char letter = options.next()) {
    if (letter == 't') {
      const auto number = parse_number(options.argument());
      if (!number) return false;
      limit = *number;
    } else if (any != nullptr && (letter == 'a' || letter == 'o')) {
      *any = letter == 'o';
    } else {
      return false;
    }
  }
  return true;
}

/// Prints the event that the first two operands ask for; the others are a program that is started meanwhile.
int listen_to_one(std::string_view program, std::string_view synopsis, bool starts, int argc, char** argv) {
  std::uint32_t limit = 0;
  Options options(argc, argv, "t:", Options::Complaint::Kept);
  const std::size_t fewest = starts ? 3 : 2;
  if (!read_options(options, limit, nullptr) || options.operands().size() < fewest)
    return usage(program, synopsis);
  const Instant deadline = deadline_after(limit);
  Listeners listeners;
  if (Status opened = listeners.open(); !opened) return die(program, opened.error());
  if (Status added = listeners.add(options.operands()[0], options.operands()[1]); !added)
    return die(program, added.error());
  if (starts)
    if (Status started = start(options.operands().subspan(2)); !started) return die(program, started.error());
  return listeners.wait(false, deadline) ? say(program, listeners.event())
         : starts                        ? timed_out(program, "get expected", "event")
                                         : timed_out(program, "match regexp on", options.operands()[1]);
}

}  // namespace

int ftrig_wait_main(int argc, char** argv) {
  return listen_to_one("s6-ftrig-wait", "s6-ftrig-wait [ -t timeout ] fifodir regexp", false, argc, argv);
}

int ftrig_listen1_main(int argc, char** argv) {
  return listen_to_one("s6-ftrig-listen1", "s6-ftrig-listen1 [ -t timeout ] fifodir regexp prog...", true,
                       argc, argv);
}

int ftrig_listen_main(int argc, char** argv) {
  constexpr std::string_view
      kProgram = "s6-ftrig-listen",
      kUsage = "s6-ftrig-listen [ -a | -o ] [ -t timeout ] fifodir1 regexp1 ... \"\" prog...";
  std::uint32_t limit = 0;
  bool any = false;
  Options options(argc, argv, "aot:", Options::Complaint::Kept);
  if (!read_options(options, limit, &any)) return usage(kProgram, kUsage);
  std::span<char* const> words = options.operands();
  const auto pairs = take_block(words);
  if (!pairs || pairs->empty() || pairs->size() % 2 != 0 || words.empty()) return usage(kProgram, kUsage);
  const Instant deadline = deadline_after(limit);
  Listeners listeners;
  if (Status opened = listeners.open(); !opened) return die(kProgram, opened.error());
  for (std::size_t i = 0; i < pairs->size(); i += 2)
    if (Status added = listeners.add((*pairs)[i], (*pairs)[i + 1]); !added)
      return die(kProgram, added.error());
  if (Status started = start(words); !started) return die(kProgram, started.error());
  return listeners.wait(any, deadline) ? 0 : timed_out(kProgram, "get expected", "event");
}

}  // namespace kindred::s6
