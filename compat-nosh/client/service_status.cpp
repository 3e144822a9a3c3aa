// service-status, svstat: the state of services, on standard output, trouble included.
// Source: interfaces/nosh.md section 11.

#include <fcntl.h>
#include <unistd.h>

#include "compat-nosh/client/log_tail.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/client/status_text.h"
#include "compat-nosh/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/clock.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {0, "long", "the long form, which is that of every name but svstat"},
    {0, "colour", "with colours, whatever standard output is"},
    {0, "log-lines", "so many lines of the log in the long form; 5 without this", true},
};
constexpr std::size_t kLogLines = 5;

struct Form {
  bool in_full;
  Colour colour;
  std::size_t log_lines;
};

std::string describe(const char* path, const Form& form) {
  const std::string start = std::string(path) + ": ";
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path);
  if (!bundle) return start + std::string(reason(bundle.error())) + "\n";
  const Result<bool> supervised = bundle->supervised();
  if (!supervised)
    return start + supervised.error().object + ": " + std::string(reason(supervised.error())) + "\n";
  Seen seen{.supervised = *supervised, .status = {}, .flags = bundle->flags()};
  std::string text;
  if (seen.supervised) {
    if (Result<std::optional<StatusFields>> status = bundle->status())
      seen.status = *status;
    else
      text = start + status.error().object + ": " + std::string(reason(status.error())) + "\n";
  }
  const WallTime now = SystemClock().now().wall;
  if (!form.in_full) return text + short_text(path, seen, now, form.colour);
  return text + long_text(path, seen, now, form.colour) + log_tail(bundle->fd(), form.log_lines);
}

}  // namespace

int service_status_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY...");
  if (arguments.exit) return *arguments.exit;
  const std::string_view program = base_name(argv[0]);
  if (arguments.operands.empty()) return fail(program, {"Missing directory name(s)."});
  Form form{.in_full = program != "svstat" || arguments.has("long"),
            .colour = arguments.has("colour") || isatty(STDOUT_FILENO) ? Colour::Yes : Colour::No,
            .log_lines = kLogLines};
  for (const Arguments::Given& given : arguments.options) {
    if (given.value == nullptr) continue;
    const std::optional<long> lines = parse_number(given.value);
    if (!lines || *lines < 0) return fail(program, {given.value, ": not a number"});
    form.log_lines = static_cast<std::size_t>(*lines);
  }
  Output out;
  for (const char* path : arguments.operands) out.add(describe(path, form));
  return out.flush() ? 0 : kExitFailed;
}

}  // namespace kindred::nosh
