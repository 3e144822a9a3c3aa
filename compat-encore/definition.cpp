// How daemontools-encore writes down a service: as daemontools, with scripts around run. Source: interfaces/encore.md
// sections 2, 6, 7, 11 and 12.

#include "compat-encore/chain/tools.h"
#include "compat-encore/convention.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"

namespace kindred::encore {
namespace {

std::size_t write_step(std::span<const definition::Step> steps, std::vector<std::string>& words) {
  return write_base_tools(steps, words, {.all_groups = true, .session = "pgrphack"});
}

constexpr MultilogLimits kMultilog{.largest = 2147483647, .seconds = true};
constexpr const char* kTools[] = {"envdir",    "envini",        "envuidgid", "fghack",     "multilog",
                                  "pgrphack",  "readproctitle", "setlock",   "setuidgid",  "setuser",
                                  "softlimit", "supervise",     "svc",       "svok",       "svscan",
                                  "svstat",    "svup",          "tai64n",    "tai64nlocal"};

const DirectoryFormat kFormat{
    .family = "encore",
    .convention = &kConvention,
    .language = {.read = [](std::string_view text) { return read_shell_command(text, chain_tools()); },
                 .write = [](const definition::Command& command,
                             const auto& lost) { return write_shell_command(command, write_step, lost); }},
    .logger = {.read = [](const std::vector<std::string>& program, FileSet&,
                          std::vector<Loss>&) { return read_multilog_words(program, kMultilog); },
               .write =
                   [](const definition::Logger& logger, FileSet&, std::vector<Loss>& losses) {
                     return write_multilog_words(logger, kMultilog, "encore", losses);
                   }},
    // Section 7: what runs in the service directory itself.
    .log_script = "log",
    .mode_with_log = 01755,
};
constexpr ValueRules kEnvironmentFiles;

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "encore", [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); }, kTools,
    &kEnvironmentFiles};

}  // namespace kindred::encore
