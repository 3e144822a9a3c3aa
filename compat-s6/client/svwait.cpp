// s6-svwait, s6-svlisten1, s6-svlisten: wait for services to come up or go down.
// Source: interfaces/s6.md sections 10.5 and 10.6.

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/service_wait.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"

namespace kindred::s6 {
namespace {

/// What the options of the three programs say.
struct Request {
  std::string_view program;
  std::string_view usage;
  WaitFor what = WaitFor::Up;
  ServiceWait::Of of = ServiceWait::Of::All;
  std::uint32_t limit = 0;
};

/// False for a bad option.
bool read_options(Options& options, Request& request) {
  while (const char letter = options.next()) switch (letter) {
      case Options::kBad:
        return false;
      case 'a':
        request.of = ServiceWait::Of::All;
        break;
      case 'o':
        request.of = ServiceWait::Of::Any;
        break;
      case 't': {
        const auto number = parse_number(options.argument());
        if (!number) return false;
        request.limit = *number;
        break;
      }
      default:
        request.what = *wait_for(letter);
        break;
    }
  const bool restart = request.what == WaitFor::Restart || request.what == WaitFor::RestartReady;
  if (restart && request.of == ServiceWait::Of::Any) {
    print_warning(request.program, {"-o does not go with -r or -R: waiting for all"});
    request.of = ServiceWait::Of::All;
  }
  return true;
}

/// Listens, looks, starts `command` if there is one, and waits.
template <class Paths>
int run(const Request& request, const Paths& paths, std::span<char* const> command) {
  const KnownFamilies known{dialect(), families()};
  const Instant deadline = deadline_after(request.limit);
  ServiceWait wait(request.what, request.of, known);
  if (Status opened = wait.open(); !opened) return die(request.program, opened.error());
  for (const char* const path : paths)
    if (Status added = wait.add(path); !added) return die(request.program, added.error());
  if (!command.empty())
    if (Status started = start(command); !started) return die(request.program, started.error());
  return end_of_wait(request.program, wait.wait(deadline));
}

}  // namespace

int svwait_main(int argc, char** argv) {
  Request request{
      .program = "s6-svwait",
      .usage = "s6-svwait [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir..."};
  Options options(argc, argv, "uUdDrRaot:", Options::Complaint::Kept);
  if (!read_options(options, request) || options.operands().empty())
    return usage(request.program, request.usage);
  return run(request, options.operands(), {});
}

int svlisten1_main(int argc, char** argv) {
  Request request{.program = "s6-svlisten1",
                  .usage = "s6-svlisten1 [ -U | -u | -d | -D | -r | -R ] [ -t timeout ] servicedir prog..."};
  Options options(argc, argv, "uUdDrRt:", Options::Complaint::Kept);
  if (!read_options(options, request) || options.operands().size() < 2)
    return usage(request.program, request.usage);
  return run(request, options.operands().first(1), options.operands().subspan(1));
}

int svlisten_main(int argc, char** argv) {
  Request request{.program = "s6-svlisten",
                  .usage =
                      "s6-svlisten [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir... "
                      "\"\" prog..."};
  Options options(argc, argv, "uUdDrRaot:", Options::Complaint::Kept);
  if (!read_options(options, request)) return usage(request.program, request.usage);
  std::span<char* const> words = options.operands();
  const auto directories = take_block(words);
  if (!directories || directories->empty() || words.empty()) return usage(request.program, request.usage);
  return run(request, *directories, words);
}

}  // namespace kindred::s6
