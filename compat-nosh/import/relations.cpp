#include "compat-nosh/import/relations.h"

#include <initializer_list>

#include "core/definition/unit_name.h"

namespace kindred::nosh {
namespace {

struct Relation {
  const char* key;
  const char* directory;
};
constexpr Relation kUnitRelations[] = {
    {"after", "after"},         {"before", "before"},   {"wants", "wants"},    {"requires", "wants"},
    {"conflicts", "conflicts"}, {"requisite", "needs"}, {"partof", "requires"}};
constexpr Relation kInstallRelations[] = {
    {"wantedby", "wanted-by"}, {"requiredby", "wanted-by"}, {"stoppedby", "stopped-by"}};

/// A word as the name of a bundle and where that is; nullopt: it is no unit's name.
std::optional<BundlePlan::Link> link_to(const std::string& word, const char* directory,
                                        const BundlePlaces& places) {
  if (word.empty() || word.find('/') != std::string::npos || word == "." || word == ".." ||
      word.find('\0') != std::string::npos)
    return std::nullopt;
  for (const auto& [suffix, place] :
       {std::pair<std::string_view, const std::string&>{".target", places.targets},
        {".service", places.services},
        {".socket", places.services},
        {".timer", places.services}}) {
    if (word.size() <= suffix.size() || !word.ends_with(suffix)) continue;
    const std::string name = word.substr(0, word.size() - suffix.size());
    return BundlePlan::Link{directory, name, place + name};
  }
  return BundlePlan::Link{directory, word, "../../" + word};
}

void add_links(UnitValues& values, const Relation& relation, const BundlePlaces& places, BundlePlan& plan) {
  for (const std::string& word : values.words(relation.key)) {
    if (auto link = link_to(word, relation.directory, places))
      plan.links.push_back(std::move(*link));
    else
      plan.warnings.push_back(values.settings().file() + ": " + word + ": Not a unit name.");
  }
}

}  // namespace

BundlePlaces bundle_places(const ImportOptions& options, bool of_target) {
  if (options.per_user) return {"../../../targets/", "../../"};
  if (options.etc_bundle) return {of_target ? "../../" : "../../../targets/", "/var/sv/"};
  constexpr const char* kTargets = "/etc/service-bundles/targets/";
  if (options.local_bundle) return {kTargets, "/var/sv/"};
  return {kTargets, of_target ? "../../../services/" : "../../"};
}

void add_mounts(std::string_view relation, std::string_view path, BundlePlan& plan) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (; path.size() > 1; path = path.substr(0, path.rfind('/'))) {
    const std::string name = "mount@" + escaped_unit_name(path);
    plan.links.push_back({std::string(relation), name, "/etc/service-bundles/services/" + name});
    if (path.rfind('/') == std::string_view::npos) break;
  }
}

void add_relations(UnitValues& unit, UnitValues& install, const BundlePlaces& places, BundlePlan& plan) {
  for (const Relation& relation : kUnitRelations) add_links(unit, relation, places, plan);
  for (const Relation& relation : kInstallRelations) add_links(install, relation, places, plan);
  const auto mounts = [&](const char* key, std::initializer_list<const char*> relations) {
    for (const std::string& path : unit.words(key))
      for (const char* const relation : relations) add_mounts(relation, path, plan);
  };
  mounts("requiresmountsfor", {"wants", "after"});
  mounts("wantsmountsfor", {"wants"});
  mounts("aftermountsfor", {"after"});
}

}  // namespace kindred::nosh
