// service-control, svc: sends commands to the supervisors of services.
// Source: interfaces/nosh.md section 10.

#include <fcntl.h>

#include <cerrno>
#include <string>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/commands.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred::nosh {
namespace {

/// Each option is the byte of its letter.
constexpr Option kOptions[] = {
    {'u', "up", "bring it up, and restart it as its restart script says"},
    {'d', "down", "bring it down: TERM and CONT, and no restart"},
    {'o', "once", "bring it up, once"},
    {'O', "at-most-once", "do not restart it"},
    {'x', "exit", "unload it when it is stopped"},
    {'p', "pause", "send STOP"},
    {'c', "continue", "send CONT"},
    {'h', "hangup", "send HUP"},
    {'H', "hangup-main", "send HUP to the main process"},
    {'a', "alarm", "send ALRM"},
    {'i', "interrupt", "send INT"},
    {'t', "terminate", "send TERM"},
    {'T', "terminate-main", "send TERM to the main process"},
    {'k', "kill", "send KILL"},
    {'K', "kill-main", "send KILL to the main process"},
    {'q', "quit", "send QUIT"},
    {'1', "usr1", "send USR1"},
    {'2', "usr2", "send USR2"},
    {'w', "window", "send WINCH"},
    {'z', "suspend", "send TSTP"},
};

/// What is to be said of `path`; empty if all went well. `expressed` tells whether the supervisor's family
/// has words for the command.
std::string control(const char* path, const std::string& letters, bool& expressed) {
  auto trouble = [](const char* object, const Error& error) {
    return std::string(object) + std::string(*object != '\0' ? ": " : "") + std::string(reason(error));
  };
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path);
  if (!bundle) return trouble("", bundle.error());
  const Result<bool> supervised = bundle->supervised();
  if (!supervised && !bundle->has_supervise_directory()) return trouble("supervise", supervised.error());
  if (!supervised) return trouble(supervised.error().object.c_str(), supervised.error());
  if (!*supervised) return "No supervisor is running";
  Result<ControlChannel> channel = bundle->control();
  if (!channel) return trouble("control", channel.error());
  const auto bytes = in_words_of(bundle->supervisor(), letters);
  if (!bytes) {
    expressed = false;
    return std::string(bundle->supervisor().name) + " cannot express -" + letters;
  }
  const Status sent = channel->send(*bytes, ControlChannel::WhenFull::Wait);
  return sent ? std::string() : trouble("control", sent.error());
}

}  // namespace

int service_control_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY...");
  if (arguments.exit) return *arguments.exit;
  const std::string_view program = base_name(argv[0]);
  if (arguments.operands.empty()) return fail(program, {"Missing directory name(s)."});
  std::string letters;
  for (const Arguments::Given& given : arguments.options) letters += given.option->letter;
  ignore_sigpipe();
  bool expressed = true;
  Output out;
  for (const char* path : arguments.operands)
    if (const std::string text = control(path, letters, expressed); !text.empty())
      out.add(path).add(": ").add(text).add("\n");
  if (!out.flush()) return kExitFailed;
  return expressed ? 0 : kExitFailed;
}

}  // namespace kindred::nosh
