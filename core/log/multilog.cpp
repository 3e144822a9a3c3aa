#include "core/log/multilog.h"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/log/log_loop.h"

namespace kindred {
namespace {

constexpr const char* kProgram = "multilog";
constexpr std::uint64_t kSmallest = 4096, kUsual = 99999, kTolerance = 2000, kFewest = 2, kUsualNumber = 10;
constexpr std::size_t kSeen = 1000, kShown = 200;
constexpr Duration kPause = std::chrono::seconds(5);

constexpr std::array kSteps = {
    RotationStep::SettlePrevious, RotationStep::Sync,         RotationStep::ToPrevious,
    RotationStep::OpenFresh,      RotationStep::MarkPrevious, RotationStep::ArchivePrevious,
    RotationStep::Prune,
};
constexpr std::array kSignals = {
    LogSignal{SIGTERM, LogSignal::Act::FinishLine},
    LogSignal{SIGALRM, LogSignal::Act::Rotate},
};

/// Leading digits; what is beyond any use is as large as there is.
std::uint64_t number(const char* digits) {
  constexpr std::uint64_t kEnough = UINT64_MAX / 100;
  std::uint64_t value = 0;
  for (; *digits >= '0' && *digits <= '9'; ++digits)
    if (value < kEnough) value = value * 10 + static_cast<std::uint64_t>(*digits - '0');
  return value;
}

RotationRules fresh_rules() {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLineOrAtMax, kUsual, kTolerance};
  rules.keep.names = KeepRule::Names::At25;
  rules.keep.count = kUsualNumber - 1;
  rules.opening.make_directory = true;
  rules.opening.settles_previous = true;
  rules.opening.makes_state = true;
  rules.steps = kSteps;
  rules.processor.retry = kPause;
  return rules;
}

/// "unable to ACTION", with the files as the original names them.
std::string action(const std::string& path, const LogTrouble& trouble) {
  const std::string file = path + "/" + trouble.name;
  switch (trouble.operation) {
    case LogTrouble::Operation::Lock:
      return "lock directory " + path;
    case LogTrouble::Operation::Open:
      return "append to " + file;
    case LogTrouble::Operation::Create:
      return "create " + file;
    case LogTrouble::Operation::MakeState:
    case LogTrouble::Operation::Write:
      return "write to " + file;
    case LogTrouble::Operation::Sync:
      return "write " + file + " to disk";
    case LogTrouble::Operation::SetMode:
      return "set mode of " + file;
    case LogTrouble::Operation::Rename:
      return "rename " + trouble.name + " to " + trouble.new_name + " in directory " + path;
    case LogTrouble::Operation::Link:
      return "link to " + file;
    case LogTrouble::Operation::Remove:
      return "remove " + file;
    case LogTrouble::Operation::Look:
      return "stat " + file;
    case LogTrouble::Operation::List:
      return "read " + path;
    default:
      return "fork for processor in " + path;
  }
}

class Voice final : public LogVoice {
 public:
  void no_signals(int error) override {
    fatal(kProgram, {"unable to open signal descriptor: ", error_text(error)});
  }
  void no_directory(const std::string& path, int error) override {
    fatal(kProgram, {"unable to open directory ", path, ": ", error_text(error)});
  }
  void trouble(const std::string& path, const LogTrouble& trouble, bool is_fatal) override {
    if (is_fatal) {
      fatal(kProgram, {"unable to ", action(path, trouble), ": ", error_text(trouble.error)});
    } else if (trouble.operation == LogTrouble::Operation::ProcessorFailed) {
      print_warning(kProgram, {"processor failed in ", path, ", pausing"});
    } else if (trouble.operation == LogTrouble::Operation::ProcessorCrashed) {
      print_warning(kProgram,
                    {"processor crashed in ", path, ", pausing: signal ", std::to_string(trouble.error)});
    } else {
      print_warning(kProgram,
                    {"unable to ", action(path, trouble), ", pausing: ", error_text(trouble.error)});
    }
  }
  void notice(const std::string& path, LogNotice notice, std::string_view name,
              std::uint64_t bytes) override {
    if (notice == LogNotice::NotRemoved)
      print_warning(kProgram,
                    {"unable to remove ", path, "/", name, ": ", error_text(static_cast<int>(bytes))});
  }
  void read_error(int error) override {
    print_warning(kProgram, {"unable to read standard input: ", error_text(error)});
  }
  void gave_up(std::uint64_t bytes) override {
    print_warning(kProgram, {"told to end twice: ", std::to_string(bytes), " bytes are lost"});
  }
  void told_in_vain(const Teller& teller, int error) override {
    print_warning(kProgram, {"unable to write ", teller.path, ": ", error_text(error)});
  }
};

}  // namespace

LogScript parse_multilog(std::span<char* const> words, const MultilogDialect& dialect) {
  LogScript script;
  script.lines.limit = kSeen;
  RotationRules rules = fresh_rules();
  bool globs = false;
  const auto add = [&](LogInstruction::Kind kind, std::size_t index) {
    script.instructions.push_back({kind, index, {}});
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const char* rest = words[i];
    const char first = *rest;
    if (first != 0) ++rest;
    switch (first) {
      case 't':
        if (i == 0) script.lines.stamp = StampKind::Tai10;
        break;
      case 'T':
        if (i == 0 && dialect.seconds_stamp) script.lines.stamp = StampKind::Seconds;
        break;
      case 'F':
      case 'S':
        if (dialect.globs) globs = first == 'F';
        break;
      case '+':
      case '-':
        script.patterns.push_back(globs ? LinePattern::glob(rest) : LinePattern::star(rest));
        add(first == '+' ? LogInstruction::Kind::Select : LogInstruction::Kind::Deselect,
            script.patterns.size() - 1);
        break;
      case 'e': {
        Teller teller;
        teller.limit = kShown;
        teller.cut_from = kShown + 1;
        script.tellers.push_back(teller);
        add(LogInstruction::Kind::Tell, script.tellers.size() - 1);
        break;
      }
      case '=': {
        Teller teller;
        teller.kind = Teller::Kind::StatusFile;
        teller.path = rest;
        teller.limit = kSeen;
        teller.size = kSeen + 1;
        script.tellers.push_back(teller);
        add(LogInstruction::Kind::Tell, script.tellers.size() - 1);
        break;
      }
      case 's':
        rules.size.max = std::clamp(number(rest), kSmallest, dialect.largest);
        break;
      case 'n':
        rules.keep.count = std::max(number(rest), kFewest) - 1;
        break;
      case 'w':
        if (dialect.suffixes) rules.finished = std::string(".") + rest;
        break;
      case '!':
        rules.processor.argv = {"/bin/sh", "-c", rest};
        rules.processor.complaint = std::string(kProgram) + ": fatal: unable to run " + rest + ": ";
        break;
      case '.':
      case '/':
        script.outlets.push_back({words[i], rules});
        add(LogInstruction::Kind::Write, script.outlets.size() - 1);
        break;
      default:
        break;
    }
  }
  return script;
}

int run_multilog(int argc, char** argv, const MultilogDialect& dialect) {
  constexpr mode_t kMask = 022;
  ::umask(kMask);
  LogScript script = parse_multilog({argv + std::min(argc, 1), argv + argc}, dialect);
  for (const Teller& teller : script.tellers) {
    if (teller.kind != Teller::Kind::StatusFile) continue;
    if (const int error = make_status_file(teller); error != 0)
      return fatal(kProgram, {"unable to create ", teller.path, ": ", error_text(error)});
  }
  LogLoopRules rules;
  rules.signals = kSignals;
  rules.retry = kPause;
  Voice voice;
  SystemClock clock;
  LogLoop loop(std::move(script), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  return loop.run();
}

}  // namespace kindred
