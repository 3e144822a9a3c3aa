// convert-systemd-units. Source: interfaces/nosh-system.md section 8.

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "compat-nosh/client/options.h"
#include "compat-nosh/import/unit_import.h"
#include "compat-nosh/import/unit_search.h"
#include "compat-nosh/programs.h"
#include "core/cli/program.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {'u', "user", "the user's units, not the system's"},
    {0, "bundle-root", "where the bundle is to be made", true},
    {0, "escape-instance", "the instance is given as it is to be understood"},
    {0, "escape-prefix", "so is what comes before it"},
    {0, "alt-escape", "names are escaped the other way: hyphens are themselves"},
    {0, "no-ext-escape", "no sequences of a letter"},
    {0, "etc-bundle", "links as from /etc/service-bundles"},
    {0, "local-bundle", "links as from /var/local/sv"},
    {0, "no-systemd-quirks", "without what systemd does of its own accord"},
    {0, "no-generation-comment", "do not say in the scripts what they are from"},
};

ImportOptions read_import_options(const Arguments& arguments) {
  ImportOptions options;
  options.per_user = arguments.has("user");
  options.etc_bundle = arguments.has("etc-bundle");
  options.local_bundle = arguments.has("local-bundle");
  options.quirks = !arguments.has("no-systemd-quirks");
  options.generation_comment = !arguments.has("no-generation-comment");
  options.escape_instance = arguments.has("escape-instance");
  options.escape_prefix = arguments.has("escape-prefix");
  options.alternative_escape = arguments.has("alt-escape");
  options.extended_escape = !arguments.has("no-ext-escape");
  return options;
}

ImportHost this_host() {
  constexpr std::size_t kIdLength = 32;
  ImportHost host;
  if (const auto id = read_file(AT_FDCWD, "/etc/machine-id", kIdLength)) host.machine_id = *id;
  if (const passwd* const account = getpwuid(geteuid())) {
    host.user = account->pw_name;
    host.home = account->pw_dir;
  }
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') host.home = home;
  return host;
}

int fail_with(std::string_view program, const Error& error) {
  if (error.code == 0 && error.operation == "Not a regular file.") {
    complain(program, "ERROR", {error.object, ": ", error.operation});
    return kExitFailed;
  }
  return fail(program, {error.object, ": ", error.code == 0 ? error.operation : reason(error)});
}

}  // namespace

int convert_systemd_units_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "UNIT");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail(program, {"Missing argument(s)."});
  if (arguments.operands.size() > 1) return fail(program, {"Unrecognized argument(s)."});
  const ImportOptions options = read_import_options(arguments);
  Result<UnitParts> parts = find_unit(arguments.operands[0], options.per_user);
  if (!parts) return fail_with(program, parts.error());
  const Result<BundlePlan> plan = plan_import(*parts, options, this_host());
  if (!plan) return fail_with(program, plan.error());
  const char* const root = arguments.value("bundle-root");
  if (const Status done = write_bundle(root != nullptr ? root : ".", *plan, IfThere::IsReplaced); !done)
    return fail_with(program, done.error());
  for (const std::string& warning : plan->warnings) complain(program, "WARNING", {warning});
  return 0;
}

}  // namespace kindred::nosh
