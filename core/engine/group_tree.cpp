#include "core/engine/group_tree.h"

#include "core/sys/files.h"

namespace kindred {

TreeService GroupTree::describe(const ServiceGroup& group) const noexcept {
  TreeService service;
  service.name = group.shown();
  if (const Result<DirectoryId> id = identify(group.directory())) service.id = *id;
  service.snapshot = group.machine().snapshot();
  service.supervised_since = since_;
  return service;
}

ServiceGroup* GroupTree::group_of(const DirectoryId& id) const noexcept {
  for (const std::unique_ptr<ServiceGroup>& group : supervisor_.groups())
    if (const Result<DirectoryId> own = identify(group->directory()); own && *own == id) return group.get();
  return nullptr;
}

std::optional<TreeService> GroupTree::find(std::string_view name) const noexcept {
  for (const std::unique_ptr<ServiceGroup>& group : supervisor_.groups())
    if (group->shown() == name) return describe(*group);
  return std::nullopt;
}

std::optional<TreeService> GroupTree::find(const DirectoryId& id) const noexcept {
  const ServiceGroup* const group = group_of(id);
  return group != nullptr ? std::optional(describe(*group)) : std::nullopt;
}

std::optional<TreeService> GroupTree::at(std::size_t place) const noexcept {
  if (place >= supervisor_.groups().size()) return std::nullopt;
  return describe(*supervisor_.groups()[place]);
}

TreeHost::Commanded GroupTree::command(const DirectoryId& id, const ControlCommand& command,
                                       const Dialect* said_in) noexcept {
  ServiceGroup* const group = group_of(id);
  if (group == nullptr) return Commanded::Unknown;
  if (group->lacks_group(command)) return Commanded::NoGroup;
  return supervisor_.command(*group, command, said_in) ? Commanded::Done : Commanded::Busy;
}

bool GroupTree::let_be_empty(const DirectoryId& id, Role role) noexcept {
  ServiceGroup* const group = group_of(id);
  return group != nullptr && supervisor_.let_be_empty(*group, role);
}

}  // namespace kindred
