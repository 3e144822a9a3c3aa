#include "core/chain/tool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/execute.h"

namespace kindred {
namespace {

std::string_view speaker(const ChainTool& tool, const ChainVoice& voice) {
  return voice.prefix != nullptr ? voice.prefix : tool.name;
}

int fail(const ChainTool& tool, const ChainVoice& voice, const Error& error) {
  const std::string_view who = speaker(tool, voice);
  if (error.code == 0)
    print_error({who, ": fatal: ", error.operation, voice.between, error.object});
  else
    print_error({who, ": fatal: unable to ", error.operation, error.object.empty() ? "" : voice.between,
                 error.object, ": ", voice.reason(error.code)});
  return voice.failure_code;
}

int misused(const ChainTool& tool, const ChainVoice& voice, const ChainRequest& request) {
  std::string text = request.complaint.empty() ? "" : request.complaint + "\n";
  if (!request.quiet_usage) text += std::string(tool.usage) + voice.after_usage;
  static_cast<void>(write_text(2, text));
  return request.is_answer ? 0 : tool.usage_code;
}

/// The words of the program, with those that were read; what is in `state` must stay.
std::vector<char*> program_words(const ChainRequest& request, ProcessState& state) {
  std::vector<char*> words(request.program.begin(), request.program.end());
  const auto insert = [&](std::size_t at, std::vector<std::string>& read) {
    std::vector<char*> pointers;
    for (std::string& word : read) pointers.push_back(word.data());
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), pointers.begin(), pointers.end());
  };
  insert(words.size(), state.last_words);
  insert(std::min<std::size_t>(words.size(), 1), state.first_words);
  insert(0, state.leading_words);
  return words;
}

/// -V, -? and -h as the first word. nullopt: none of these.
std::optional<int> answer(const ChainTool& tool, const ChainVoice& voice, std::string_view word) {
  Output out;
  if (word == "-V")
    out.add(voice.version_prefix).add(tool.name).add(" (kindred " KINDRED_VERSION ")\n");
  else if (word == "-?" || word == "-h")
    out.add(tool.usage).add("\n");
  else
    return std::nullopt;
  return out.flush() ? 0 : voice.failure_code;
}

}  // namespace

ChainRequest bad_option(char** argv, const Options& options) {
  if (options.complaint().empty()) return ChainRequest::misuse();
  return ChainRequest::misuse(std::string(base_name(argv[0])) + ": " + options.complaint());
}

int run_chain_tool(const ChainTool& tool, const ChainVoice& voice, int argc, char** argv) {
  if (tool.main != nullptr) return tool.main(argc, argv);
  ProcessState state(environ);
  if (voice.version_prefix != nullptr && argc > 1)
    if (const auto code = answer(tool, voice, argv[1])) return *code;
  const ChainRequest request = tool.parse(argc, argv, state.environment);
  if (request.misused || (request.program.empty() && !request.needs_no_program))
    return misused(tool, voice, request);
  state.speaker = speaker(tool, voice);
  state.reason = voice.reason;
  for (const ChainStep& step : request.steps) {
    const Status done = apply(step, state);
    if (done && state.ended) return *state.ended;
    if (done) continue;
    if (state.quiet) return 0;
    const int code = fail(tool, voice, done.error());
    return state.failure_code.value_or(code);
  }
  std::vector<char*> words = program_words(request, state);
  const char* const file = words[0];
  if (request.program_name_follows) words.erase(words.begin());
  if (state.program_name) words[0] = state.program_name->data();
  words.push_back(nullptr);
  const std::vector<char*> environment = state.environment.block();
  char* const* const given = state.environment_changed ? environment.data() : environ;
  const int error = state.search_path ? execute(file, words.data(), given, *state.search_path)
                                      : execute(file, words.data(), given);
  if (state.quiet) return 0;
  static_cast<void>(fail(tool, voice, error_here(voice.runs, file, error)));
  return error == ENOENT ? voice.not_found_code : voice.not_executable_code;
}

int run_chain_program(std::span<const ChainTool> tools, const ChainVoice& voice, int argc, char** argv,
                      const ChainAliases& aliases) {
  const auto find = [&](std::string_view name) -> const ChainTool* {
    for (const ChainTool& tool : tools)
      if (name == tool.name) return &tool;
    return nullptr;
  };
  const std::string_view called = base_name(argv[0]);
  const ChainTool* tool = find(called);
  if (tool == nullptr && aliases.ignored_first != 0 && called.starts_with(aliases.ignored_first))
    tool = find(called.substr(1));
  if (tool == nullptr && argc > 1 && called.starts_with("kindred-")) {
    if (std::string_view(argv[1]) == "--list") {
      Output out;
      for (const ChainTool& each : tools) out.add(each.name).add("  ").add(each.summary).add("\n");
      return out.flush() ? 0 : kExitFatal;
    }
    tool = find(argv[1]);
    if (tool != nullptr) {
      --argc;
      ++argv;
    }
  }
  if (tool == nullptr && aliases.others != nullptr) tool = find(aliases.others);
  if (tool == nullptr) {
    print_error({called, ": usage: ", called, " TOOL [argument ...]; --list names the tools"});
    return kExitUsage;
  }
  try {
    return run_chain_tool(*tool, voice, argc, argv);
  } catch (const std::bad_alloc&) {
    print_error({tool->name, ": fatal: out of memory"});
    return voice.failure_code;
  }
}

}  // namespace kindred
