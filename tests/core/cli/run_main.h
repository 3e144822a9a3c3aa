#pragma once
// Runs a program's main as its user would: in a process of its own, with what it prints on both streams.

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace kindred::test {

struct Ran {
  int code = -1;    ///< exit code; 128 and the signal for a death
  std::string out;  ///< standard output
  std::string err;  ///< standard error
};

/// `main` gets the words as argv, in memory that it may write to.
inline Ran run_main(const std::function<int(int, char**)>& main, const std::vector<std::string>& words) {
  std::array<std::array<int, 2>, 2> pipes{};
  for (auto& ends : pipes)
    if (pipe(ends.data()) != 0) std::abort();
  const pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 2; ++i) {
      dup2(pipes[static_cast<std::size_t>(i)][1], i + 1);
      for (const int end : pipes[static_cast<std::size_t>(i)]) close(end);
    }
    // What the test holds open is not the program's: a FIFO's reader must be gone when the test closes it.
    if (close_range(3, ~0U, 0) != 0) _exit(99);
    std::vector<std::string> memory = words;
    std::vector<char*> argv;
    for (std::string& word : memory) argv.push_back(word.data());
    argv.push_back(nullptr);
    _exit(main(static_cast<int>(words.size()), argv.data()));
  }
  Ran ran;
  for (const auto& ends : pipes) close(ends[1]);
  std::array<pollfd, 2> open{{{pipes[0][0], POLLIN, 0}, {pipes[1][0], POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    poll(open.data(), open.size(), -1);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t size = read(open[i].fd, buffer.data(), buffer.size());
      if (size > 0)
        (i == 0 ? ran.out : ran.err).append(buffer.data(), static_cast<std::size_t>(size));
      else
        open[i].fd = -1;
    }
  }
  for (const auto& ends : pipes) close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace kindred::test
