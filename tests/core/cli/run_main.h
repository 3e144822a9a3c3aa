#pragma once
// Runs a program's main as its user would: in a process of its own, with what it prints on both streams.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sys/unique_fd.h"
#include "tests/core/wait_until.h"

namespace kindred::test {

struct Ran {
  int code = -1;    ///< exit code; 128 and the signal for a death
  std::string out;  ///< standard output
  std::string err;  ///< standard error
};

using Main = std::function<int(int, char**)>;

/// A program that runs while the test goes on. It is killed if it has not ended by then.
class RunningMain {
 public:
  /// What its standard input is.
  enum class Input { Ours, Pipe };

  /// `main` gets the words as argv, in memory that it may write to.
  RunningMain(const Main& main, const std::vector<std::string>& words, Input input = Input::Ours) {
    std::array<std::array<int, 2>, 3> pipes{};
    for (auto& ends : pipes)
      if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      if (input == Input::Pipe) dup2(pipes[0][0], 0);
      for (int i = 1; i < 3; ++i) dup2(pipes[static_cast<std::size_t>(i)][1], i);
      // What the test holds open is not the program's: a FIFO's reader must be gone when the test closes it.
      if (close_range(3, ~0U, 0) != 0) _exit(99);
      std::vector<std::string> memory = words;
      std::vector<char*> argv;
      for (std::string& word : memory) argv.push_back(word.data());
      argv.push_back(nullptr);
      _exit(main(static_cast<int>(words.size()), argv.data()));
    }
    // A test may look at what the program has left unread.
    unread_.reset(pipes[0][0]);
    input_.reset(pipes[0][1]);
    for (std::size_t i = 0; i < 2; ++i) {
      close(pipes[i + 1][1]);
      streams_[i].fd.reset(pipes[i + 1][0]);
    }
  }
  RunningMain(const RunningMain&) = delete;
  RunningMain& operator=(const RunningMain&) = delete;
  ~RunningMain() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill(int signal) const { ::kill(pid_, signal); }

  /// To its standard input.
  void write(std::string_view text) const {
    if (::write(input_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }
  void end_input() {
    input_.reset();
    unread_.reset();
  }
  /// What has been written and not read by it.
  [[nodiscard]] std::string unread() const {
    std::string text(65536, '\0');
    pollfd ready{unread_.get(), POLLIN, 0};
    const ssize_t size =
        poll(&ready, 1, 0) == 1 && ready.revents == POLLIN ? read(ready.fd, text.data(), text.size()) : 0;
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
  /// Whether it has come to read all that was written.
  [[nodiscard]] bool reads_all() const {
    return wait_until([&] {
      pollfd ready{unread_.get(), POLLIN, 0};
      return poll(&ready, 1, 0) == 0;
    });
  }
  void stop_reading_output() { streams_[0].fd.reset(); }

  /// Waits until it has printed this.
  [[nodiscard]] bool prints(std::string_view text) { return waits_for(0, text); }
  [[nodiscard]] bool complains(std::string_view text) { return waits_for(1, text); }

  /// Waits for its end.
  Ran end() {
    while (take(-1)) {
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), streams_[0].text,
            streams_[1].text};
  }

 private:
  struct Stream {
    UniqueFd fd;
    std::string text;
  };

  /// False once both streams have ended, or the time is up.
  bool take(int milliseconds) {
    std::array<pollfd, 2> open{{{streams_[0].fd.get(), POLLIN, 0}, {streams_[1].fd.get(), POLLIN, 0}}};
    if (open[0].fd < 0 && open[1].fd < 0) return false;
    if (poll(open.data(), open.size(), milliseconds) <= 0) return false;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t size = read(open[i].fd, buffer.data(), buffer.size());
      if (size > 0)
        streams_[i].text.append(buffer.data(), static_cast<std::size_t>(size));
      else
        streams_[i].fd.reset();
    }
    return true;
  }
  bool waits_for(std::size_t stream, std::string_view text) {
    constexpr int kMilliseconds = static_cast<int>(kLongEnough / std::chrono::milliseconds(1));
    while (streams_[stream].text.find(text) == std::string::npos)
      if (!take(kMilliseconds)) return false;
    return true;
  }

  pid_t pid_ = 0;
  UniqueFd unread_, input_;
  std::array<Stream, 2> streams_;
};

inline Ran run_main(const Main& main, const std::vector<std::string>& words) {
  return RunningMain(main, words).end();
}

}  // namespace kindred::test
