#include "core/chain/interpreter.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

// A chain that goes round for ever, each time with words that it makes, must not grow; nor must the stack with
// children in children. What is beyond these is executed, and begins anew.
constexpr std::size_t kMostKept = 1 << 20;
constexpr unsigned kMostNested = 16;

void apply(const ChildSetup& setup, const ChainVoice& voice) {
  if (setup.from != setup.to) {
    ::dup2(setup.from, setup.to);
    ::close(setup.from);
  } else if (setup.from != -1) {
    ::fcntl(setup.from, F_SETFD, 0);
  }
  for (const int descriptor : setup.closed)
    if (descriptor != setup.to) ::close(descriptor);
  if (!voice.children_block_nothing || setup.keeps_mask) return;
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

char* ChainInterpreter::keep(std::string word) {
  kept_bytes_ += word.size() + 1;
  return kept_.emplace_back(std::move(word)).data();
}

const ChainTool* ChainInterpreter::tool_named(std::string_view name) const {
  for (const ChainTool& tool : tools_)
    if (name == tool.name) return &tool;
  return nullptr;
}

ChainInterpreter::Found ChainInterpreter::look_at(const char* path) {
  struct stat found;
  // A link that leads nowhere is nothing, too.
  if (::stat(path, &found) == -1) return errno == ENOENT ? Found::Nothing : Found::Something;
  if (!self_ && ::stat("/proc/self/exe", &self_.emplace()) == -1) *self_ = {};
  // What everybody may execute, this process may, whoever it has become.
  constexpr mode_t kEverybody = S_IXUSR | S_IXGRP | S_IXOTH;
  const bool ours = found.st_dev == self_->st_dev && found.st_ino == self_->st_ino && found.st_ino != 0 &&
                    (found.st_mode & (kEverybody | S_ISUID | S_ISGID)) == kEverybody;
  return ours ? Found::OurExecutable : Found::Something;
}

const ChainTool* ChainInterpreter::tool_of(const ChainProgram& program) {
  if (program.tool != nullptr) return program.tool;
  if (kept_bytes_ > kMostKept || nested_ > kMostNested) return nullptr;
  const ChainTool* const tool = tool_named(base_name(program.file));
  if (tool == nullptr || tool->main != nullptr) return nullptr;
  if (voice_.own_tools_first && std::string_view(program.file) == tool->name) return tool;
  ProgramCandidates candidates(program.file, search_path(), voice_.search);
  while (const char* const candidate = candidates.next()) {
    const Found found = look_at(candidate);
    if (found == Found::OurExecutable) return tool;
    // What comes before it may be no program: the kernel knows.
    if (found == Found::Something) return nullptr;
  }
  return nullptr;
}

int ChainInterpreter::execute(const ChainProgram& program, char* const* environment) {
  std::vector<char*> words = program.words;
  words.push_back(nullptr);
  return kindred::execute(program.file, words.data(), environment, search_path(), voice_.search);
}

int ChainInterpreter::execute(const ChainProgram& program) {
  if (!state_.environment_changed) return execute(program, environ);
  if (voice_.sorts_environment) state_.environment.sort();
  return execute(program, state_.environment.block().data());
}

Result<pid_t> ChainInterpreter::start(const ChainProgram& program, const ChildSetup& setup) {
  if (const ChainTool* const tool = tool_of(program)) {
    const pid_t child = ::fork();
    if (child == -1) return error_here("fork", program.file);
    if (child > 0) return child;
    apply(setup, voice_);
    ++nested_;
    ::_exit(run(*tool, program.words));
  }
  std::vector<char*> words = program.words;
  words.push_back(nullptr);
  const std::vector<char*> environment = state_.environment.block();
  ProgramCandidates candidates(program.file, path_, voice_.child_search);
  volatile int error = 0;
  const pid_t child = ::vfork();
  if (child == -1) return error_here("fork", program.file);
  if (child == 0) {
    apply(setup, voice_);
    error = kindred::execute(candidates, words.data(), environment.data(), voice_.child_search);
    ::_exit(kExitFatal);
  }
  if (error == 0) return child;
  while (::waitpid(child, nullptr, 0) == -1 && errno == EINTR) {
  }
  return Error{error, "spawn", program.file};
}

Result<pid_t> ChainInterpreter::start_detached(const ChainProgram& program, const ChildSetup& setup) {
  struct Answer {
    pid_t pid;
    int error;
  };
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) return error_here("create", "pipe");
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  const pid_t between = ::fork();
  if (between == -1) return error_here("fork", program.file);
  if (between == 0) {
    ::close(out.get());
    std::vector<int> closed(setup.closed.begin(), setup.closed.end());
    closed.push_back(in.get());
    ChildSetup with_pipe = setup;
    with_pipe.closed = closed;
    with_pipe.keeps_mask = true;
    const auto started = start(program, with_pipe);
    const Answer answer = started ? Answer{*started, 0} : Answer{-1, started.error().code};
    static_cast<void>(write_text(in.get(), {reinterpret_cast<const char*>(&answer), sizeof answer}));
    ::_exit(0);
  }
  in.reset();
  Answer answer{-1, EIO};
  while (::read(out.get(), &answer, sizeof answer) == -1 && errno == EINTR) {
  }
  while (::waitpid(between, nullptr, 0) == -1 && errno == EINTR) {
  }
  if (answer.pid == -1) return Error{answer.error, "spawn", program.file};
  return answer.pid;
}

std::vector<char*> ChainInterpreter::program_words(const ChainRequest& request) {
  std::vector<char*> words(request.program.begin(), request.program.end());
  const auto insert = [&](std::size_t at, std::vector<std::string>& read) {
    std::vector<char*> pointers;
    for (std::string& word : read) pointers.push_back(keep(std::move(word)));
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), pointers.begin(), pointers.end());
    read.clear();
  };
  insert(words.size(), state_.last_words);
  insert(std::min<std::size_t>(words.size(), 1), state_.first_words);
  insert(0, state_.leading_words);
  return words;
}

ChainTurn ChainInterpreter::turn_by_steps(const ChainTool& tool, std::span<char* const> words) {
  std::vector<char*> argv(words.begin(), words.end());
  argv.push_back(nullptr);
  const ChainRequest request = tool.parse(static_cast<int>(words.size()), argv.data(), state_.environment);
  if (request.misused || (request.program.empty() && !request.needs_no_program))
    return ChainTurn::ends(tell_misuse(tool, voice_, request));
  for (const ChainStep& step : request.steps) {
    const Status done = kindred::apply(step, state_);
    if (done && state_.ended) return ChainTurn::ends(*state_.ended);
    if (done) continue;
    if (state_.quiet) return ChainTurn::ends(0);
    tell_failure(state_.speaker, voice_, done.error());
    if (tool.failure_code) return ChainTurn::ends(*tool.failure_code);
    return ChainTurn::ends(state_.failure_code.value_or(voice_.failure_code));
  }
  ChainProgram program;
  program.words = program_words(request);
  program.file = program.words[0];
  if (request.program_name_follows) program.words.erase(program.words.begin());
  if (state_.program_name) program.words[0] = keep(*std::exchange(state_.program_name, std::nullopt));
  return {std::move(program), 0};
}

ChainTurn ChainInterpreter::turn(const ChainTool& tool, std::span<char* const> words) {
  state_.speaker = speaker_of(tool, voice_);
  state_.reason = voice_.reason;
  state_.tell = voice_.tell;
  state_.quiet = false;
  state_.failure_code.reset();
  state_.search_path.reset();
  if (tool.turn != nullptr) return tool.turn({*this, tool, words});
  return turn_by_steps(tool, words);
}

void ChainInterpreter::look_in_present_path() {
  const auto path = state_.environment.value("PATH");
  path_ = path ? std::optional<std::string>(*path) : std::nullopt;
}

int ChainInterpreter::run(const ChainTool& first, std::span<char* const> first_words) {
  const ChainTool* tool = &first;
  ChainProgram program(first_words);
  try {
    for (;;) {
      look_in_present_path();
      ChainTurn now = turn(*tool, program.words);
      if (voice_.searches_new_path) look_in_present_path();
      if (!now.next) return now.exit_code;
      program = std::move(*now.next);
      const ChainTool* const next = tool_of(program);
      if (next == nullptr) break;
      tool = next;
      // What ps shows; the kernel would have done it.
      ::prctl(PR_SET_NAME, tool->name);
    }
    const int error = execute(program);
    if (state_.quiet) return 0;
    tell_failure(state_.speaker, voice_, error_here(voice_.runs, program.file, error));
    return error == ENOENT ? voice_.not_found_code : voice_.not_executable_code;
  } catch (const std::bad_alloc&) {
    print_error({speaker_of(*tool, voice_), ": fatal: out of memory"});
    return voice_.failure_code;
  }
}

}  // namespace kindred
