#pragma once
// A chain in one process: as long as the program that comes next is one of the same executable's tools, its turn
// comes without an exec between, in this process or in a child that was forked for it. Nobody can tell from
// outside: a word is such a tool only where PATH leads to our own executable, each tool looks in the PATH that it
// would have had itself, and what it opens it leaves open.

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/chain/tool.h"

namespace kindred {

/// A program and its words.
struct ChainProgram {
  const char* file = nullptr;       ///< what is looked for; null: no program
  std::vector<char*> words;         ///< argv[0] first
  const ChainTool* tool = nullptr;  ///< it is this one, wherever PATH leads

  ChainProgram() = default;
  /// A program that is called by the name by which it is looked for. No words: no program.
  explicit ChainProgram(std::span<char* const> named)
      : file(named.empty() ? nullptr : named[0]), words(named.begin(), named.end()) {}
};

/// Where the chain goes after a tool's turn.
struct ChainTurn {
  std::optional<ChainProgram> next;  ///< without: it ends here
  int exit_code = 0;

  static ChainTurn ends(int exit_code) { return {std::nullopt, exit_code}; }
};

/// What is different for a child.
struct ChildSetup {
  int from = -1, to = -1;            ///< descriptor `from` becomes `to`, and is closed under its old number
  std::span<const int> closed = {};  ///< are not the child's
  bool keeps_mask = false;           ///< blocks what we block, whatever the family's children do
};

class ChainInterpreter;

/// A tool's turn.
struct ChainCall {
  ChainInterpreter& interpreter;
  const ChainTool& tool;
  std::span<char* const> words;  ///< argv[0] first
};

class ChainInterpreter {
 public:
  /// Tools that are not in `tools` are executed. Both, and the environment, outlive the interpreter.
  ChainInterpreter(std::span<const ChainTool> tools, const ChainVoice& voice, const char* const* environment)
      : tools_(tools), voice_(voice), state_(environment) {}

  /// The tool's turn, and those of what comes after it. Returns the exit code where the chain ends in this process.
  [[nodiscard]] int run(const ChainTool& tool, std::span<char* const> words);

  /// Starts a child. Errors: errno where it could not be executed, or there is no process to be had; what it has to
  /// say itself, when it is one of the tools, comes later and from it.
  [[nodiscard]] Result<pid_t> start(const ChainProgram& program, const ChildSetup& setup = {});
  /// Likewise, as a child of a process that has ended: it is no child of ours, nor of what we become.
  [[nodiscard]] Result<pid_t> start_detached(const ChainProgram& program, const ChildSetup& setup = {});

  /// The tool that the program is, so that the chain goes on in this process; null where it must be executed.
  [[nodiscard]] const ChainTool* tool_of(const ChainProgram& program);
  /// Null for a name that none of the tools has.
  [[nodiscard]] const ChainTool* tool_named(std::string_view name) const;

  /// Replaces this process. Returns only on failure: errno.
  [[nodiscard]] int execute(const ChainProgram& program, char* const* environment);
  /// … with the environment as it is now.
  [[nodiscard]] int execute(const ChainProgram& program);

  [[nodiscard]] ProcessState& state() { return state_; }
  [[nodiscard]] const ChainVoice& voice() const { return voice_; }

  /// A word that was made on the way; it lives as long as the interpreter does.
  [[nodiscard]] char* keep(std::string word);

 private:
  void look_in_present_path();
  [[nodiscard]] ChainTurn turn(const ChainTool& tool, std::span<char* const> words);
  [[nodiscard]] ChainTurn turn_by_steps(const ChainTool& tool, std::span<char* const> words);
  /// The program's words, with those that steps have read.
  [[nodiscard]] std::vector<char*> program_words(const ChainRequest& request);
  [[nodiscard]] const std::optional<std::string>& search_path() const {
    return state_.search_path ? state_.search_path : path_;
  }
  enum class Found : std::uint8_t { Nothing, Something, OurExecutable };
  [[nodiscard]] Found look_at(const char* path);

  std::span<const ChainTool> tools_;
  const ChainVoice& voice_;
  ProcessState state_;
  std::optional<std::string> path_;  ///< in which this turn's tool looks
  std::optional<struct stat> self_;
  unsigned nested_ = 0;  ///< children within children that were not executed
  std::size_t kept_bytes_ = 0;
  std::deque<std::string> kept_;
};

}  // namespace kindred
