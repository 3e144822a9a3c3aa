#pragma once
// What the turns of execline's commands share: how they speak, go on and end.
// Source: interfaces/execline.md sections 2 and 4.

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compat-s6/execline/words.h"
#include "core/chain/interpreter.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::execline {

/// What all the words of a command line may have together: no kernel takes more.
inline constexpr std::size_t kMostWords = 6 << 20;

/// A command's turn: its words, and the interpreter.
class Call : public Words {
 public:
  Call(const ChainCall& call, const char* letters, std::span<const LongOption> names)
      : Words(call.words, call.interpreter.state().environment, letters, names), call_(call) {}

  /// Tells what there is to warn of.
  void warn();
  void warn(std::initializer_list<std::string_view> parts) const;
  /// The chain's end: what is wrong with the words.
  [[nodiscard]] ChainTurn refused();
  /// … or with something else.
  [[nodiscard]] ChainTurn fatal(int exit_code, std::initializer_list<std::string_view> parts) const;
  [[nodiscard]] ChainTurn fatal(const Error& error) const;
  [[nodiscard]] ChainTurn usage() const;
  /// The words that come next would be more than any kernel takes: as if it had refused to execute them.
  [[nodiscard]] ChainTurn too_long(const char* program) const;

  /// The chain goes on with these words; none: it ends, and all is well.
  [[nodiscard]] ChainTurn go_on(std::span<char* const> words) const;
  [[nodiscard]] ChainTurn go_on() const { return go_on(rest()); }
  /// … with the variable replaced by its value in them, and no longer in the environment: option -E.
  [[nodiscard]] ChainProgram substituting(const char* variable, std::span<char* const> words) const;
  [[nodiscard]] ChainTurn go_on_substituting(const char* variable) const;

  /// Runs a program as a child to its end, and tells "?" of it; one that cannot be started is warned about only. No
  /// words: nothing, and that is success. Errors: waiting's.
  [[nodiscard]] Status run_and_tell(std::span<char* const> words) const;

  /// What the command is, for another one that is read in its stead.
  [[nodiscard]] ChainCall within(std::span<char* const> words) const {
    return {call_.interpreter, call_.tool, words};
  }
  [[nodiscard]] ChainInterpreter& interpreter() const { return call_.interpreter; }
  [[nodiscard]] ProcessState& state() const { return call_.interpreter.state(); }
  [[nodiscard]] char* keep(std::string word) const { return call_.interpreter.keep(std::move(word)); }
  [[nodiscard]] std::string_view speaker() const { return state().speaker; }

 private:
  const ChainCall& call_;
};

/// All that can be read, or more than any kernel takes as a word. Errors: read's; E2BIG.
[[nodiscard]] Result<std::string> read_all(int descriptor);

/// A child's end. Errors: waitpid's.
[[nodiscard]] Result<int> wait_for(pid_t child);
/// … as the variable "?" tells it: 256 and the signal, or the code.
[[nodiscard]] int told_code(int status);
/// … as an exit code hands it on: 128 and the signal, or the code, 128 at most.
[[nodiscard]] int exit_code(int status);

/// A child whose standard output is read here.
struct ReadChild {
  pid_t child;
  UniqueFd end;
};
[[nodiscard]] Result<ReadChild> start_reading(const Call& call, std::span<char* const> words);

}  // namespace kindred::execline
