// svlogd [-tttv] [-r c] [-R abc] [-l len] [-b buflen] dir...: writes lines to log directories.
// Source: interfaces/runit.md section 10.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <limits>

#include "compat-runit/log/programs.h"
#include "compat-runit/log/svlogd_config.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/log/log_loop.h"
#include "core/sys/unique_fd.h"

namespace kindred::runit {
namespace {

constexpr const char* kProgram = "svlogd";
constexpr std::size_t kUsualLength = 1000, kUsualBuffer = 1024;
constexpr Duration kPause = std::chrono::seconds(3);
constexpr std::array kSignals = {
    LogSignal{SIGTERM, LogSignal::Act::FinishLine},
    LogSignal{SIGHUP, LogSignal::Act::Reopen},
    LogSignal{SIGALRM, LogSignal::Act::Rotate},
};

struct Settings {
  StampKind stamp = StampKind::None;
  bool verbose = false;
  LineRules lines;
  std::span<char* const> directories;
};

int usage() {
  print_error({"usage: ", kProgram, " [-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...\n"});
  return kExitFatal;
}

/// The leading digits; none, or 0, are `usual`.
std::size_t number(const char* text, std::size_t usual) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::size_t value = 0;
  for (; *text >= '0' && *text <= '9'; ++text)
    value = std::min(kMost, value * 10 + static_cast<std::size_t>(*text - '0'));
  return value == 0 ? usual : value;
}

std::shared_ptr<const std::array<char, 256>> replacement(char by, std::string_view also) {
  constexpr unsigned kFirst = 32, kLast = 126;
  auto table = std::make_shared<std::array<char, 256>>();
  for (unsigned byte = 0; byte < table->size(); ++byte) {
    const char self = static_cast<char>(byte);
    const bool goes = byte < kFirst || byte > kLast || also.find(self) != std::string_view::npos;
    (*table)[byte] = goes ? by : self;
  }
  return table;
}

void inform(std::initializer_list<std::string_view> parts) {
  std::string text = "svlogd: info: ";
  for (const std::string_view part : parts) text += part;
  print_error({text});
}

/// Absent, there is none; so there is where the directory cannot be opened, of which more is said later.
/// Errors: an errno value; 0 for none.
int read_config(const char* directory, std::optional<std::string>& text) {
  const UniqueFd place(::open(directory, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
  if (place.get() == -1) return 0;
  const UniqueFd config(::openat(place.get(), "config", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (config.get() == -1) return errno == ENOENT ? 0 : errno;
  text.emplace();
  std::array<char, 4096> part;
  ssize_t got;
  while ((got = ::read(config.get(), part.data(), part.size())) > 0)
    text->append(part.data(), static_cast<std::size_t>(got));
  return got == -1 ? errno : 0;
}

LogScript make_script(const Settings& settings) {
  LogScript script;
  script.lines = settings.lines;
  for (const char* directory : settings.directories) {
    std::optional<std::string> text;
    if (const int error = read_config(directory, text); error != 0)
      print_warning(kProgram, {"unable to read config: ", directory, ": ", error_text(error)});
    if (text && settings.verbose) inform({"read: ", directory, "/config"});
    const SvlogdConfig config = parse_svlogd_config(text.value_or(""));
    for (const std::string& complaint : config.complaints) print_warning(kProgram, {complaint});
    add_svlogd_directory(script, directory, config, settings.stamp);
  }
  return script;
}

std::string action(const LogTrouble& trouble) {
  switch (trouble.operation) {
    case LogTrouble::Operation::Open:
    case LogTrouble::Operation::Create:
      return "open current";
    case LogTrouble::Operation::Write:
      return "write to current";
    case LogTrouble::Operation::Sync:
      return trouble.name == "current" ? "fsync current logfile" : "fsync " + trouble.name;
    case LogTrouble::Operation::SetMode:
      return "set mode of " + trouble.name;
    case LogTrouble::Operation::Rename:
      return trouble.name == "current" ? "rename current" : "rename " + trouble.name;
    case LogTrouble::Operation::Remove:
      return "unlink " + trouble.name;
    case LogTrouble::Operation::Look:
      return "stat " + trouble.name;
    case LogTrouble::Operation::List:
      return "read directory";
    case LogTrouble::Operation::Fork:
      return "fork for processor";
    default:
      return "handle " + trouble.name;
  }
}

class Voice final : public LogVoice {
 public:
  explicit Voice(const Settings& settings) : settings_(settings) {}

  void no_signals(int error) override {
    fatal(kProgram, {"unable to open signal descriptor: ", error_text(error)});
  }
  void no_directory(const std::string& path, int error) override {
    print_warning(kProgram,
                  {error == ENOTDIR ? "unable to change directory: " : "unable to open log directory: ", path,
                   ": ", error_text(error)});
  }
  void trouble(const std::string& path, const LogTrouble& trouble, bool) override {
    if (trouble.operation == LogTrouble::Operation::Lock)
      print_warning(kProgram, {"unable to lock directory: ", path, ": ", error_text(trouble.error)});
    else if (trouble.operation == LogTrouble::Operation::ProcessorFailed ||
             trouble.operation == LogTrouble::Operation::ProcessorCrashed)
      print_warning(kProgram, {"processor failed, restart: ", path});
    else
      print_error(
          {"svlogd: pausing: unable to ", action(trouble), ": ", path, ": ", error_text(trouble.error)});
  }
  void notice(const std::string& path, LogNotice notice, std::string_view name,
              std::uint64_t bytes) override {
    if (notice == LogNotice::Reclaimed)
      return print_warning(kProgram, {"out of disk space, delete: ", path, "/", name});
    if (notice == LogNotice::NotRemoved)
      return print_warning(kProgram, {"unable to unlink processor leftover: ", path, "/", name, ": ",
                                      error_text(static_cast<int>(bytes))});
    if (!settings_.verbose) return;
    switch (notice) {
      case LogNotice::Begun:
        return inform({"new: ", path, "/", name});
      case LogNotice::Continued:
        return inform({"append: ", path, "/", name});
      case LogNotice::Archived:
        return inform({"rename: ", path, "/current ", name, " ", std::to_string(bytes)});
      case LogNotice::Removed:
        return inform({"delete: ", path, "/", name});
      case LogNotice::Processing:
        return inform({"processing: ", path, "/", name});
      case LogNotice::Processed:
        return inform({"processed: ", path, "/", name});
      case LogNotice::Left:
        return inform({"close: ", path});
      default:
        return;
    }
  }
  void nothing_to_write() override { fatal(kProgram, {"no functional log directories."}); }
  void read_error(int error) override {
    print_warning(kProgram, {"unable to read standard input: ", error_text(error)});
  }
  void signalled(LogSignal::Act act) override {
    if (!settings_.verbose) return;
    inform({act == LogSignal::Act::FinishLine ? "sigterm"
            : act == LogSignal::Act::Reopen   ? "sighangup"
                                              : "sigalarm",
            " received."});
  }
  void child_ended() override {
    if (settings_.verbose) inform({"sigchild received."});
  }
  void gave_up(std::uint64_t bytes) override {
    print_warning(kProgram, {"told to end twice: ", std::to_string(bytes), " bytes are lost"});
  }
  std::optional<LogScript> reopened() override { return make_script(settings_); }

 private:
  const Settings& settings_;
};

}  // namespace

int svlogd_main(int argc, char** argv) {
  constexpr std::array kStamps = {StampKind::None, StampKind::Tai10, StampKind::UtcBar, StampKind::UtcT};
  std::size_t stamp = 0, length = kUsualLength, buffer = kUsualBuffer;
  std::optional<char> by;
  std::optional<std::string> also;
  Settings settings;
  Options options(argc, argv, "tvVr:R:l:b:", LongDashes::All);
  while (const char letter = options.next()) switch (letter) {
      case 't':
        stamp = std::min(stamp + 1, kStamps.size() - 1);
        break;
      case 'v':
        settings.verbose = true;
        break;
      case 'r':
        if (options.argument()[0] == 0 || options.argument()[1] != 0) return usage();
        by = options.argument()[0];
        break;
      case 'R':
        also = options.argument();
        break;
      case 'l':
        length = number(options.argument(), kUsualLength);
        break;
      case 'b':
        buffer = number(options.argument(), kUsualBuffer);
        break;
      case 'V':
        print_error({"svlogd of kindred " KINDRED_VERSION});
        [[fallthrough]];
      default:
        return usage();
    }
  settings.directories = options.operands();
  if (settings.directories.empty() || buffer <= length) return usage();
  settings.stamp = kStamps[stamp];
  settings.lines.limit = length;
  if (by || also) settings.lines.replaced = replacement(by.value_or('_'), also.value_or(""));

  LogLoopRules rules;
  rules.opening = LogLoopRules::Opening::SkipsUnlocked;
  rules.signals = kSignals;
  rules.retry = kPause;
  Voice voice(settings);
  SystemClock clock;
  LogLoop loop(make_script(settings), rules, voice, clock);
  if (const auto code = loop.open()) return *code;
  return loop.run();
}

}  // namespace kindred::runit
