#include "core/view/view_tree.h"

namespace kindred {

std::optional<TreeService> ViewHost::seen_here(std::optional<TreeService> service) const noexcept {
  if (!service) return service;
  for (const auto& [id, name] : tree_.names)
    if (name == service->name) service->id = id;
  return service;
}

std::optional<TreeService> ViewHost::find(std::string_view name) const noexcept {
  return seen_here(host_.find(name));
}

std::optional<TreeService> ViewHost::find(const DirectoryId& id) const noexcept {
  const auto found = tree_.names.find(id);
  if (found == tree_.names.end()) return host_.find(id);
  std::optional<TreeService> service = host_.find(found->second);
  if (service) service->id = id;
  return service;
}

std::optional<TreeService> ViewHost::at(std::size_t place) const noexcept {
  return seen_here(host_.at(place));
}

TreeHost::Commanded ViewHost::command(const DirectoryId& id, const ControlCommand& command) noexcept {
  const auto found = tree_.names.find(id);
  if (found == tree_.names.end()) return host_.command(id, command);
  const std::optional<TreeService> service = host_.find(found->second);
  return host_.command(service ? service->id : id, command);
}

}  // namespace kindred
