#pragma once
// What the turns of execline's commands share: options, operands, blocks, and how they speak.
// Source: interfaces/execline.md sections 2 and 4.

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/chain/interpreter.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::execline {

/// What all the words of a command line may have together: no kernel takes more.
inline constexpr std::size_t kMostWords = 6 << 20;

class Call {
 public:
  /// `letters` as getopt's; null: the command has no options, and words that look like some are operands.
  explicit Call(const ChainCall& call, const char* letters = nullptr, std::span<const LongOption> names = {});
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// After Options::kBad: it was a name, not a letter.
  [[nodiscard]] bool refused_a_name() const { return options_ && options_->refused_a_name(); }

  /// As Options has them; after the last one the operands can be taken.
  [[nodiscard]] char option();
  [[nodiscard]] const char* argument() const { return options_ ? options_->argument() : nullptr; }

  /// The next operand; null after the last one.
  [[nodiscard]] char* take();
  /// The operands that have not been taken.
  [[nodiscard]] std::span<char* const> rest() const { return rest_; }
  [[nodiscard]] bool has_rest() const { return !rest_.empty(); }
  /// The words of the block that comes next, with one blank less each. nullopt, after a line on standard error: it has
  /// no end, or the user wants only blocks that are quoted, and this is none.
  [[nodiscard]] std::optional<std::vector<char*>> take_block(std::string_view name = "block") {
    return take_block_of(rest_, name);
  }
  /// … in other words than the operands, which lose it.
  [[nodiscard]] std::optional<std::vector<char*>> take_block_of(std::span<char* const>& words,
                                                                std::string_view name);

  /// EXECLINE_STRICT; 0 if it is unset or no number.
  [[nodiscard]] unsigned strictness() const;

  void warn(std::initializer_list<std::string_view> parts) const;
  [[nodiscard]] ChainTurn fatal(int exit_code, std::initializer_list<std::string_view> parts) const;
  [[nodiscard]] ChainTurn fatal(const Error& error) const;
  [[nodiscard]] ChainTurn usage() const;
  /// The words that come next would be more than any kernel takes: as if it had refused to execute them.
  [[nodiscard]] ChainTurn too_long(const char* program) const;
  /// After a take_block() that has failed.
  [[nodiscard]] static ChainTurn bad_block() { return ChainTurn::ends(kExitUsage); }

  /// The chain goes on with these words; none: it ends, and all is well.
  [[nodiscard]] ChainTurn go_on(std::span<char* const> words) const;
  [[nodiscard]] ChainTurn go_on() const { return go_on(rest_); }
  /// … with the variable replaced by its value in them, and no longer in the environment: option -E.
  [[nodiscard]] ChainProgram substituting(const char* variable, std::span<char* const> words) const;
  [[nodiscard]] ChainTurn go_on_substituting(const char* variable) const;

  /// Runs a program as a child to its end, and tells "?" of it; one that cannot be started is warned about only. No
  /// words: nothing, and that is success. Errors: waiting's.
  [[nodiscard]] Status run_and_tell(std::span<char* const> words) const;

  [[nodiscard]] ChainInterpreter& interpreter() const { return call_.interpreter; }
  [[nodiscard]] ProcessState& state() const { return call_.interpreter.state(); }
  [[nodiscard]] char* keep(std::string word) const { return call_.interpreter.keep(std::move(word)); }
  [[nodiscard]] std::string_view speaker() const { return state().speaker; }
  [[nodiscard]] const char* argv0() const { return call_.words[0]; }

 private:
  const ChainCall& call_;
  std::vector<char*> argv_;
  std::optional<Options> options_;
  std::span<char* const> rest_;
  unsigned blocks_ = 0;
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

/// What a variable may be called.
[[nodiscard]] bool is_variable_name(std::string_view name);

}  // namespace kindred::execline
