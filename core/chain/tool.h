#pragma once
// A chain tool: its words become steps, the steps are done, and the process becomes the program.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error_text.h"
#include "core/chain/step.h"
#include "core/cli/options.h"

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
};

struct ChainTool {
  const char* name;
  const char* usage;  ///< a line, without a newline
  /// Pure: `argv` with the tool's own name; `environment` is looked at by tools that are told by variables.
  ChainRequest (*parse)(int argc, char** argv, const Environment& environment);
  const char* summary;
  int usage_code = 100;
  int (*main)(int argc, char** argv) = nullptr;  ///< of a tool that does not become its program
};

/// Does all of it; returns the exit code where the program does not run.
[[nodiscard]] int run_chain_tool(const ChainTool& tool, const ChainVoice& voice, int argc, char** argv);

/// Under which names a tool is called, besides its own.
struct ChainAliases {
  const char* others = nullptr;  ///< the tool of all names that are no tool's; null: none
  char ignored_first = 0;        ///< this letter may stand before each name
};

/// The tool that argv[0], or the first argument of `kindred-FAMILY-chain TOOL …`, names.
[[nodiscard]] int run_chain_program(std::span<const ChainTool> tools, const ChainVoice& voice, int argc,
                                    char** argv, const ChainAliases& aliases = {});

}  // namespace kindred
