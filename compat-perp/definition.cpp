// How perp writes down a service: one script for start and reset, tools that are called run-, tinylog. Source:
// interfaces/perp.md sections 2, 6, 11 and 13.

#include <algorithm>

#include "compat-perp/chain/tools.h"
#include "compat-perp/convention.h"
#include "core/base/number.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"
#include "core/definition/step_lines.h"

namespace kindred::perp {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Stamp;
using definition::Step;

constexpr std::string_view kLetters = "acdfloprst";

struct WordsFor : StepWords {
  bool operator()(const definition::Become& step) const {
    const definition::Account& account = step.account;
    if (account.numeric || account.user.starts_with('-') ||
        (account.all_groups && !account.more_groups.empty()))
      return false;
    add({"runuid"});
    if (account.group) add({"-g", *account.group});
    if (account.all_groups) add({"-s"});
    if (!account.more_groups.empty()) {
      std::string list;
      for (const std::string& group : account.more_groups) list += (list.empty() ? "" : ":") + group;
      add({"-S", list});
    }
    return add({account.user});
  }
  bool operator()(const definition::TellAccount& step) const {
    const definition::Account& account = step.account;
    if (account.numeric || account.group || account.all_groups || step.tells_list) return false;
    return add({"runtool", "-U", account.user});
  }
  bool operator()(const definition::ReadEnvDirectory& step) const {
    // The slash says that it is a directory.
    return !step.path.starts_with('-') &&
           add({"runenv", step.path.ends_with('/') ? step.path : step.path + "/"});
  }
  bool operator()(const definition::HoldLock& step) const {
    if (step.kind != definition::HoldLock::Kind::Record || step.path.starts_with('-')) return false;
    add({"runlock"});
    if (step.waits) add({"-b"});
    if (step.quiet) add({"-x"});
    return add({step.path});
  }
  bool operator()(const definition::NewSession&) const { return add({"runsession"}); }
  bool operator()(const definition::NameProgram& step) const { return add({"runtool", "-0", step.name}); }
  bool operator()(const definition::ChangeRoot& step) const {
    return !step.enters && add({"runtool", "-C", step.path});
  }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

std::size_t write_step(std::span<const Step> steps, std::vector<std::string>& words) {
  if (std::holds_alternative<definition::SetLimit>(steps.front())) {
    const std::size_t before = words.size();
    words.emplace_back("runlimit");
    const std::size_t taken = write_limits(steps, definition::SetLimit::Which::Soft, kLetters, words);
    if (taken == 0) words.resize(before);
    return taken;
  }
  return std::visit(WordsFor{{words}}, steps.front()) ? 1 : 0;
}

// --- tinylog ---

constexpr std::uint64_t kUsualSize = 100000, kUsualFiles = 5, kLeastSize = 2000;

std::optional<Logger> read_logger(const std::vector<std::string>& program, FileSet&, std::vector<Loss>&) {
  if (program.size() < 2 || !is_program(program[0], "tinylog")) return std::nullopt;
  LogDirectory directory{.path = program.back(), .size = kUsualSize, .files = kUsualFiles};
  Logger logger;
  for (std::size_t at = 1; at + 1 < program.size(); ++at) {
    const std::string& word = program[at];
    if (word == "-t") {
      logger.stamp = Stamp::Compact;
    } else if (word == "-z") {
      directory.processor = "gzip";
    } else if ((word == "-s" || word == "-k") && at + 2 < program.size()) {
      const auto number = parse_unsigned<std::uint64_t>(program[++at]);
      if (!number || (word == "-k" && *number == 0)) return std::nullopt;
      if (word == "-s")
        directory.size = std::max(*number, kLeastSize);
      else
        directory.files = *number;
    } else {
      return std::nullopt;
    }
  }
  if (directory.path.starts_with('-')) return std::nullopt;
  logger.directories.push_back(std::move(directory));
  return logger;
}

std::vector<std::string> write_logger(const Logger& logger, FileSet&, std::vector<Loss>& losses) {
  std::vector<std::string> words{"tinylog"};
  if (nearest_stamp(logger.stamp, {Stamp::None, Stamp::Compact}, "perp", losses) != Stamp::None)
    words.emplace_back("-t");
  bool first = true;
  for (LogDirectory directory : logger.directories) {
    if (!std::exchange(first, false)) {
      losses.push_back({"run", 0, "the log directory " + directory.path, "tinylog writes to one directory",
                        "read the other"});
      continue;
    }
    const std::uint64_t size =
        bounded_size(directory.size.value_or(kUsualSize), kLeastSize, UINT32_MAX, "tinylog", losses);
    std::uint64_t files = directory.files.value_or(kUsualFiles);
    if (files == 0) {
      files = UINT32_MAX;
      losses.push_back(
          {"run", 0, "all old files are kept", "tinylog keeps a number of them: 4294967295", ""});
    }
    if (files != kUsualFiles) words.insert(words.end(), {"-k", std::to_string(files)});
    if (size != kUsualSize) words.insert(words.end(), {"-s", std::to_string(size)});
    if (directory.processor == "gzip") {
      words.emplace_back("-z");
      directory.processor.clear();
    }
    words.push_back(directory.path);
    directory.size.reset();
    directory.files.reset();
    lose_rest(directory, "perp", "tinylog", losses);
  }
  return words;
}

constexpr const char* kTools[] = {"perpctl", "perpd",    "perphup",  "perpls",    "perpok",     "perpstat",
                                  "runargs", "runargv0", "runchoom", "rundetach", "rundeux",    "runenv",
                                  "runfile", "runlimit", "runlock",  "runpause",  "runsession", "runtool",
                                  "runtrap", "runuid",   "sissylog", "tinylog"};

constexpr const char* kVariables[] = {"PERP_SVPID", "PERP_SVSECS"};

const DirectoryFormat kFormat{
    .family = "perp",
    .convention = &kConvention,
    .language = {.read = [](std::string_view text) { return read_shell_command(text, chain_tools()); },
                 .write = [](const definition::Command& command,
                             const auto& lost) { return write_shell_command(command, write_step, lost); }},
    .logger = {.read = read_logger, .write = write_logger},
    .log_in_directory = false,
    .log_script = "rc.log",
    // Section 2: the bit is what makes it a service.
    .mode = 01755,
    .mode_with_log = 01755,
    .sticky_is_active = true,
    .finish_limit = Duration{0},
    .has_supervise = false,
};
constexpr ValueRules kEnvironmentFiles{.trims_lines = true, .escaped = true};

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "perp",
    [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); },
    kTools,
    &kEnvironmentFiles,
    kVariables};

}  // namespace kindred::perp
