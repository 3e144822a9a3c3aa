// wait: for children that the process has had since before it became this program.
// Source: interfaces/execline.md section 10.

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

using Clock = std::chrono::steady_clock;

/// SIGCHLD stays pending while this lives, so that a child's end cannot fall between a look and a wait.
class ChildSignal {
 public:
  ChildSignal() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~ChildSignal() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  ChildSignal(const ChildSignal&) = delete;
  ChildSignal& operator=(const ChildSignal&) = delete;

  /// False when the time is over.
  [[nodiscard]] bool wait_until(Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    constexpr long kThousand = 1000, kMillion = 1000000;
    const timespec time{left / kThousand, left % kThousand * kMillion};
    static_cast<void>(::sigtimedwait(&set_, nullptr, &time));
    return true;
  }

 private:
  sigset_t set_, before_;
};

struct Ended {
  pid_t pid;
  int status;
};

/// Children that are waited for, all or any of them, or of these.
class Waiting {
 public:
  enum class Result : std::uint8_t { Done, NoChild, TimeOver };

  Waiting(const std::vector<pid_t>& pids, bool any, std::optional<unsigned> milliseconds)
      : pids_(pids), of_these_(!pids.empty()), any_(any), milliseconds_(milliseconds) {
    std::erase_if(pids_, [](pid_t pid) {
      siginfo_t ignored;
      return ::waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED | WNOHANG | WNOWAIT) == -1;
    });
  }

  Result wait() {
    const ChildSignal signal;
    const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds_.value_or(0));
    for (;;) {
      if (of_these_ && pids_.empty()) return ended_.empty() ? Result::NoChild : Result::Done;
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, milliseconds_ ? WNOHANG : 0);
      if (pid == -1 && errno == EINTR) continue;
      if (pid == -1) return ended_.empty() ? Result::NoChild : Result::Done;
      if (pid == 0) {
        if (!signal.wait_until(deadline)) return Result::TimeOver;
        continue;
      }
      const bool counts = !of_these_ || std::erase(pids_, pid) > 0;
      if (counts) ended_.push_back({pid, status});
      if (counts && any_) return Result::Done;
    }
  }

  [[nodiscard]] const std::vector<Ended>& ended() const { return ended_; }

 private:
  std::vector<pid_t> pids_;  ///< that have not ended
  bool of_these_, any_;
  std::optional<unsigned> milliseconds_;
  std::vector<Ended> ended_;
};

constexpr LongOption kLongNames[] = {{"timeout", 't', true}};

}  // namespace

constinit const std::span<const LongOption> Wait::kNames = kLongNames;

std::optional<Wait> Wait::parse(Words& words) {
  Wait wait;
  while (const char letter = words.option()) switch (letter) {
      case 'I':
      case 'i':
        wait.time_is_fatal = letter == 'i';
        break;
      case 'a':
      case 'o':
        wait.any = letter == 'o';
        break;
      case 'r':
        wait.milliseconds = 0;
        break;
      case 't':
        wait.milliseconds = number(words.argument());
        if (!wait.milliseconds) return words.misused();
        break;
      default:
        return words.misused();
    }
  const auto operands = words.rest();
  wait.has_block = std::any_of(operands.begin(), operands.end(), [](char* word) { return *word == '\0'; });
  Block numbers(operands.begin(), operands.end());
  if (wait.has_block) {
    auto block = words.take_block();
    if (!block) return std::nullopt;
    numbers = std::move(*block);
  }
  for (const char* const word : numbers) {
    const auto pid = number(word);
    if (!pid || *pid > INT32_MAX) return words.misused();
    wait.pids.push_back(static_cast<pid_t>(*pid));
  }
  return wait;
}

ChainTurn Wait::act(Call& call) const {
  constexpr int kTimeOver = 99, kNoSuchChild = 127;
  Waiting waiting(pids, any, milliseconds);
  const Waiting::Result result = waiting.wait();
  if (result == Waiting::Result::TimeOver && time_is_fatal) {
    tell_failure(call.speaker(), call.interpreter().voice(), Error{ETIMEDOUT, "wait", ""});
    return ChainTurn::ends(kTimeOver);
  }
  const auto& ended = waiting.ended();
  if (!has_block) {
    if (pids.empty() && !any) return ChainTurn::ends(0);
    const auto wanted = any ? ended.begin()
                            : std::find_if(ended.begin(), ended.end(),
                                           [&](const Ended& child) { return child.pid == pids.back(); });
    return ChainTurn::ends(wanted == ended.end() ? kNoSuchChild : exit_code(wanted->status));
  }
  if (any) {
    const bool found = !ended.empty();
    call.state().change(
        {"?", found ? std::optional(std::to_string(exit_code(ended[0].status))) : std::nullopt});
    call.state().change({"!", found ? std::optional(std::to_string(ended[0].pid)) : std::nullopt});
  }
  return call.go_on();
}

}  // namespace kindred::execline
