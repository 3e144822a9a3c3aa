#include "core/native/targets.h"

#include <fcntl.h>

#include <map>
#include <set>

#include "core/base/nearest.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

UniqueFd open_place(const PlacedService& service) {
  return UniqueFd(
      ::open(service.place.empty() ? "." : service.place.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool is_supervised(const PlacedService& service, Surveyor& surveyor) {
  const UniqueFd place = open_place(service);
  if (!place) return false;
  surveyor.enter(place.get());
  const Result<ServiceSurvey> seen = surveyor.look(service.name.c_str());
  surveyor.enter(AT_FDCWD);
  return seen && seen->main.supervision == Supervision::Live;
}

/// The one that is meant by a plain name.
std::optional<PlacedService> choose(std::string_view program, const std::string& name,
                                    const std::vector<PlacedService>& found, Surveyor& surveyor) {
  std::vector<PlacedService> live;
  for (const PlacedService& service : found)
    if (is_supervised(service, surveyor)) live.push_back(service);
  if (live.size() == 1) return live.front();
  if (live.empty()) return found.front();
  std::string paths;
  for (const PlacedService& service : live) paths += " " + printable(service.path());
  print_error({program, ": several services are called ", printable(name), ", give a path:", paths});
  return std::nullopt;
}

}  // namespace

Result<ServiceSurvey> Target::look(Surveyor& surveyor) const {
  surveyor.enter(place.get());
  Result<ServiceSurvey> seen = surveyor.look(service.name.c_str());
  surveyor.enter(AT_FDCWD);
  return seen;
}

void print_no_service(std::string_view program, const std::string& word,
                      const std::vector<std::string>& places) {
  std::vector<std::string> names;
  for (const std::string& place : places)
    for (const PlacedService& service : services_in(place)) names.push_back(service.name);
  std::string name = word;
  const bool log = take_log_suffix(name);
  const std::string_view meant = nearest(name, names);
  if (meant.empty()) return print_error({program, ": there is no service ", printable(word)});
  print_error({program, ": there is no service ", printable(word), "; is it ", printable(meant),
               log ? "/log" : "", "?"});
}

std::vector<std::string> usual_places() { return scan_places(place_sources(families()), families()); }

std::vector<Target> find_targets(std::string_view program, const TargetWishes& wishes,
                                 const std::vector<std::string>& places, Surveyor& surveyor, int& troubles) {
  std::vector<Target> targets;
  std::set<std::pair<DirectoryId, bool>> known;
  const auto take = [&](const PlacedService& service, bool log) {
    UniqueFd place = open_place(service);
    const UniqueFd directory(
        place ? ::openat(place.get(), service.name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
    const Result<DirectoryId> id = identify(directory.get());
    if (id && known.insert({*id, log}).second) targets.push_back({service, log, {}, std::move(place)});
  };
  for (const std::string& word : wishes.names) {
    Result<std::vector<PlacedService>> found = find_services(places, word);
    std::string main = word;
    const bool log = take_log_suffix(main);
    // A log may have no directory of its own.
    if (log) found = find_services(places, main);
    if (!found) {
      ++troubles;
      print_no_service(program, word, places);
      continue;
    }
    if (is_pattern(main) || found->size() == 1) {
      for (const PlacedService& service : *found) take(service, log);
    } else if (const auto chosen = choose(program, main, *found, surveyor)) {
      take(*chosen, log);
    } else {
      ++troubles;
    }
  }
  if (wishes.all)
    for (const std::string& place : places)
      for (const PlacedService& service : services_in(place)) take(service, false);

  std::map<std::string, int> bearers;
  const auto short_label = [](const Target& target) {
    return target.service.name + (target.log ? "/log" : "");
  };
  for (const Target& target : targets) ++bearers[short_label(target)];
  for (Target& target : targets)
    target.label =
        printable(bearers[short_label(target)] > 1 ? target.service.path() + (target.log ? "/log" : "")
                                                   : short_label(target));
  return targets;
}

}  // namespace kindred
