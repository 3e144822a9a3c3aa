#include "core/chain/tool.h"

#include <unistd.h>

#include <new>

#include "core/chain/interpreter.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred {
namespace {

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

int run_main(const ChainTool& tool, const ChainVoice& voice, int argc, char** argv) {
  try {
    return tool.main(argc, argv);
  } catch (const std::bad_alloc&) {
    print_error({tool.name, ": fatal: out of memory"});
    return voice.failure_code;
  }
}

}  // namespace

ChainRequest bad_option(char** argv, const Options& options) {
  if (options.complaint().empty()) return ChainRequest::misuse();
  return ChainRequest::misuse(std::string(base_name(argv[0])) + ": " + options.complaint());
}

std::string_view speaker_of(const ChainTool& tool, const ChainVoice& voice) {
  if (voice.prefix != nullptr) return voice.prefix;
  return tool.speaks_as != nullptr ? tool.speaks_as : tool.name;
}

void tell_failure(std::string_view speaker, const ChainVoice& voice, const Error& error) {
  if (voice.tell != nullptr)
    voice.tell(speaker, Severity::Fatal, error);
  else if (error.code == 0)
    print_error(
        {speaker, ": fatal: ", error.operation, error.object.empty() ? "" : voice.between, error.object});
  else
    print_error({speaker, ": fatal: unable to ", error.operation, error.object.empty() ? "" : voice.between,
                 error.object, ": ", voice.reason(error.code)});
}

int tell_misuse(const ChainTool& tool, const ChainVoice& voice, const ChainRequest& request) {
  if (!request.misused && voice.no_program != nullptr) {
    tell_failure(speaker_of(tool, voice), voice, Error{0, voice.no_program, ""});
    return tool.usage_code;
  }
  std::string text = request.complaint.empty() ? "" : request.complaint + "\n";
  if (!request.quiet_usage) text += std::string(tool.usage) + voice.after_usage;
  const bool written = static_cast<bool>(write_text(request.on_output ? 1 : 2, text));
  if (request.on_output && !written) return voice.failure_code;
  return request.is_answer ? 0 : tool.usage_code;
}

int run_chain_program(std::span<const ChainTool> tools, const ChainVoice& voice, int argc, char** argv,
                      const ChainAliases& aliases, InOneProcess in_one_process) {
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
  // By a name that somebody has given it: "-NAME" of a login, what chpst -b says.
  if (tool == nullptr && argc > 0) tool = find(executed_name());
  if (tool == nullptr) {
    print_error({called, ": usage: ", called, " TOOL [argument ...]; --list names the tools"});
    return kExitUsage;
  }
  if (tool->main != nullptr) return run_main(*tool, voice, argc, argv);
  if (voice.version_prefix != nullptr && argc > 1)
    if (const auto code = answer(*tool, voice, argv[1])) return *code;
  const bool alone = in_one_process == InOneProcess::No;
  ChainInterpreter interpreter(alone ? std::span<const ChainTool>() : tools, voice, environ);
  return interpreter.run(*tool, {argv, static_cast<std::size_t>(argc)});
}

}  // namespace kindred
