// svc [-udopchaitkx] DIR...: sends commands to the supervisors of services.
// Source: interfaces/daemontools.md section 7.1.

#include <fcntl.h>

#include <cerrno>
#include <string>

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/client/translate.h"
#include "core/dialect/registry.h"

namespace kindred::daemontools {
namespace {

constexpr std::string_view kProgram = "svc";

int usage() {
  print_error(
      {"svc options: u up, d down, o once, x exit, p pause, c continue, h hup, a alarm, i interrupt, t term, "
       "k kill"});
  return kExitUsage;
}

void warn_about(const char* directory, std::string_view operation, const Error& error) {
  print_warning(kProgram, {operation, " ", directory, ": ", why(error)});
}

/// The bytes that say `letters` to whoever supervises; nullopt, after a warning, where that family cannot say
/// them.
std::optional<std::string> in_words_of(const Dialect& supervisor, const std::string& letters,
                                       const char* directory) {
  if (&supervisor == &dialect()) return letters;
  const auto bytes = write_letters(read_letters(letters, dialect().control), supervisor.control);
  if (!bytes)
    print_warning(kProgram,
                  {"unable to control ", directory, ": ", supervisor.name, " cannot express -", letters});
  return bytes;
}

/// False where the supervisor's family cannot express the commands: the one failure that the exit code tells.
bool control(const char* path, const std::string& letters, const KnownFamilies& families) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) {
    warn_about(path, "unable to chdir to", directory.error());
    return true;
  }
  auto channel = ControlChannel::open(*directory, dialect().layout);
  if (!channel) {
    if (channel.error().code == ENXIO)
      print_warning(kProgram, {"unable to control ", path, ": supervise not running"});
    else
      warn_about(path, "unable to control", channel.error());
    return true;
  }
  if (letters.empty()) return true;
  const auto bytes = in_words_of(*directory->supervisor(families), letters, path);
  if (!bytes) return false;
  const Status sent = channel->send(*bytes, ControlChannel::WhenFull::Wait);
  if (!sent) warn_about(path, "error writing commands to", sent.error());
  return true;
}

}  // namespace

int svc_main(int argc, char** argv) {
  std::string letters;
  Options options(argc, argv, "udopchaitkx");
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage();
    if (letters.find(letter) == std::string::npos) letters += letter;
  }
  ignore_sigpipe();
  const KnownFamilies known{dialect(), families()};
  bool expressed = true;
  for (const char* path : options.operands()) expressed = control(path, letters, known) && expressed;
  return expressed ? 0 : kExitFatal;
}

}  // namespace kindred::daemontools
