// s6-log SCRIPT...: selects lines and writes them to directories, descriptors and status files.
// Source: interfaces/s6.md section 12.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include "compat-s6/log/log_script.h"
#include "compat-s6/log/programs.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/log/log_loop.h"

namespace kindred::s6 {
namespace {

constexpr const char* kProgram = "s6-log";
constexpr int kFirstOther = 3;
constexpr std::uint32_t kUsualLine = 8192, kShortestLimit = 48;
/// What -l 0 means: a program that never ends its line shall not take all memory.
constexpr std::size_t kLongestLine = 16 * 1024 * 1024;
constexpr std::uint32_t kUsualPatience = 2000;

constexpr std::array kSignals = {
    LogSignal{SIGHUP, LogSignal::Act::FinishLine},
    LogSignal{SIGALRM, LogSignal::Act::Rotate},
    LogSignal{SIGTERM, LogSignal::Act::FinishLine},
};

struct Settings {
  int ready = -1;  ///< a descriptor
  unsigned verbosity = 1;
  bool ignores_term = false;
  std::uint32_t longest_line = kUsualLine;
  std::uint32_t patience = kUsualPatience;  ///< milliseconds
};

/// All digits.
std::optional<std::uint32_t> number(std::string_view text) {
  std::uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (value > UINT32_MAX) return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

int usage() {
  print_error(
      {kProgram, ": usage: ", kProgram,
       " [ -d notif ] [ -q | -v ] [ -b ] [ -p ] [ -l linelimit ] [ -t timeout ] [ -- ] logging_script"});
  return kExitUsage;
}

/// An exit code, or the settings.
std::optional<int> read_options(Options& options, Settings& settings) {
  while (const char letter = options.next()) {
    const auto value = options.argument() != nullptr ? number(options.argument()) : std::nullopt;
    if ((letter == 'd' || letter == 'l' || letter == 't') && !value) return usage();
    switch (letter) {
      case 'd':
        if (*value < kFirstOther) return fatal(kProgram, {"notification fd must be 3 or more"}, kExitUsage);
        settings.ready = static_cast<int>(std::min<std::uint32_t>(*value, INT32_MAX));
        if (::fcntl(settings.ready, F_GETFD) == -1)
          return fatal(kProgram, {"invalid notification fd: ", system_error_text(errno)}, kExitUsage);
        break;
      case 'q':
        if (settings.verbosity > 0) --settings.verbosity;
        break;
      case 'v':
        ++settings.verbosity;
        break;
      case 'b':
        // Nothing is ever read while output is pending.
        break;
      case 'p':
        settings.ignores_term = true;
        break;
      case 'l':
        settings.longest_line = *value;
        break;
      case 't':
        settings.patience = *value;
        break;
      default:
        return usage();
    }
  }
  return std::nullopt;
}

std::string action(const std::string& path, const LogTrouble& trouble) {
  const std::string file = path + "/" + trouble.name;
  switch (trouble.operation) {
    case LogTrouble::Operation::Lock:
      return (trouble.error == EAGAIN ? "lock " : "open ") + file;
    case LogTrouble::Operation::Open:
    case LogTrouble::Operation::Create:
      return "open_append " + file;
    case LogTrouble::Operation::MakeState:
      return "open_trunc " + file;
    case LogTrouble::Operation::Write:
      return path.empty() ? "write to stdout" : "write to " + file;
    case LogTrouble::Operation::Sync:
      return "fsync " + file;
    case LogTrouble::Operation::SetMode:
      return "chmod " + file;
    case LogTrouble::Operation::Rename:
      return "rename " + file + " to " + trouble.new_name;
    case LogTrouble::Operation::Link:
      return "link " + file + " to " + trouble.new_name;
    case LogTrouble::Operation::Remove:
      return "unlink " + file;
    case LogTrouble::Operation::Look:
      return "stat " + file;
    case LogTrouble::Operation::List:
      return "read " + path;
    default:
      return "start the processor for " + path;
  }
}

class Voice final : public LogVoice {
 public:
  explicit Voice(unsigned verbosity) : verbosity_(verbosity) {}

  void no_signals(int error) override {
    fatal(kProgram, {"unable to open signal descriptor: ", system_error_text(error)});
  }
  void no_directory(const std::string& path, int error) override {
    // That it was not there was tried to be mended first.
    fatal(kProgram,
          {"unable to ", error == ENOENT ? "mkdir " : "open ", path, ": ", system_error_text(error)});
  }
  void trouble(const std::string& path, const LogTrouble& trouble, bool is_fatal) override {
    if (is_fatal)
      fatal(kProgram, {"unable to ", action(path, trouble), ": ", system_error_text(trouble.error)});
    else if (trouble.operation == LogTrouble::Operation::ProcessorFailed)
      warn({"processor for ", path, " exited with code ", std::to_string(trouble.error)});
    else if (trouble.operation == LogTrouble::Operation::ProcessorCrashed)
      warn({"processor for ", path, " crashed with signal ", std::to_string(trouble.error)});
    else
      warn({"unable to ", action(path, trouble), ": ", system_error_text(trouble.error)});
  }
  void notice(const std::string& path, LogNotice notice, std::string_view name,
              std::uint64_t bytes) override {
    if (notice == LogNotice::NotRemoved)
      warn({"unable to unlink ", path, "/", name, ": ", system_error_text(static_cast<int>(bytes))});
  }
  void read_error(int error) override { warn({"unable to read from stdin: ", system_error_text(error)}); }
  void gave_up(std::uint64_t bytes) override {
    warn({"told to end twice: ", std::to_string(bytes), " bytes are lost"});
  }
  void told_in_vain(const Teller& teller, int error) override {
    warn({"unable to write status file ", teller.path, ": ", system_error_text(error)});
  }
  void warn(std::initializer_list<std::string_view> parts) const {
    if (verbosity_ > 0) print_warning(kProgram, parts);
  }

 private:
  unsigned verbosity_;
};

}  // namespace

int s6_log_main(int argc, char** argv) {
  Settings settings;
  Options options(argc, argv, "d:qvbpl:t:", Options::Complaint::Kept);
  if (const auto code = read_options(options, settings)) return *code;
  if (options.operands().empty()) return usage();
  const mode_t mask = ::umask(0);
  ::umask(mask);
  Result<ParsedScript> parsed = parse_script(options.operands(), mask);
  if (!parsed) return fatal(kProgram, {parsed.error().operation}, kExitUsage);
  Voice voice(settings.verbosity);
  if (parsed->extraneous) voice.warn({"ignoring extraneous non-action directives"});
  LineRules& lines = parsed->script.lines;
  lines.limit = settings.longest_line == 0 ? kLongestLine : std::max(settings.longest_line, kShortestLimit);
  lines.after_limit = LineRules::AfterLimit::NewLine;

  LogLoopRules rules;
  rules.opening = LogLoopRules::Opening::Fatal;
  rules.signals = kSignals;
  if (settings.ignores_term) {
    rules.signals = std::span(kSignals).first(kSignals.size() - 1);
    ::signal(SIGTERM, SIG_IGN);
  }
  rules.line_patience = std::chrono::milliseconds(settings.patience);
  SystemClock clock;
  LogLoop loop(std::move(parsed->script), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  if (settings.ready != -1) {
    static_cast<void>(write_text(settings.ready, "\n"));
    ::close(settings.ready);
  }
  return loop.run();
}

}  // namespace kindred::s6
