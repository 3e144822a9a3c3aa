#pragma once
// A view tree: the services of a supervisor, shown in one dialect below one directory. Each has the directory
// NAME there, its log NAME/log, as that family's clients expect a service directory to be. Families whose
// clients ask at a door find that too.

#include <map>
#include <memory>
#include <string>

#include "core/dialect/dialect.h"
#include "core/sys/unique_fd.h"
#include "core/view/tree_door.h"
#include "core/view/tree_host.h"

namespace kindred {

struct ViewTree {
  const Dialect* dialect = nullptr;
  UniqueFd root;
  /// Of the directories that stand for services which keep nothing in them: what clients call a service by.
  std::map<DirectoryId, std::string> names;
  std::unique_ptr<TreeHost> host;  ///< of the door, with the identities of this tree
  std::unique_ptr<TreeDoor> door;
};

/// The host of a tree, for those who know services by their directories in one of its views.
class ViewHost final : public TreeHost {
 public:
  /// Both live longer.
  ViewHost(TreeHost& host, const ViewTree& tree) : host_(host), tree_(tree) {}

  [[nodiscard]] std::optional<TreeService> find(std::string_view name) const noexcept override;
  [[nodiscard]] std::optional<TreeService> find(const DirectoryId& id) const noexcept override;
  [[nodiscard]] std::optional<TreeService> at(std::size_t place) const noexcept override;
  /// `said_in`: null for the tree's own dialect.
  [[nodiscard]] Commanded command(const DirectoryId& id, const ControlCommand& command,
                                  const Dialect* said_in) noexcept override;
  [[nodiscard]] bool let_be_empty(const DirectoryId& id, Role role) noexcept override;
  void rescan() noexcept override { host_.rescan(); }
  void shut_down() noexcept override { host_.shut_down(); }

 private:
  [[nodiscard]] std::optional<TreeService> seen_here(std::optional<TreeService> service) const noexcept;
  /// As the host knows it.
  [[nodiscard]] DirectoryId there(const DirectoryId& id) const noexcept;

  TreeHost& host_;
  const ViewTree& tree_;
};

}  // namespace kindred
