#pragma once
// Where a service's log ends up: what its logger was told, or is told by the script that starts it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/survey.h"

namespace kindred {

/// The words among these that may name a log: paths, from `directory` where they are relative. Pure. What a shell would
/// have to work out is none.
[[nodiscard]] std::vector<std::string> log_words(std::span<const std::string> words,
                                                 const std::string& directory);

/// The words of a script, as far as they stand there as they are. Pure.
[[nodiscard]] std::vector<std::string> words_of_script(std::string_view script);

/// The log directories (those with a file `current`), or the one ordinary file, to which the log of the service at `path`
/// writes; those that this process may not look into among them. Empty: none was found.
[[nodiscard]] std::vector<std::string> log_places(const std::string& path, const ServiceSurvey& survey);

}  // namespace kindred
