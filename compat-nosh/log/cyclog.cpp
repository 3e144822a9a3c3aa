// cyclog [--max-file-size B] [--max-total-size B] [--margin B] DIRECTORY...: writes lines to log directories of
// limited size. Source: interfaces/nosh.md sections 15 and 20.

#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "compat-nosh/client/options.h"
#include "compat-nosh/log/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/log/log_loop.h"
#include "core/sys/clock.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {0, "max-file-size", "bytes of a file; at least 4096", true},
    {0, "max-total-size", "bytes of all files of a directory; at least the maximum of one", true},
    {0, "margin", "how near to its maximum a file ends with a line; 512 to 8192", true},
};
constexpr long kUsualFile = 0xffffff, kSmallestFile = 4096;
constexpr long kUsualTotal = 0x3fffffff;
constexpr long kSmallestMargin = 512, kLargestMargin = 8192;
constexpr Duration kPause = std::chrono::seconds(1);

constexpr std::array kSteps = {
    RotationStep::ToUnfinished,     RotationStep::Sync,  RotationStep::MarkCurrent, RotationStep::Close,
    RotationStep::FinishUnfinished, RotationStep::Prune, RotationStep::OpenFresh,
};
constexpr std::array kSignals = {
    LogSignal{SIGTERM, LogSignal::Act::End},   LogSignal{SIGINT, LogSignal::Act::End},
    LogSignal{SIGHUP, LogSignal::Act::End},    LogSignal{SIGQUIT, LogSignal::Act::End},
    LogSignal{SIGPIPE, LogSignal::Act::End},   LogSignal{SIGALRM, LogSignal::Act::Rotate},
    LogSignal{SIGTSTP, LogSignal::Act::Pause},
};

RotationRules rules_of_cyclog(std::uint64_t file, std::uint64_t total, std::uint64_t margin) {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLineOrAtMax, file, margin};
  rules.keep.names = KeepRule::Names::Label27;
  rules.keep.by_count = false;
  rules.keep.total = total;
  rules.keep.total_with_current = true;
  rules.offset = TaiOffset::LeapTable;
  rules.rotates_empty = true;
  rules.steps = kSteps;
  rules.opening.prunes_always = true;
  rules.opening.rotates_oversize = true;
  rules.opening.continues_line = true;
  return rules;
}

std::string_view attempt(LogTrouble::Operation operation) {
  switch (operation) {
    case LogTrouble::Operation::Write:
      return "Writing";
    case LogTrouble::Operation::Sync:
      return "Synchronizing";
    case LogTrouble::Operation::SetMode:
      return "Changing the mode of";
    case LogTrouble::Operation::Rename:
    case LogTrouble::Operation::Link:
      return "Renaming";
    case LogTrouble::Operation::List:
    case LogTrouble::Operation::Look:
      return "Scanning";
    default:
      return "Opening";
  }
}

class Voice final : public LogVoice {
 public:
  explicit Voice(std::string_view program) : program_(program) {}

  void no_signals(int error) override { fail(program_, {"signal descriptor: ", system_error_text(error)}); }
  void no_directory(const std::string& path, int error) override {
    fail(program_, {path, ": ", system_error_text(error)});
  }
  void trouble(const std::string& path, const LogTrouble& trouble, bool is_fatal) override {
    if (is_fatal)
      fail(program_, {path, "/", trouble.name, ": ", system_error_text(trouble.error)});
    else
      print_error({attempt(trouble.operation), " ", path, "/", trouble.name, ": ",
                   system_error_text(trouble.error), ", sleeping for 1 second."});
  }
  void notice(const std::string& path, LogNotice notice, std::string_view name,
              std::uint64_t bytes) override {
    switch (notice) {
      case LogNotice::Recovering:
        print_error({"Recovering ", path, "/", name, "."});
        break;
      case LogNotice::Flushing:
        print_error({"Flushing   ", path, "/", name, "."});
        break;
      case LogNotice::Closed:
        print_error({"Closed     ", path, "/", name, "."});
        break;
      case LogNotice::Removed:
        print_error({"Removed    ", path, "/", name, " to reclaim ", std::to_string(bytes), " bytes"});
        break;
      case LogNotice::NotRemoved:
        print_error({"Removing ", path, "/", name, ": ", system_error_text(static_cast<int>(bytes))});
        break;
      default:
        break;
    }
  }
  void read_error(int error) override { fail(program_, {"read: ", system_error_text(error)}); }
  void signalled(LogSignal::Act act) override {
    complain(program_, "INFO",
             {act == LogSignal::Act::End      ? "Terminated."
              : act == LogSignal::Act::Rotate ? "Forced log rotation."
                                              : "Paused."});
  }
  void continued() override { complain(program_, "INFO", {"Continued."}); }
  void gave_up(std::uint64_t bytes) override {
    fail(program_, {"told to end twice: ", std::to_string(bytes), " bytes are lost"});
  }

 private:
  std::string_view program_;
};

}  // namespace

int cyclog_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY...");
  if (arguments.exit) return *arguments.exit;
  long file = kUsualFile, total = kUsualTotal, margin = kSmallestMargin;
  for (const Arguments::Given& given : arguments.options) {
    const auto number = parse_number(given.value);
    if (!number) return fail(program, {given.value, ": not a number"});
    (given.option == &kOptions[0] ? file : given.option == &kOptions[1] ? total : margin) = *number;
  }
  if (arguments.operands.empty()) return fail(program, {"missing directory name(s)"});
  file = std::max(file, kSmallestFile);
  total = std::max(total, file);
  margin = std::clamp(margin, kSmallestMargin, kLargestMargin);

  LogScript script;
  script.lines.limit = 0;
  script.lines.completes_last = false;
  LogInstruction write;
  write.format.stamps[0] = StampKind::Tai;
  for (const char* directory : arguments.operands) {
    write.index = script.outlets.size();
    script.instructions.push_back(write);
    script.outlets.push_back(
        {directory, rules_of_cyclog(static_cast<std::uint64_t>(file), static_cast<std::uint64_t>(total),
                                    static_cast<std::uint64_t>(margin))});
  }
  LogLoopRules rules;
  rules.signals = kSignals;
  rules.retry = kPause;
  rules.repeats_trouble = false;
  rules.exit_fatal = rules.exit_read_error = rules.exit_gave_up = kExitFailed;
  Voice voice(program);
  SystemClock clock;
  LogLoop loop(std::move(script), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  return loop.run();
}

}  // namespace kindred::nosh
