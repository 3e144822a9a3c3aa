#pragma once
// A chain tool: its words become steps, the steps are done, and the process becomes the program.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error_text.h"
#include "core/chain/step.h"
#include "core/cli/options.h"
#include "core/sys/execute.h"

namespace kindred {

/// What a tool's words ask for.
struct ChainRequest {
  std::vector<ChainStep> steps;
  std::span<char* const> program;  ///< and its arguments; empty: none is needed, or none was given
  bool misused = false;
  std::string complaint;  ///< a line before the usage; empty: none
  bool quiet_usage = false;
  bool program_name_follows =
      false;                      ///< the second word of `program` is not its first argument, but its name
  bool needs_no_program = false;  ///< a step reads it, or ends the chain
  bool is_answer = false;         ///< the usage, or the complaint, is what was asked for
  bool on_output = false;         ///< … and goes to standard output

  [[nodiscard]] static ChainRequest misuse(std::string complaint = {}) {
    ChainRequest request;
    request.misused = true;
    request.complaint = std::move(complaint);
    return request;
  }
  /// `text`: instead of the usage.
  [[nodiscard]] static ChainRequest answer(std::string text = {}) {
    ChainRequest request = misuse(std::move(text));
    request.is_answer = true;
    request.quiet_usage = !request.complaint.empty();
    return request;
  }
};

/// Wrong usage for the option that Options, which keeps its complaint, refused last: "PROG: illegal option -- C", with
/// the name by which the tool was called.
[[nodiscard]] ChainRequest bad_option(char** argv, const Options& options);

/// A family's way of speaking in its chain tools.
struct ChainVoice {
  const char* prefix = nullptr;  ///< of messages; null: the tool's name
  const char* between = " ";     ///< "unable to OPERATION", this, OBJECT
  ErrorText reason = error_text;
  const char* runs = "run";  ///< the operation that failed where the program cannot be run
  int failure_code = 111;
  int not_found_code = 111;        ///< the program is not there
  int not_executable_code = 111;   ///< … or cannot be executed
  const char* after_usage = "\n";  ///< ends the usage
  /// Answers -V with "…NAME (kindred VERSION)", and -? and -h with the usage, on standard output. Null: it does not.
  const char* version_prefix = nullptr;
  SearchRules search = {};        ///< for the program that comes next
  SearchRules child_search = {};  ///< for one that becomes a child
  TellError tell = nullptr;       ///< null: "TOOL: fatal: unable to OPERATION OBJECT: REASON"
  /// The operation of which the lack of a program is told, instead of the usage.
  const char* no_program = nullptr;
  bool own_tools_first = false;    ///< a word without a slash is our tool of that name, wherever PATH leads
  bool searches_new_path = false;  ///< a program is looked for in the PATH that it gets
  bool children_block_nothing = false;  ///< but for those that are nobody's children
  bool sorts_environment =
      false;  ///< by name, once it has been changed; of two of a name the first one stays
};

struct ChainTurn;
struct ChainCall;

struct ChainTool {
  const char* name;
  const char* usage;  ///< a line, without a newline
  /// Pure: `argv` with the tool's own name; `environment` is looked at by tools that are told by variables. Of a tool
  /// that no steps can say: what its words are, read as it reads them itself. Null: they are taken as they are.
  ChainRequest (*parse)(int argc, char** argv, const Environment& environment);
  const char* summary;
  int usage_code = 100;
  int (*main)(int argc, char** argv) = nullptr;  ///< of a tool that does not become its program
  /// Of a tool that no steps can say: it has children, or changes the words that come after it. See interpreter.h.
  ChainTurn (*turn)(const ChainCall& call) = nullptr;
  const char* speaks_as = nullptr;                 ///< in messages; null: its name
  std::optional<int> failure_code = std::nullopt;  ///< of what it could not do, where it is not the family's
};

/// The complaint and the usage, on standard error. Returns the exit code.
[[nodiscard]] int tell_misuse(const ChainTool& tool, const ChainVoice& voice, const ChainRequest& request);
/// The line for a step, or a program, that has failed.
void tell_failure(std::string_view speaker, const ChainVoice& voice, const Error& error);
[[nodiscard]] std::string_view speaker_of(const ChainTool& tool, const ChainVoice& voice);

/// Under which names a tool is called, besides its own.
struct ChainAliases {
  const char* others = nullptr;  ///< the tool of all names that are no tool's; null: none
  char ignored_first = 0;        ///< this letter may stand before each name
};

/// Whether tools that come one after another in a chain run in one process: only where all are in the table whose
/// messages and exit codes are the voice's.
enum class InOneProcess : std::uint8_t { No, Yes };

/// The tool that argv[0], or the first argument of `kindred-FAMILY-chain TOOL …`, names.
[[nodiscard]] int run_chain_program(std::span<const ChainTool> tools, const ChainVoice& voice, int argc,
                                    char** argv, const ChainAliases& aliases = {},
                                    InOneProcess in_one_process = InOneProcess::No);

}  // namespace kindred
