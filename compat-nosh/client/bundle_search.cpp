#include "compat-nosh/client/bundle_search.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace kindred::nosh {
namespace {

constexpr const char* kTargetPlaces[] = {
    "/run/service-bundles/targets/",       "/usr/local/etc/service-bundles/targets/",
    "/etc/service-bundles/targets/",       "/usr/local/share/service-bundles/targets/",
    "/usr/share/service-bundles/targets/", "/var/service-bundles/targets/",
};
constexpr const char* kServicePlaces[] = {
    "/run/service-bundles/services/",
    "/usr/local/etc/service-bundles/services/",
    "/etc/service-bundles/services/",
    "/usr/local/share/service-bundles/services/",
    "/var/local/service-bundles/services/",
    "/var/local/sv/",
    "/usr/share/service-bundles/services/",
    "/var/service-bundles/services/",
    "/var/sv/",
    "/var/svc.d/",
    "/service/",
};

struct Suffix {
  std::string_view text;
  bool target, service;
};
constexpr Suffix kSuffixes[] = {
    {".target", true, false}, {".service", false, true}, {".socket", false, true}, {".timer", false, true}};

std::vector<std::string> user_roots() {
  std::vector<std::string> roots;
  if (const passwd* account = getpwuid(geteuid()))
    roots.push_back(std::string("/run/user/") + account->pw_name + "/service-bundles/");
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    roots.push_back(std::string(home) + "/.config/service-bundles/");
  return roots;
}

}  // namespace

std::vector<std::string> bundle_candidates(std::string_view name, bool per_user) {
  std::vector<std::string> candidates;
  if (name.find('/') != std::string_view::npos) return {std::string(name)};
  bool target = true, service = true;
  std::string bare(name);
  for (const Suffix& suffix : kSuffixes)
    if (name.size() > suffix.text.size() && name.ends_with(suffix.text)) {
      target = suffix.target;
      service = suffix.service;
      bare = name.substr(0, name.size() - suffix.text.size());
      break;
    }
  if (per_user) {
    for (const std::string& root : user_roots()) {
      if (target) candidates.push_back(root + "targets/" + bare);
      if (service) candidates.push_back(root + "services/" + bare);
    }
  } else {
    if (target)
      for (const char* place : kTargetPlaces) candidates.push_back(place + bare);
    if (service)
      for (const char* place : kServicePlaces) candidates.push_back(place + bare);
  }
  candidates.emplace_back(name);
  return candidates;
}

BundleKind bundle_kind(std::string_view name, std::string_view path) {
  if (name == path || name.find('/') != std::string_view::npos) return BundleKind::ByPath;
  const std::string_view place = path.substr(0, path.rfind('/'));
  return place.ends_with("/targets") ? BundleKind::Target : BundleKind::Service;
}

std::optional<std::string> find_bundle(std::string_view name, bool per_user) {
  struct stat st;
  for (const std::string& candidate : bundle_candidates(name, per_user))
    if (stat(candidate.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return candidate;
  return std::nullopt;
}

}  // namespace kindred::nosh
