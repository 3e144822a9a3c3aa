#pragma once
// A tree of one service, which writes down what it is told.

#include <vector>

#include "core/view/tree_host.h"

namespace kindred::test {

class OneService final : public TreeHost {
 public:
  explicit OneService(DirectoryId id, std::string_view name = "web") {
    service.id = id;
    service.name = name;
  }

  std::optional<TreeService> find(std::string_view name) const noexcept override {
    return name == service.name ? at(0) : std::nullopt;
  }
  std::optional<TreeService> find(const DirectoryId& id) const noexcept override {
    return id == service.id ? at(0) : std::nullopt;
  }
  std::optional<TreeService> at(std::size_t place) const noexcept override {
    if (place > 0) return std::nullopt;
    return service;
  }
  Commanded command(const DirectoryId& id, const ControlCommand& command, const Dialect*) noexcept override {
    if (id != service.id) return Commanded::Unknown;
    commands.push_back(command);
    if (command.to_group && !leads_group) return Commanded::NoGroup;
    return busy ? Commanded::Busy : Commanded::Done;
  }
  bool let_be_empty(const DirectoryId&, Role) noexcept override { return false; }
  void rescan() noexcept override { ++rescans; }
  void shut_down() noexcept override { ++shut_downs; }

  TreeService service;
  std::vector<ControlCommand> commands;
  int rescans = 0, shut_downs = 0;
  bool busy = false, leads_group = true;
};

}  // namespace kindred::test
