// How freedt writes down a service: as daemontools, with a logger that never rotates. Source: interfaces/freedt.md
// sections 3 and 6.

#include "compat-freedt/chain/tools.h"
#include "compat-freedt/convention.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"

namespace kindred::freedt {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Stamp;

std::size_t write_step(std::span<const definition::Step> steps, std::vector<std::string>& words) {
  return write_base_tools(steps, words, {});
}

/// One file, whose directory is the log's.
std::optional<Logger> read_logger(const std::vector<std::string>& program, FileSet&, std::vector<Loss>&) {
  if (program.size() < 2 || !is_program(program[0], "dumblog")) return std::nullopt;
  const bool stamped = program[1] == "-c";
  if (program.size() != (stamped ? 3U : 2U) || program.back().starts_with('-')) return std::nullopt;
  Logger logger;
  logger.stamp = stamped ? Stamp::Calendar : Stamp::None;
  constexpr std::string_view kFile = "/current";
  std::string path = program.back();
  if (!path.ends_with(kFile)) return std::nullopt;
  path.resize(path.size() - kFile.size());
  logger.directories.push_back({.path = path, .size = 0, .files = 0});
  return logger;
}

std::vector<std::string> write_logger(const Logger& logger, FileSet& files, std::vector<Loss>& losses) {
  std::vector<std::string> words{"dumblog"};
  if (nearest_stamp(logger.stamp, {Stamp::None, Stamp::Calendar}, "freedt", losses) != Stamp::None)
    words.emplace_back("-c");
  for (LogDirectory directory : logger.directories) {
    if (words.back().ends_with("/current")) {
      losses.push_back(
          {"run", 0, "the log directory " + directory.path, "dumblog writes one file", "read the other"});
      continue;
    }
    put_log_directory(directory.path, files);
    words.push_back(directory.path + "/current");
    if (directory.size == 0U) directory.size.reset();
    if (!directory.size || directory.files == 0U) directory.files.reset();
    lose_rest(directory, "freedt", "dumblog", losses);
  }
  return words;
}

constexpr const char* kTools[] = {"anonidentd", "argv0",    "dumblog", "envdir",    "envuidgid", "mkservice",
                                  "ratelimit",  "recordio", "setlock", "setuidgid", "softlimit", "supervise",
                                  "svc",        "svok",     "svscan",  "svstat"};

const DirectoryFormat kFormat{
    .family = "freedt",
    .convention = &kConvention,
    .language = {.read = [](std::string_view text) { return read_shell_command(text, chain_tools()); },
                 .write = [](const definition::Command& command,
                             const auto& lost) { return write_shell_command(command, write_step, lost); }},
    .logger = {.read = read_logger, .write = write_logger},
    // 3.4: the bit says that there is a log.
    .mode_with_log = 01755,
};
constexpr ValueRules kEnvironmentFiles;

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "freedt", [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); }, kTools,
    &kEnvironmentFiles};

}  // namespace kindred::freedt
