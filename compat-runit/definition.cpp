// How runit writes down a service: chpst, svlogd and its config, control scripts. Source: interfaces/runit.md sections 2,
// 4, 10 and 11.

#include <algorithm>
#include <array>

#include "compat-runit/chain/tools.h"
#include "compat-runit/convention.h"
#include "compat-runit/log/svlogd_config.h"
#include "core/base/signal_name.h"
#include "core/definition/chain.h"
#include "core/definition/logger_words.h"
#include "core/definition/shell_script.h"

namespace kindred::runit {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Stamp;
using definition::Step;

/// Where an option stands in the order in which chpst does what it is told.
enum Rank : int {
  kNone = -1,
  kSession,
  kEnvironment,
  kRoot,
  kNice,
  kTell,
  kBecome,
  kLock,
  kClose,
  kLimits,
  kName
};

/// chpst's words for a step; empty: it has none. "=": no limit but the hard one.
struct Words {
  Rank rank = kNone;
  std::vector<std::string> words = {};
};

struct WordsFor {
  Words operator()(const definition::NewSession&) const { return {kSession, {"-P"}}; }
  Words operator()(const definition::ReadEnvDirectory& step) const {
    return {kEnvironment, {"-e", step.path}};
  }
  Words operator()(const definition::ChangeRoot& step) const {
    return step.enters ? Words{kRoot, {"-/", step.path}} : Words{};
  }
  Words operator()(const definition::AddNiceness& step) const {
    return {kNice, {"-n", std::to_string(step.increment)}};
  }
  Words operator()(const definition::TellAccount& step) const {
    return step.account.all_groups || step.tells_list ? Words{}
                                                      : Words{kTell, {"-U", account_text(step.account)}};
  }
  Words operator()(const definition::Become& step) const {
    return step.account.all_groups ? Words{} : Words{kBecome, {"-u", account_text(step.account)}};
  }
  Words operator()(const definition::HoldLock& step) const {
    if (step.kind != definition::HoldLock::Kind::Flock || step.quiet) return {};
    return {kLock, {step.waits ? "-l" : "-L", step.path}};
  }
  Words operator()(const definition::CloseDescriptor& step) const {
    if (step.descriptor > 2) return {};
    return {kClose, {"-" + std::to_string(step.descriptor)}};
  }
  Words operator()(const definition::SetLimit& step) const {
    // -l is a lock, and the others are not its own.
    if (step.which != definition::SetLimit::Which::Soft ||
        std::string_view("dopfcrt").find(step.letter) == std::string_view::npos)
      return {};
    return {kLimits, {std::string("-") + step.letter, std::to_string(step.value.value_or(UINT64_MAX))}};
  }
  Words operator()(const definition::NameProgram& step) const { return {kName, {"-b", step.name}}; }
  template <class Other>
  Words operator()(const Other&) const {
    return {};
  }
};

/// One chpst for as many steps as stand in its order.
std::size_t write_step(std::span<const Step> steps, std::vector<std::string>& words) {
  std::size_t taken = 0;
  int rank = kNone;
  std::string letters;
  for (; taken < steps.size(); ++taken) {
    const Words step = std::visit(WordsFor{}, steps[taken]);
    if (step.rank == kNone || step.rank < rank || letters.find(step.words[0][1]) != std::string::npos) break;
    if (step.rank == rank && rank != kLimits && rank != kClose) break;
    if (taken == 0) words.emplace_back("chpst");
    rank = step.rank;
    letters += step.words[0][1];
    words.insert(words.end(), step.words.begin(), step.words.end());
  }
  return taken;
}

// --- svlogd ---

constexpr std::array kStamps = {Stamp::None, Stamp::Tai64n, Stamp::Readable, Stamp::ReadableIso};

std::optional<Logger> read_logger(const std::vector<std::string>& program, FileSet& files,
                                  std::vector<Loss>& losses) {
  if (program.size() < 2 || !is_program(program[0], "svlogd")) return std::nullopt;
  std::size_t stamps = 0, at = 1;
  for (; at < program.size() && program[at].starts_with('-'); ++at) {
    const std::string_view letters = std::string_view(program[at]).substr(1);
    if (letters.empty() || letters.find_first_not_of("tv") != std::string_view::npos) return std::nullopt;
    stamps += static_cast<std::size_t>(std::count(letters.begin(), letters.end(), 't'));
  }
  if (at == program.size()) return std::nullopt;
  Logger logger;
  logger.stamp = kStamps[std::min(stamps, kStamps.size() - 1)];
  std::vector<std::string> taken;
  for (; at < program.size(); ++at) {
    LogDirectory directory{.path = program[at]};
    SvlogdConfig config;
    if (const auto inside = path_inside(program[at])) {
      const std::string path = *inside + (inside->empty() ? "" : "/") + "config";
      if (const definition::File* const file = files.find(path);
          file != nullptr && file->kind == definition::File::Kind::Regular) {
        config = parse_svlogd_config(file->bytes);
        taken.push_back(path);
      }
    } else {
      losses.push_back({"run", 0, "what " + program[at] + "/config may say",
                        "only what lies in the service directory is read",
                        "set it for the new logger if there is such a file"});
    }
    if (!config.selections.empty() || config.address) return std::nullopt;
    directory.size = config.size;
    directory.files = config.number;
    if (config.seconds != 0) directory.every = std::chrono::seconds(config.seconds);
    directory.processor = config.processor;
    directory.prefix = config.prefix;
    logger.directories.push_back(std::move(directory));
  }
  for (const std::string& path : taken) static_cast<void>(files.take(path));
  return logger;
}

std::vector<std::string> write_logger(const Logger& logger, FileSet& files, std::vector<Loss>& losses) {
  const SvlogdConfig kUsual{};
  std::vector<std::string> words{"svlogd"};
  const Stamp stamp = nearest_stamp(
      logger.stamp, {Stamp::None, Stamp::Tai64n, Stamp::Readable, Stamp::ReadableIso}, "runit", losses);
  const auto letters =
      static_cast<std::size_t>(std::find(kStamps.begin(), kStamps.end(), stamp) - kStamps.begin());
  if (letters != 0) words.push_back("-" + std::string(letters, 't'));
  for (LogDirectory directory : logger.directories) {
    words.push_back(directory.path);
    std::string config;
    if (directory.size && *directory.size != kUsual.size)
      config += "s" + std::to_string(*directory.size) + "\n";
    if (directory.files && *directory.files != kUsual.number)
      config += "n" + std::to_string(*directory.files) + "\n";
    if (directory.every && *directory.every != Duration{0})
      config += "t" +
                std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*directory.every).count()) +
                "\n";
    if (!directory.processor.empty()) config += "!" + directory.processor + "\n";
    if (!directory.prefix.empty()) config += "p" + directory.prefix + "\n";
    put_log_directory(directory.path, files);
    if (const auto inside = path_inside(directory.path)) {
      if (!config.empty()) put_text(files, *inside + (inside->empty() ? "" : "/") + "config", config);
    } else if (!config.empty()) {
      std::replace(config.begin(), config.end(), '\n', ' ');
      losses.push_back({"run", 0, "the rotation of " + directory.path,
                        "svlogd reads it in that directory, which is not written to",
                        "write " + directory.path + "/config, a line each: " + config});
    }
    directory.size.reset();
    directory.files.reset();
    directory.every.reset();
    directory.processor.clear();
    directory.prefix.clear();
    lose_rest(directory, "runit", "svlogd", losses);
  }
  return words;
}

// --- a signal instead of another: control/t and control/h ---

std::string sending(int signal) {
  return std::string("#!/bin/sh\nexec kill -") + signal_name(signal) + " \"$(cat supervise/pid)\"\n";
}

int sent_by(const definition::Body& body) {
  const auto* const script = std::get_if<definition::Script>(&body.what);
  if (script == nullptr) return 0;
  constexpr std::string_view kBefore = "#!/bin/sh\nexec kill -";
  if (!script->text.starts_with(kBefore)) return 0;
  const int signal =
      parse_signal(std::string_view(script->text)
                       .substr(kBefore.size(), script->text.find(' ', kBefore.size()) - kBefore.size()));
  return signal != 0 && script->text == sending(signal) ? signal : 0;
}

void read_settings(FileSet&, ServiceDefinition& definition, std::vector<Loss>&) {
  std::erase_if(definition.custom, [&](const auto& custom) {
    const int signal = custom.first == 't' || custom.first == 'h' ? sent_by(custom.second) : 0;
    if (signal == 0) return false;
    (custom.first == 't' ? definition.stop_signal : definition.reload_signal) = signal;
    return true;
  });
}

void write_settings(ServiceDefinition& rest, FileSet&, std::vector<Loss>&) {
  const auto put = [&](char letter, int& signal, int usual) {
    const bool taken = std::any_of(rest.custom.begin(), rest.custom.end(),
                                   [&](const auto& custom) { return custom.first == letter; });
    if (signal == usual || taken || parse_signal(signal_name(signal)) != signal) return;
    rest.custom.emplace_back(letter, definition::Body{definition::Script{sending(signal)}});
    signal = usual;
  };
  put('t', rest.stop_signal, 15);
  put('h', rest.reload_signal, 1);
}

constexpr const char* kTools[] = {"chpst",    "runit", "runit-init", "runsv",   "runsvchdir",
                                  "runsvdir", "sv",    "svlogd",     "utmpset", "update-service"};

const DirectoryFormat kFormat{
    .family = "runit",
    .convention = &kConvention,
    .language = {.read = [](std::string_view text) { return read_shell_command(text, chain_tools()); },
                 .write = [](const definition::Command& command,
                             const auto& lost) { return write_shell_command(command, write_step, lost); }},
    .logger = {.read = read_logger, .write = write_logger},
    .check = "check",
    .custom = true,
    // 5.3: finish may take for ever.
    .finish_limit = Duration{0},
    .stay_down = "sv d .",
    .read_settings = read_settings,
    .write_settings = write_settings,
};
constexpr ValueRules kEnvironmentFiles;

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "runit", [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); }, kTools,
    &kEnvironmentFiles};

}  // namespace kindred::runit
