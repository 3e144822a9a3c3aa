// ratelimit [-i N] [-o N] [-r] PROGRAM [ARGUMENT...]: runs a program and stands between its standard input
// and output and one's own; recordio, which also shows what passes.
// Source: interfaces/freedt.md sections 3.7 and 6.3.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/chain/token_bucket.h"
#include "compat-freedt/voice.h"
#include "core/chain/exec_into.h"
#include "core/chain/traffic_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"
#include "core/sys/unique_fd.h"

namespace kindred::freedt {
namespace {

struct Settings {
  const char* program;  ///< our own name
  std::uint64_t input_rate = 0;
  std::uint64_t output_rate = 0;
  bool shows_traffic = false;
};

/// One direction: what is read goes out, no faster than the bucket lets it.
class Channel {
 public:
  Channel(int from, int to, std::uint64_t rate, Instant now) : from_(from), to_(to), bucket_(rate, now) {}

  /// What it waits for: bytes, room, or that the reader goes away. `deadline` is moved to when bytes may pass
  /// again.
  void await(pollfd& from, pollfd& to, Instant now, Instant& deadline);
  /// Goes on after poll(2); hands what it has read, and the end, to `show`.
  template <class Show>
  void go_on(const pollfd& from, const pollfd& to, Instant now, Show show);
  [[nodiscard]] bool ended() const { return !to_; }

 private:
  [[nodiscard]] std::string_view held() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void close() {
    from_.reset();
    to_.reset();
  }

  // As much as a pipe that has room at all takes at once: a write never waits.
  static constexpr std::size_t kMost = 4096;
  UniqueFd from_, to_;
  TokenBucket bucket_;
  std::array<char, kMost> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

void Channel::await(pollfd& from, pollfd& to, Instant now, Instant& deadline) {
  from = {-1, POLLIN, 0};
  // Asked for nothing, it still tells that its reader has gone.
  to = {to_.get(), static_cast<short>(held().empty() ? 0 : POLLOUT), 0};
  if (!from_ || !held().empty()) return;
  if (bucket_.allowed(kMost, now) > 0)
    from.fd = from_.get();
  else
    deadline = std::min(deadline, bucket_.ready_at(kMost));
}

template <class Show>
void Channel::go_on(const pollfd& from, const pollfd& to, Instant now, Show show) {
  if (from_ && from.revents != 0) {
    const ssize_t size = read(from_.get(), buffer_.data(), bucket_.allowed(kMost, now));
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    begin_ = 0;
    end_ = size > 0 ? static_cast<std::size_t>(size) : 0;
    bucket_.take(end_);
    show(held());
    if (size <= 0) return close();
  } else if (to_ && to.revents != 0) {
    if (held().empty()) return close();
    const ssize_t size = write(to_.get(), held().data(), held().size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size < 0) return close();
    begin_ += static_cast<std::size_t>(size);
  }
}

/// In the child: becomes the program between two pipes.
[[noreturn]] void become_program(const Settings& settings, char* const argv[], int input, int output,
                                 const sigset_t& mask) {
  (void)sigprocmask(SIG_SETMASK, &mask, nullptr);
  if (dup2(input, 0) == -1 || dup2(output, 1) == -1)
    _exit(fatal(settings.program, error_here("set up descriptors for", argv[0])));
  _exit(fatal(settings.program, exec_into(argv[0], argv)));
}

/// The exit code of the program once it has ended, of `pid`.
std::optional<int> reaped(const char* program, pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) != pid) return std::nullopt;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return fatal(program, {"child crashed"});
}

int run(const Settings& settings, char* const argv[]) {
  Signals signals;
  // All but SIGCHLD are the program's.
  const Status taken = signals.open({SIGCHLD, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2}, {SIGHUP, SIGINT, SIGQUIT});
  if (!taken) return fatal(settings.program, taken.error());
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
    return fatal(settings.program, error_here("create", "pipe"));
  const pid_t pid = fork();
  if (pid == -1) return fatal(settings.program, error_here("fork for", argv[0]));
  if (pid == 0) become_program(settings, argv, in[0], out[1], signals.inherited_mask());
  close(in[0]);
  close(out[1]);

  const SystemClock clock;
  Instant now = clock.now().steady;
  Channel input(0, in[1], settings.input_rate, now), output(out[0], 1, settings.output_rate, now);
  const auto show = [&](Direction direction) {
    return [&settings, pid, direction](std::string_view bytes) {
      if (settings.shows_traffic) (void)write_text(2, traffic_text(std::to_string(pid), direction, bytes));
    };
  };
  std::optional<int> code;
  // What it has left behind may still write; without that there is nothing left to do.
  while (!code || !output.ended()) {
    std::array<pollfd, 5> ready{};
    Instant deadline = Instant::never();
    now = clock.now().steady;
    ready[0] = {signals.fd(), POLLIN, 0};
    input.await(ready[1], ready[2], now, deadline);
    output.await(ready[3], ready[4], now, deadline);
    int milliseconds = -1;
    if (deadline != Instant::never())
      milliseconds = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(deadline - now).count());
    if (poll(ready.data(), ready.size(), milliseconds) == -1) continue;
    now = clock.now().steady;
    while (const int signal = signals.next()) {
      if (signal == SIGCHLD) continue;
      if (code) return *code;
      kill(pid, signal);
    }
    if (!code) code = reaped(settings.program, pid);
    input.go_on(ready[1], ready[2], now, show(Direction::In));
    output.go_on(ready[3], ready[4], now, show(Direction::Out));
  }
  return *code;
}

std::optional<std::uint64_t> rate_of(std::string_view text) {
  std::uint64_t rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return rate;
}

/// Which of the words are the program's; none: they are wrong, and `complaint` says why where the usage does not.
std::span<char* const> read_words(int argc, char** argv, Settings& settings, std::string& complaint) {
  Options options(argc, argv, "i:o:r", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == 'r') {
      settings.shows_traffic = true;
      continue;
    }
    const auto rate = letter == Options::kBad ? std::nullopt : rate_of(options.argument());
    if (!rate) {
      complaint = bad_option(argv, options).complaint;
      return {};
    }
    (letter == 'i' ? settings.input_rate : settings.output_rate) = *rate;
  }
  return options.operands();
}

int main_of(Settings settings, int argc, char** argv, const char* usage) {
  if (const auto code = answered(argc, argv, settings.program, usage)) return *code;
  std::string complaint;
  const auto program = read_words(argc, argv, settings, complaint);
  if (!program.empty()) return run(settings, program.data());
  if (!complaint.empty()) print_error({complaint});
  return misused(usage);
}

}  // namespace

ChainRequest parse_ratelimit(int argc, char** argv, const Environment&) {
  Settings settings{.program = "ratelimit"};
  std::string complaint;
  const auto program = read_words(argc, argv, settings, complaint);
  if (program.empty()) return ChainRequest::misuse(std::move(complaint));
  ChainRequest request;
  request.program = program;
  request.needs_no_program = true;
  return request;
}

int ratelimit_main(int argc, char** argv) {
  return main_of({.program = "ratelimit"}, argc, argv,
                 "ratelimit: usage: ratelimit [ -i inputrate ] [ -o outputrate ] [ -r ] program [ arg ... ]");
}

int recordio_main(int argc, char** argv) {
  return main_of({.program = "recordio", .shows_traffic = true}, argc, argv,
                 "recordio: usage: recordio [ -i inputrate ] [ -o outputrate ] program [ arg ... ]");
}

}  // namespace kindred::freedt
