// How daemontools writes down a service: a shell script of its own tools, multilog. Source: interfaces/daemontools.md
// sections 2, 8 and 10.

#include "compat-daemontools/chain/tools.h"
#include "compat-daemontools/convention.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"

namespace kindred::daemontools {
namespace {

std::size_t write_step(std::span<const definition::Step> steps, std::vector<std::string>& words) {
  return write_base_tools(steps, words, {.session = "pgrphack"});
}

constexpr MultilogLimits kMultilog;
constexpr const char* kTools[] = {
    "envdir",    "envuidgid", "fghack", "multilog", "pgrphack", "readproctitle", "setlock", "setuidgid",
    "softlimit", "supervise", "svc",    "svok",     "svscan",   "svstat",        "tai64n",  "tai64nlocal"};

const DirectoryFormat kFormat{
    .family = "daemontools",
    .convention = &kConvention,
    .language = {.read = [](std::string_view text) { return read_shell_command(text, chain_tools()); },
                 .write = [](const definition::Command& command,
                             const auto& lost) { return write_shell_command(command, write_step, lost); }},
    .logger = {.read = [](const std::vector<std::string>& program, FileSet&,
                          std::vector<Loss>&) { return read_multilog_words(program, kMultilog); },
               .write =
                   [](const definition::Logger& logger, FileSet&, std::vector<Loss>& losses) {
                     return write_multilog_words(logger, kMultilog, "daemontools", losses);
                   }},
    // 6.1: the bit says that there is a log.
    .mode_with_log = 01755,
};
constexpr ValueRules kEnvironmentFiles;

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "daemontools", [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); }, kTools,
    &kEnvironmentFiles};

}  // namespace kindred::daemontools
