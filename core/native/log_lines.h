#pragma once
// The logs of the services that are named, and their last lines.

#include <sys/stat.h>

#include <string>
#include <vector>

#include "core/base/error_text.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/log_place.h"
#include "core/dialect/registry.h"
#include "core/log/log_reader.h"
#include "core/native/targets.h"

namespace kindred {

/// The last lines of a service's log, as a terminal may show them, with their local time; empty where there is none.
[[nodiscard]] std::vector<std::string> last_log_lines(const std::string& path, const ServiceSurvey& survey,
                                                      std::size_t lines);

/// Opens the logs of the services that are named; a name may be the path of a log directory, too. What cannot be is told
/// on standard error, and `troubles` counts it. Stream: {name, LogSource}.
template <class Stream>
std::vector<Stream> open_logs(const std::string& program, TargetWishes& named, int& troubles) {
  std::vector<Stream> streams;
  const auto open = [&](const std::string& name, const std::string& place) {
    Result<LogSource> source = LogSource::open(place);
    if (source) {
      streams.push_back(Stream{name, std::move(*source)});
      return;
    }
    ++troubles;
    print_error({program, ": unable to open ", printable(place), ": ", error_text(source.error().code)});
  };
  std::erase_if(named.names, [&](const std::string& word) {
    struct stat st;
    const bool is_log = word.find('/') != std::string::npos &&
                        ((::stat((word + "/current").c_str(), &st) == 0 && S_ISREG(st.st_mode)) ||
                         (::stat(word.c_str(), &st) == 0 && S_ISREG(st.st_mode)));
    if (is_log) open(printable(word), word);
    return is_log;
  });
  Surveyor surveyor(families());
  // A service's log is meant whichever of the two is named.
  for (const Target& target : find_targets(program, named, usual_places(), surveyor, troubles)) {
    const Result<ServiceSurvey> survey = target.look(surveyor);
    const std::vector<std::string> places =
        survey ? log_places(target.service.path(), *survey) : std::vector<std::string>();
    if (places.empty() && !named.all) {
      ++troubles;
      print_error({program, ": no log of ", target.label, " was found"});
    }
    for (const std::string& place : places) open(target.label, place);
  }
  return streams;
}

}  // namespace kindred
