// tinylog [-hV] [-k numkeep] [-r] [-s logsize] [-t] [-z] dir: writes lines to a log directory.
// Source: interfaces/perp.md section 11.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>

#include "compat-perp/log/clean_text.h"
#include "compat-perp/log/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/log/log_loop.h"
#include "core/sys/clock.h"

namespace kindred::perp {
namespace {

constexpr std::string_view kSynopsis = "[-hV] [-k numkeep] [-r] [-s logsize] [-t] [-z] dir";
constexpr std::uint32_t kUsualNumber = 5, kUsualSize = 100000, kSmallest = 2000;
constexpr std::size_t kLongestLine = 1000;
constexpr Duration kPause = std::chrono::milliseconds(555);
constexpr Duration kLinePatience = std::chrono::seconds(1);
constexpr const char* kCompressor = "/usr/bin/gzip";

constexpr std::array kSteps = {
    RotationStep::SettlePrevious,  RotationStep::Sync,  RotationStep::ToPrevious, RotationStep::OpenFresh,
    RotationStep::ArchivePrevious, RotationStep::Prune,
};
constexpr std::array kSignals = {
    LogSignal{SIGTERM, LogSignal::Act::FinishLine},
    LogSignal{SIGHUP, LogSignal::Act::RotateAtNextLine},
};

RotationRules rules_of_tinylog() {
  RotationRules rules;
  rules.size = {SizeRule::Cut::BeforeLine, kUsualSize, 0};
  rules.keep.names = KeepRule::Names::UnderscoreT;
  rules.keep.count = kUsualNumber;
  rules.name = ArchiveName::Date;
  rules.steps = kSteps;
  rules.opening.make_directory = true;
  rules.opening.lock_name = "tinylog.pid";
  rules.opening.lock_mode = 0644;
  rules.opening.lock = LogLock::RecordWithPid;
  rules.opening.settles_previous = true;
  rules.processor.files = ProcessorRule::Files::Zip;
  rules.processor.retry = Duration{-1};
  return rules;
}

/// "tinylog[42]: ", after the severity's own word.
std::string speaker(std::string_view program) {
  return std::string(program) + "[" + std::to_string(::getpid()) + "]: ";
}

std::string attempt(const LogTrouble& trouble) {
  switch (trouble.operation) {
    case LogTrouble::Operation::Lock:
      return "lock " + trouble.name;
    case LogTrouble::Operation::Open:
    case LogTrouble::Operation::Create:
      return "open " + trouble.name;
    case LogTrouble::Operation::Write:
      return "write to " + trouble.name;
    case LogTrouble::Operation::Sync:
      return "sync " + trouble.name;
    case LogTrouble::Operation::SetMode:
      return "set mode of " + trouble.name;
    case LogTrouble::Operation::Rename:
    case LogTrouble::Operation::Link:
      return "rename " + trouble.name + " to " + trouble.new_name;
    case LogTrouble::Operation::Remove:
      return "remove " + trouble.name;
    case LogTrouble::Operation::List:
      return "list files";
    case LogTrouble::Operation::Fork:
      return "start the compressor";
    default:
      return "look at " + trouble.name;
  }
}

class Voice final : public LogVoice {
 public:
  explicit Voice(std::string_view program) : program_(program) {}

  void no_signals(int error) override {
    say("error: ", "fatal: failure opening signal descriptor: " + reason(error));
  }
  void no_directory(const std::string& path, int error) override {
    say("error: ", "fatal: failure entering " + path + ": " + reason(error));
  }
  void trouble(const std::string& path, const LogTrouble& trouble, bool is_fatal) override {
    using Operation = LogTrouble::Operation;
    if (trouble.operation == Operation::ProcessorFailed || trouble.operation == Operation::ProcessorCrashed)
      say("warning: ", std::string("compressor ended with ") +
                           (trouble.operation == Operation::ProcessorFailed ? "exit code " : "signal ") +
                           std::to_string(trouble.error) + ": " + trouble.name + " stays as it is in " +
                           path);
    else if (is_fatal)
      say("error: ", "fatal: failure to " + attempt(trouble) + " in " + path + ": " + reason(trouble.error));
    else
      say("warning: ", "failure to " + attempt(trouble) + " in " + path + ": " + reason(trouble.error));
  }
  void notice(const std::string& path, LogNotice notice, std::string_view name,
              std::uint64_t bytes) override {
    if (notice == LogNotice::NotRemoved)
      say("warning: ",
          "failure to remove " + std::string(name) + " in " + path + ": " + reason(static_cast<int>(bytes)));
  }
  void read_error(int error) override {
    say("error: ", "fatal: failure reading standard input: " + reason(error));
  }
  void gave_up(std::uint64_t bytes) override {
    say("error: ", "fatal: told to end twice: " + std::to_string(bytes) + " bytes are lost");
  }

 private:
  void say(std::string_view severity, std::string_view text) {
    print_error({severity, speaker(program_), text});
  }
  std::string_view program_;
};

int misused(std::string_view program, std::string_view text) {
  if (!text.empty()) print_error({"error: ", speaker(program), "usage error: ", text});
  print_usage({program, kSynopsis});
  return kExitUsage;
}

}  // namespace

int tinylog_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  LogScript script;
  script.lines.limit = kLongestLine;
  script.lines.after_limit = LineRules::AfterLimit::Discard;
  script.lines.drops_empty = true;
  script.lines.replaced = clean_text();
  RotationRules rotation = rules_of_tinylog();

  Options options(argc, argv, "hVk:rs:tz", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'h':
        return print_usage({program, kSynopsis});
      case 'V':
        print_error({program, ": version: 2.07"});
        return 0;
      case 'k':
      case 's': {
        const auto number = parse_number(options.argument());
        if (!number)
          return misused(program,
                         std::string("non-numeric argument for -") + letter + ": " + options.argument());
        if (letter == 'k')
          rotation.keep.count = *number;
        else
          rotation.size.max = std::max(*number, kSmallest);
        break;
      }
      case 'r':
        rotation.opening.rotates_complete = true;
        break;
      case 't':
        script.lines.stamp = StampKind::UtcCompact;
        break;
      case 'z': {
        const char* given = std::getenv("TINYLOG_ZIP");
        rotation.processor.argv = {given != nullptr && *given != '\0' ? given : kCompressor};
        rotation.processor.complaint =
            "error: " + speaker(program) + "fatal: unable to run " + rotation.processor.argv[0] + ": ";
        break;
      }
      default:
        return misused(program, options.complaint());
    }
  if (options.operands().empty()) return misused(program, "missing argument");
  const char* directory = options.operands()[0];
  print_error({speaker(program), "starting for logging in ", directory, " ..."});

  script.outlets.push_back({directory, std::move(rotation)});
  script.instructions.push_back({LogInstruction::Kind::Write, 0, {}});
  LogLoopRules rules;
  rules.signals = kSignals;
  rules.retry = kPause;
  rules.line_patience = kLinePatience;
  rules.repeats_trouble = false;
  rules.exit_read_error = kExitFatal;
  rules.exit_gave_up = kExitFatal;
  Voice voice(program);
  SystemClock clock;
  LogLoop loop(std::move(script), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  return loop.run();
}

}  // namespace kindred::perp
