#pragma once
// Which view trees there are: RUNDIR/views/FAMILY, one for each family that is asked for. Made, and taken
// away, while services run.

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/engine/supervisor.h"

namespace kindred {

/// The families that a list names: "all", "none", or names with commas between. Errors: ENOENT, operation
/// "find family", object: the word that names none.
[[nodiscard]] Result<std::vector<const Dialect*>> parse_views(std::span<const Dialect* const> families,
                                                              std::string_view list);

class ViewTrees {
 public:
  ViewTrees(Supervisor& supervisor, TreeHost& host, std::string run_directory)
      : supervisor_(supervisor), host_(host), run_directory_(std::move(run_directory)) {}

  /// From now on exactly these. What an earlier supervisor left in their place is removed, but where this process goes on
  /// in that one's place. Errors: the first thing that could not be made; those before it stand.
  [[nodiscard]] Status set(std::span<const Dialect* const> wanted);
  /// Those of these families that the supervisor showed in whose place this process goes on.
  [[nodiscard]] std::vector<const Dialect*> left(std::span<const Dialect* const> families) const;
  /// To be called when a scan was asked for.
  void look_again() noexcept;

 private:
  [[nodiscard]] Status add(const Dialect& dialect);

  Supervisor& supervisor_;
  TreeHost& host_;
  std::string run_directory_;
};

}  // namespace kindred
