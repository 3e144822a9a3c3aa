// foreground, background, pipe, recordio. Source: interfaces/nosh-system.md section 4.4.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "compat-nosh/chain/turns.h"
#include "core/chain/traffic_text.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

void wait_for(pid_t child) {
  while (::waitpid(child, nullptr, 0) == -1 && errno == EINTR) {
  }
}

constexpr Option kTwoOptions[] = {{'S', "separator", "the word between the two programs", true}};
constexpr Option kPipeOptions[] = {{'i', "inwards", "become the right one, with the left one as a child"},
                                   {'g', "grandchild", "the other one is nobody's child"},
                                   {0, "ignore-children", "the end of children is not to be waited for"},
                                   {'S', "separator", "the word between the two programs", true}};

ChainTurn beside(ToolTurn& words, const TwoPrograms& programs, bool waits) {
  const pid_t child = ::fork();
  if (child == -1) return words.fail(error_here("fork", ""));
  if (child == 0) return words.go_on(programs.left);
  if (waits) wait_for(child);
  return words.go_on(programs.right);
}

struct Pipe {
  UniqueFd out, in;
};
/// Neither end has the number of a standard descriptor, whichever of these were closed.
Result<Pipe> make_pipe() {
  constexpr int kFirstOther = 3;
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("pipe", "");
  const UniqueFd out(ends[0]), in(ends[1]);
  Pipe pipe{UniqueFd(::fcntl(out.get(), F_DUPFD_CLOEXEC, kFirstOther)),
            UniqueFd(::fcntl(in.get(), F_DUPFD_CLOEXEC, kFirstOther))};
  if (!pipe.out || !pipe.in) return error_here("pipe", "");
  return pipe;
}

/// One end becomes a standard descriptor; of the rest of the pipe nothing stays open.
Status take(UniqueFd end, int standard, UniqueFd other) {
  other.reset();
  if (::dup2(end.get(), standard) == -1) return error_here("dup2", std::to_string(standard));
  return ok();
}

/// As fork(); nobody's child where it is orphaned: 1 in the parent then.
pid_t fork_child(bool orphaned) {
  const pid_t child = ::fork();
  if (child != 0) {
    if (orphaned && child > 0) wait_for(child);
    return child;
  }
  if (orphaned && ::fork() != 0) ::_exit(0);
  return 0;
}

/// Copies both directions and shows them, until both have ended.
class Recorder {
 public:
  Recorder(std::string whose, UniqueFd to_program, UniqueFd from_program)
      : whose_(std::move(whose)),
        channels_{Channel{Direction::In, UniqueFd(0), std::move(to_program)},
                  Channel{Direction::Out, std::move(from_program), UniqueFd(1)}} {}

  void run() {
    // Who does not read any more is told to the other side by its end, not to us by a signal.
    ::signal(SIGPIPE, SIG_IGN);
    while (channels_[0].from || channels_[1].from) {
      std::array<pollfd, 3> ready{};
      for (std::size_t i = 0; i < 2; ++i)
        ready[i] = {channels_[i].from ? channels_[i].from.get() : -1, POLLIN, 0};
      ready[2] = {channels_[0].to ? channels_[0].to.get() : -1, 0, 0};
      if (::poll(ready.data(), ready.size(), -1) == -1) continue;
      for (std::size_t i = 0; i < 2; ++i)
        if (ready[i].revents != 0) copy(channels_[i]);
      if (ready[2].revents != 0) close(channels_[0]);
    }
  }

 private:
  struct Channel {
    Direction direction;
    UniqueFd from, to;
  };

  static void close(Channel& channel) {
    channel.from.reset();
    channel.to.reset();
  }

  void copy(Channel& channel) {
    std::array<char, 4096> block;
    const ssize_t size = ::read(channel.from.get(), block.data(), block.size());
    if (size == -1 && (errno == EINTR || errno == EAGAIN)) return;
    const std::string_view bytes(block.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    // First it goes on its way: the program, and whoever waits for it, may be gone before it is shown.
    const bool passed = !bytes.empty() && write_text(channel.to.get(), bytes);
    static_cast<void>(write_text(2, traffic_text(whose_, channel.direction, bytes)));
    if (!passed) close(channel);
  }

  std::string whose_;
  std::array<Channel, 2> channels_;
};

}  // namespace

constinit const std::span<const Option> TwoPrograms::kOptions = kTwoOptions;
constinit const std::span<const Option> PipeTool::kOptions = kPipeOptions;

void TwoPrograms::read(ToolWords& words, std::string_view usual_separator) {
  if (words.ended()) return;
  const char* const given = words.value("separator");
  separator = given != nullptr ? given : usual_separator;
  const auto all = words.rest();
  const auto at = std::ranges::find_if(all, [&](const char* word) { return word == separator; });
  left = all.first(static_cast<std::size_t>(at - all.begin()));
  if (at != all.end()) right = all.subspan(left.size() + 1);
  if (left.empty()) words.complain({"Missing left-hand side."});
  if (right.empty()) words.complain({"Missing right-hand side."});
}

ChainTurn ForegroundTool::act(ToolTurn& words) const { return beside(words, *this, true); }

ChainTurn BackgroundTool::act(ToolTurn& words) const { return beside(words, *this, false); }

void PipeTool::read(ToolWords& words) {
  TwoPrograms programs;
  programs.read(words, "|");
  left = programs.left;
  right.assign(programs.right.begin(), programs.right.end());
  std::erase_if(right, [&](const char* word) { return word == programs.separator; });
  if (right.empty()) words.complain({"Missing right-hand side."});
}

ChainTurn PipeTool::act(ToolTurn& words) const {
  auto pipe = make_pipe();
  if (!pipe) return words.fail(pipe.error());
  const bool inwards = words.has("inwards");
  const pid_t child = fork_child(words.has("grandchild"));
  if (child == -1) return words.fail(error_here("fork", ""));
  const bool is_right = inwards == (child != 0);
  const Status taken = is_right ? take(std::move(pipe->out), 0, std::move(pipe->in))
                                : take(std::move(pipe->in), 1, std::move(pipe->out));
  if (!taken) return words.fail(taken.error());
  if (child != 0 && words.has("ignore-children")) ::signal(SIGCHLD, SIG_IGN);
  return words.go_on(is_right ? std::span<char* const>(right) : left);
}

ChainTurn RecordioTool::act(ToolTurn& words) const {
  auto input = make_pipe(), output = make_pipe();
  if (!input) return words.fail(input.error());
  if (!output) return words.fail(output.error());
  const std::string whose = std::to_string(::getpid()) + ":";
  const pid_t child = ::fork();
  if (child == -1) return words.fail(error_here("fork", ""));
  if (child == 0) {
    input->out.reset();
    output->in.reset();
    Recorder(whose, std::move(input->in), std::move(output->out)).run();
    ::_exit(0);
  }
  if (const Status taken = take(std::move(input->out), 0, std::move(input->in)); !taken)
    return words.fail(taken.error());
  if (const Status taken = take(std::move(output->in), 1, std::move(output->out)); !taken)
    return words.fail(taken.error());
  return words.go_on();
}

}  // namespace kindred::nosh
