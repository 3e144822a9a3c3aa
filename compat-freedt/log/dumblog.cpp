// dumblog [-c] FILE: appends its standard input to a file, which may be renamed away at any time.
// Source: interfaces/freedt.md sections 3.5 and 6.4.

#include <signal.h>

#include <array>
#include <chrono>
#include <string>

#include "compat-freedt/log/programs.h"
#include "compat-freedt/voice.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/log/log_loop.h"
#include "core/sys/clock.h"

namespace kindred::freedt {
namespace {

constexpr const char* kProgram = "dumblog";
constexpr Duration kPause = std::chrono::seconds(1);
/// So much of a line waits for its end.
constexpr std::size_t kLongestPiece = 8192;

constexpr std::array kSignals = {
    LogSignal{SIGHUP, LogSignal::Act::ReopenFiles},
    LogSignal{SIGTERM, LogSignal::Act::End},
};

class Voice final : public LogVoice {
 public:
  explicit Voice(const char* path) : path_(path) {}

  void no_signals(int error) override {
    fatal(kProgram, {"unable to open signal descriptor: ", error_text(error)});
  }
  void no_directory(const std::string& path, int error) override { complain("open", path, error, true); }
  void trouble(const std::string& path, const LogTrouble& trouble, bool is_fatal) override {
    error_ = trouble.error;
    const bool opens = trouble.operation == LogTrouble::Operation::Open;
    complain(opens ? "open" : "write to", path, trouble.error, is_fatal);
  }
  void read_error(int error) override {
    fatal(kProgram, {"unable to read standard input: ", error_text(error)});
  }
  void gave_up(std::uint64_t bytes) override {
    fatal(kProgram,
          {"unable to write ", std::to_string(bytes), " bytes to ", path_, ": ", error_text(error_)});
  }

 private:
  static void complain(const char* operation, const std::string& path, int error, bool is_fatal) {
    if (is_fatal)
      fatal(kProgram, {"unable to ", operation, " ", path, ": ", error_text(error)});
    else
      print_warning(kProgram, {"unable to ", operation, " ", path, ", pausing: ", error_text(error)});
  }

  const char* path_;
  int error_ = 0;
};

LogScript script_for(const char* path, bool stamped) {
  LogScript script;
  script.lines.limit = kLongestPiece;
  script.lines.completes_last = stamped;
  Outlet file;
  file.path = path;
  file.is_file = true;
  script.outlets.push_back(file);
  LogInstruction write;
  if (stamped) write.format.stamps[0] = StampKind::Calendar;
  script.instructions.push_back(write);
  return script;
}

}  // namespace

int dumblog_main(int argc, char** argv) {
  constexpr const char* kUsage = "dumblog: usage: dumblog [ -c ] file";
  if (const auto code = answered(argc, argv, kProgram, kUsage)) return *code;
  bool stamped = false;
  Options options(argc, argv, "c");
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused(kUsage);
    stamped = true;
  }
  const auto operands = options.operands();
  if (operands.size() != 1) return misused(kUsage);

  LogLoopRules rules;
  rules.opening = LogLoopRules::Opening::Fatal;
  rules.signals = kSignals;
  rules.retry = kPause;
  rules.repeats_trouble = false;
  rules.exit_read_error = kExitFatal;
  rules.exit_gave_up = kExitFatal;
  Voice voice(operands[0]);
  SystemClock clock;
  LogLoop loop(script_for(operands[0], stamped), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  return loop.run();
}

}  // namespace kindred::freedt
