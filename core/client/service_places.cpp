#include "core/client/service_places.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "core/base/nul_words.h"
#include "core/dialect/scan_rules.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestCommandLine = 4096;

const char* environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

void add_once(std::vector<std::string>& to, std::string value) {
  if (std::find(to.begin(), to.end(), value) == to.end()) to.push_back(std::move(value));
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// What the running scanners that this user may ask about scan.
void add_running(std::vector<std::string>& to, const std::string& processes,
                 std::span<const Dialect* const> families) {
  const Result<UniqueFd> list = open_directory(AT_FDCWD, processes.c_str());
  if (!list) return;
  for (const std::string& entry : directory_names(list->get(), ".")) {
    if (entry.find_first_not_of("0123456789") != std::string::npos) continue;
    const Result<std::string> line =
        read_file(list->get(), (entry + "/cmdline").c_str(), kLongestCommandLine);
    if (!line) continue;
    const std::vector<std::string> words = split_words(*line);
    // A process costs one more call only where its name is a scanner's.
    if (scanned_by(words, "/", families).empty()) continue;
    const std::string path = scanned_by(words, link_text(processes + "/" + entry + "/cwd"), families);
    if (!path.empty()) add_once(to, path);
  }
}

bool is_directory(const std::string& path, struct stat& st) {
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

}  // namespace

PlaceSources place_sources(std::span<const Dialect* const> families) {
  PlaceSources sources;
  if (const char* const chosen = environment("SVDIR")) sources.chosen = chosen;
  if (const char* const home = environment("HOME"))
    for (const char* below : {"/service", "/.service", "/.config/service"})
      sources.users.push_back(std::string(home) + below);
  if (const char* const run = environment("XDG_RUNTIME_DIR"))
    sources.users.push_back(std::string(run) + "/service");
  for (const char* place : {"/etc/service", "/service", "/run/service", "/var/service"})
    sources.usual.emplace_back(place);
  for (const Dialect* family : families)
    for (const char* place : family->scan.usual) add_once(sources.usual, place);
  sources.processes = "/proc";
  return sources;
}

std::vector<std::string> scan_places(const PlaceSources& sources, std::span<const Dialect* const> families) {
  std::vector<std::string> wanted;
  if (!sources.chosen.empty()) {
    wanted.push_back(sources.chosen);
  } else {
    for (const std::string& place : sources.users) add_once(wanted, place);
    for (const std::string& place : sources.usual) add_once(wanted, place);
    if (!sources.processes.empty()) add_running(wanted, sources.processes, families);
  }
  std::vector<std::string> there;
  std::set<DirectoryId> known;
  for (std::string& place : wanted) {
    while (place.size() > 1 && place.ends_with('/')) place.pop_back();
    struct stat st;
    if (is_directory(place, st) && known.insert({st.st_dev, st.st_ino}).second)
      there.push_back(std::move(place));
  }
  return there;
}

std::string scanned_by(std::span<const std::string> words, std::string_view working_directory,
                       std::span<const Dialect* const> families) {
  if (words.empty()) return {};
  std::string name(base_name(words[0]));
  words = words.subspan(1);
  const auto is_scanner = [&](const std::string& word) {
    return std::any_of(families.begin(), families.end(),
                       [&](const Dialect* family) { return word == family->scan.scanner; });
  };
  if (name == "kindred" && !words.empty() && words[0] == "scan") {
    words = words.subspan(1);
  } else if (!is_scanner(name)) {
    return {};
  }
  if (working_directory.empty()) return {};
  const auto is_there = [](const std::string& path) {
    struct stat st;
    return is_directory(path, st);
  };
  // Most scan what they have made their working directory; others are told it as their last word, or as the one
  // before a text that they show.
  for (std::size_t i = words.size(); i-- > 0;) {
    const std::string& word = words[i];
    if (word.empty() || word.front() == '-') continue;
    const std::string path = word.front() == '/' ? word : std::string(working_directory) + "/" + word;
    if (is_there(path)) return path;
  }
  return std::string(working_directory);
}

std::string PlacedService::path() const {
  if (place.empty()) return name;
  return place.ends_with('/') ? place + name : place + "/" + name;
}

bool take_log_suffix(std::string& pattern) {
  constexpr std::string_view kSuffix = "/log";
  if (!pattern.ends_with(kSuffix) || pattern.size() == kSuffix.size()) return false;
  pattern.resize(pattern.size() - kSuffix.size());
  return true;
}

bool is_pattern(std::string_view pattern) { return pattern.find_first_of("*?[") != std::string_view::npos; }

std::vector<PlacedService> services_in(const std::string& place) {
  std::vector<PlacedService> services;
  const Result<UniqueFd> list = open_directory(AT_FDCWD, place.c_str());
  if (!list) return services;
  for (std::string& name : directory_names(list->get(), ".")) {
    struct stat st;
    if (is_service_name(name) && ::fstatat(list->get(), name.c_str(), &st, 0) == 0 && S_ISDIR(st.st_mode))
      services.push_back({place, std::move(name)});
  }
  return services;
}

Result<std::vector<PlacedService>> find_services(std::span<const std::string> places,
                                                 const std::string& pattern) {
  std::vector<PlacedService> found;
  std::set<DirectoryId> known;
  const auto take = [&](const std::string& place, const std::string& name) {
    struct stat st;
    const PlacedService service{place, name};
    if (is_directory(service.path(), st) && known.insert({st.st_dev, st.st_ino}).second)
      found.push_back(service);
  };
  if (pattern.find('/') != std::string::npos) {
    std::string path = pattern;
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const std::size_t slash = path.rfind('/');
    const std::string place = slash == 0 ? "/" : path.substr(0, slash == std::string::npos ? 0 : slash);
    take(place, slash == std::string::npos ? path : path.substr(slash + 1));
  } else {
    for (const std::string& place : places) {
      if (!is_pattern(pattern)) {
        if (is_service_name(pattern)) take(place, pattern);
        continue;
      }
      for (const PlacedService& service : services_in(place))
        if (::fnmatch(pattern.c_str(), service.name.c_str(), FNM_PERIOD) == 0) take(place, service.name);
    }
  }
  if (found.empty()) return error_here("find", pattern, ENOENT);
  return found;
}

}  // namespace kindred
