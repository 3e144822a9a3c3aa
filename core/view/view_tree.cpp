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

DirectoryId ViewHost::there(const DirectoryId& id) const noexcept {
  const auto found = tree_.names.find(id);
  if (found == tree_.names.end()) return id;
  const std::optional<TreeService> service = host_.find(found->second);
  return service ? service->id : id;
}

TreeHost::Commanded ViewHost::command(const DirectoryId& id, const ControlCommand& command,
                                      const Dialect* said_in) noexcept {
  return host_.command(there(id), command, said_in != nullptr ? said_in : tree_.dialect);
}

bool ViewHost::let_be_empty(const DirectoryId& id, Role role) noexcept {
  return host_.let_be_empty(there(id), role);
}

}  // namespace kindred
