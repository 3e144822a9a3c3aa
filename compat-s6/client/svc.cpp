// s6-svc [-wu|-wU|-wd|-wD|-wr|-wR] [-T ms] [-s SIGNAL] [-abqhkti12pcyroduDUxOQPCKl] DIR: sends commands to
// the supervisor of a service, and waits for what comes of them. Source: interfaces/s6.md section 10.1.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/service_wait.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/base/signal_name.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/translate.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"
#include "core/sys/flag_file.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-svc";
constexpr std::string_view kUsage =
    "s6-svc [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] [ -s signal ] [ -abqhkti12pcyroduDUxOQPCKl "
    "] "
    "servicedir";
constexpr std::size_t kMostCommands = 62;

/// What a foreign supervisor is told, and what is done for it.
struct Translation {
  std::string bytes;
  FixedVector<Verb, kMostCommands> down_file;  ///< Up removes it, anything else makes it
};

/// A family that has another word for not being wanted up says that.
std::optional<std::string> say(ControlCommand command, const Dialect& supervisor) {
  if (command.verb == Verb::Exit && exit_stops_service(supervisor.convention.main)) return std::nullopt;
  auto bytes = write_letters({&command, 1}, supervisor.control);
  if (!bytes && command.verb == Verb::NoRestart) {
    command.verb = Verb::OnceAtMost;
    bytes = write_letters({&command, 1}, supervisor.control);
  }
  return bytes;
}

/// What the service's own files ask for in place of HUP.
int reload_signal(const ServiceDirectory& directory) {
  constexpr std::size_t kLongest = 15;
  const Result<std::string> text = read_file(directory.fd(), "reload-signal", kLongest);
  const int signal = text ? parse_signal(text->substr(0, text->find('\n'))) : SIGHUP;
  return signal != 0 ? signal : SIGHUP;
}

/// In `letter`: the one that the family cannot express.
std::optional<Translation> translate(const Commands& commands, const ServiceDirectory& directory,
                                     const Dialect& supervisor, char& letter) {
  Translation result;
  const bool goes_down =
      std::any_of(commands.begin(), commands.end(), [](const auto& c) { return c.verb == Verb::Down; });
  for (ControlCommand command : commands) {
    letter = command.custom;
    if (command.keep_down_file) {
      if (supervisor.convention.main.down_file == nullptr) return std::nullopt;
      result.down_file.push_back(command.verb);
    }
    if (command.verb == Verb::Signal && command.signal == 0)
      command.signal = static_cast<std::uint8_t>(reload_signal(directory));
    // The file is the service's: what the supervisor does not see to, we do.
    command.keep_down_file = false;
    std::optional<std::string> bytes = say(command, supervisor);
    // Where exit stops the service, that is no other thing when the service is to stop anyway.
    if (!bytes && command.verb == Verb::Exit && goes_down)
      bytes = write_letters({&command, 1}, supervisor.control);
    if (!bytes) return std::nullopt;
    result.bytes += *bytes;
  }
  return result;
}

void see_to_down_file(const ServiceDirectory& directory, const Dialect& supervisor, Verb verb,
                      const char* path) {
  const bool goes = verb == Verb::Up;
  const std::string file = directory.down_file(supervisor);
  const int error =
      goes ? remove_flag_file(directory.fd(), file.c_str()) : make_flag_file(directory.fd(), file.c_str());
  if (error != 0)
    print_warning(kProgram,
                  {"unable to ", goes ? "remove " : "create ", path, "/", file, ": ", std::strerror(error)});
}

int send(const char* path, const std::string& letters, const KnownFamilies& families) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return die(kProgram, error_here("control", path, directory.error().code));
  const Dialect& supervisor = *directory->supervisor(families);
  auto channel = ControlChannel::open(*directory, supervisor.layout);
  if (!channel) return cannot_control(kProgram, path, "supervise", channel.error().code);
  const Commands commands = read_letters(letters, dialect().control);
  Translation told{letters, {}};
  if (&supervisor != &dialect()) {
    char letter = 0;
    const auto translation = translate(commands, *directory, supervisor, letter);
    if (!translation)
      return fatal(kProgram, {"unable to control ", path, ": ", supervisor.name, " cannot express -",
                              std::string_view(&letter, 1)});
    told = *translation;
  }
  if (directory->lacks_group(families, commands))
    return fatal(kProgram, {"unable to control ", path, ": ", kLacksGroup});
  for (const Verb verb : told.down_file) see_to_down_file(*directory, supervisor, verb, path);
  if (Status sent = channel->send(told.bytes, ControlChannel::WhenFull::Wait); !sent)
    return die(kProgram, sent.error());
  return 0;
}

/// The command that sends this signal; 0 where there is none.
char letter_of_signal(const char* text) {
  const int signal = parse_signal(text);
  if (signal == SIGSTOP) return 'p';
  if (signal == SIGCONT) return 'c';
  if (signal == 0) return 0;
  const ControlBytes bytes =
      dialect().control.encode({.verb = Verb::Signal, .signal = static_cast<std::uint8_t>(signal)});
  return bytes.empty() ? '\0' : bytes[0];
}

/// Nothing can be waited for that the service never says.
char sayable(char want, const char* path) {
  if (want != 'U' && want != 'R') return want;
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  const auto has = directory ? directory->has("notification-fd") : Result<bool>(true);
  if (!has || *has) return want;
  print_warning(kProgram,
                {path, "/notification-fd not present - ignoring request for readiness notification"});
  return want == 'U' ? 'u' : 'r';
}

}  // namespace

int svc_main(int argc, char** argv) {
  std::string letters;
  char want = 0;
  std::uint32_t limit = 0;
  Options options(argc, argv, "abqhkti12pcyroduDUxOQPCKls:w:T:", Options::Complaint::Kept);
  while (char letter = options.next()) switch (letter) {
      case Options::kBad:
        return usage(kProgram, kUsage);
      case 'w':
        want = *options.argument();
        if (!wait_for(want)) return usage(kProgram, kUsage);
        break;
      case 'T': {
        const auto number = parse_number(options.argument());
        if (!number) return usage(kProgram, kUsage);
        limit = *number;
        break;
      }
      case 's':
        letter = letter_of_signal(options.argument());
        if (letter == 0) return fatal(kProgram, {"no command sends signal ", options.argument()}, kExitUsage);
        [[fallthrough]];
      default:
        if (letters.size() == kMostCommands) return fatal(kProgram, {"too many commands"}, kExitUsage);
        letters += letter;
    }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  const char* const path = options.operands().front();
  if (*path == '\0') return fatal(kProgram, {"invalid service path"}, kExitUsage);
  if (options.operands().size() > 1) print_warning(kProgram, {"ignoring extra arguments"});

  ignore_sigpipe();
  const KnownFamilies known{dialect(), families()};
  if (want == 0) return send(path, letters, known);
  ServiceWait wait(*wait_for(sayable(want, path)), ServiceWait::Of::All, known);
  if (Status opened = wait.open(); !opened) return die(kProgram, opened.error());
  const Instant deadline = deadline_after(limit);
  if (Status added = wait.add(path); !added) return die(kProgram, added.error());
  // Who waits may be waiting for the supervisor too.
  if (!letters.empty())
    if (const int code = send(path, letters, known); code != 0 && code != kExitUsage) return code;
  return end_of_wait(kProgram, wait.wait(deadline));
}

}  // namespace kindred::s6
