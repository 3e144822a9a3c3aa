// sissylog [-hV] [ident [facility]]: sends lines to the system's log. Source: interfaces/perp.md section 12.

#include "compat-perp/log/sissylog.h"

#include <signal.h>
#include <syslog.h>

#include <array>
#include <chrono>
#include <span>

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

constexpr std::string_view kSynopsis = "[-hV] [ident [facility]]";
constexpr std::size_t kLongestPiece = 800;
constexpr Duration kLinePatience = std::chrono::seconds(1);
constexpr std::array kSignals = {LogSignal{SIGTERM, LogSignal::Act::FinishLine}};

struct Word {
  std::string_view text;
  int number;
};
constexpr Word kFacilities[] = {
    {"LOG_AUTH", LOG_AUTH},     {"LOG_CRON", LOG_CRON}, {"LOG_DAEMON", LOG_DAEMON}, {"LOG_FTP", LOG_FTP},
    {"LOG_KERN", LOG_KERN},     {"LOG_LPR", LOG_LPR},   {"LOG_MAIL", LOG_MAIL},     {"LOG_NEWS", LOG_NEWS},
    {"LOG_SYSLOG", LOG_SYSLOG}, {"LOG_USER", LOG_USER}, {"LOG_UUCP", LOG_UUCP},
};
constexpr Word kPriorities[] = {
    {"alert:", LOG_ALERT},   {"error:", LOG_ERR},   {"warning:", LOG_WARNING},
    {"notice:", LOG_NOTICE}, {"debug:", LOG_DEBUG},
};

class Syslog final : public SystemLog {
 public:
  void open(const char* ident, int facility) override { ::openlog(ident, 0, facility); }
  void send(int priority, const std::string& text) override { ::syslog(priority, "%s", text.c_str()); }
};

class Voice final : public LogVoice {
 public:
  Voice(std::string_view program, SystemLog& log) : program_(program), log_(log) {}

  /// The rest of a long line has the priority of its beginning.
  void tell(std::string_view line, bool is_rest) override {
    if (!is_rest) priority_ = priority_of(line);
    text_.assign(is_rest ? "+" : "");
    text_ += line;
    log_.send(priority_, text_);
  }
  void read_error(int error) override {
    print_error({program_, ": fatal: failure reading standard input: ", reason(error)});
  }
  void no_signals(int error) override {
    print_error({program_, ": fatal: failure opening signal descriptor: ", reason(error)});
  }
  void no_directory(const std::string&, int) override {}
  void trouble(const std::string&, const LogTrouble&, bool) override {}
  void gave_up(std::uint64_t) override {}

 private:
  std::string_view program_;
  SystemLog& log_;
  int priority_ = LOG_INFO;
  std::string text_;
};

int misused(std::string_view program, std::string_view text) {
  if (!text.empty()) print_error({program, ": usage error: ", text});
  print_usage({program, kSynopsis});
  return kExitUsage;
}

}  // namespace

int facility_called(std::string_view word) {
  for (const Word& facility : kFacilities)
    if (facility.text == word) return facility.number;
  return LOG_DAEMON;
}

int priority_of(std::string_view line) {
  for (const Word& priority : kPriorities)
    if (line.find(priority.text) != std::string_view::npos) return priority.number;
  return LOG_INFO;
}

int run_sissylog(int argc, char** argv, SystemLog& log) {
  const std::string_view program = base_name(argv[0]);
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'h':
        return print_usage({program, kSynopsis});
      case 'V':
        print_error({program, ": version: 2.07"});
        return 0;
      default:
        return misused(program, options.complaint());
    }
  const std::span<char* const> words = options.operands();
  const std::string name(program);
  log.open(words.empty() ? name.c_str() : words[0], facility_called(words.size() > 1 ? words[1] : ""));
  log.send(LOG_INFO, "logging from stdin ...");

  LogScript script;
  script.lines.limit = kLongestPiece;
  script.lines.after_limit = LineRules::AfterLimit::NewLine;
  script.lines.drops_empty = true;
  script.lines.replaced = clean_text();
  script.tellers.emplace_back();
  script.tellers.back().kind = Teller::Kind::Voice;
  script.instructions.push_back({LogInstruction::Kind::Tell, 0, {}});
  LogLoopRules rules;
  rules.signals = kSignals;
  rules.line_patience = kLinePatience;
  rules.exit_read_error = kExitFatal;
  Voice voice(program, log);
  SystemClock clock;
  LogLoop loop(std::move(script), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  const int code = loop.run();
  if (code == 0) log.send(LOG_INFO, "terminating normally");
  return code;
}

int sissylog_main(int argc, char** argv) {
  Syslog log;
  return run_sissylog(argc, argv, log);
}

}  // namespace kindred::perp
