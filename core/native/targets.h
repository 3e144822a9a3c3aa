#pragma once
// The services that a command line names.

#include <string>
#include <vector>

#include "core/client/service_places.h"
#include "core/client/survey.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A service, or its log, as a command line names it; it keeps the directory open in which it is listed.
struct Target {
  PlacedService service;
  bool log = false;   ///< its log is meant
  std::string label;  ///< the name; the path where two that are meant have one name
  UniqueFd place;
  [[nodiscard]] Result<ServiceSurvey> look(Surveyor& surveyor) const;
};

struct TargetWishes {
  std::vector<std::string> names;  ///< names, patterns, paths, each of them with /log for the log
  bool all = false;                ///< every service of every scan directory
};

/// What is named, each once. Of several services with one plain name it is the one that is supervised. What cannot be found
/// or is meant by none of several is told on standard error, and `troubles` counts it.
[[nodiscard]] std::vector<Target> find_targets(std::string_view program, const TargetWishes& wishes,
                                               const std::vector<std::string>& places, Surveyor& surveyor,
                                               int& troubles);

/// Says that none of the services in `places` has this name, and which it may be.
void print_no_service(std::string_view program, const std::string& word,
                      const std::vector<std::string>& places);

/// Where services are looked for: scan_places() of this process's surroundings.
[[nodiscard]] std::vector<std::string> usual_places();

}  // namespace kindred
