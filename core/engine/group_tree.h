#pragma once
// The services of a supervisor that scans nothing, as doors see them.

#include <functional>

#include "core/base/time.h"
#include "core/engine/supervisor.h"
#include "core/view/tree_host.h"

namespace kindred {

class GroupTree final : public TreeHost {
 public:
  /// `shut_down`: what ends them all.
  GroupTree(Supervisor& supervisor, WallTime since, std::function<void()> shut_down)
      : supervisor_(supervisor), since_(since), shut_down_(std::move(shut_down)) {}

  [[nodiscard]] std::optional<TreeService> find(std::string_view name) const noexcept override;
  [[nodiscard]] std::optional<TreeService> find(const DirectoryId& id) const noexcept override;
  [[nodiscard]] std::optional<TreeService> at(std::size_t place) const noexcept override;
  [[nodiscard]] Commanded command(const DirectoryId& id, const ControlCommand& command,
                                  const Dialect* said_in) noexcept override;
  [[nodiscard]] bool let_be_empty(const DirectoryId& id, Role role) noexcept override;
  /// There is nothing to look at.
  void rescan() noexcept override {}
  void shut_down() noexcept override { shut_down_(); }

 private:
  [[nodiscard]] TreeService describe(const ServiceGroup& group) const noexcept;
  [[nodiscard]] ServiceGroup* group_of(const DirectoryId& id) const noexcept;

  Supervisor& supervisor_;
  WallTime since_;
  std::function<void()> shut_down_;
};

}  // namespace kindred
