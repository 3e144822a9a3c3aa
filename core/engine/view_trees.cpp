#include "core/engine/view_trees.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "core/dialect/registry.h"
#include "core/sys/files.h"

namespace kindred {
namespace {
constexpr const char* kViews = "views";
constexpr mode_t kTreeMode = 0755;
}  // namespace

Result<std::vector<const Dialect*>> parse_views(std::span<const Dialect* const> families,
                                                std::string_view list) {
  std::vector<const Dialect*> views;
  if (list == "none") return views;
  if (list == "all") {
    views.assign(families.begin(), families.end());
    return views;
  }
  while (true) {
    const std::string_view word = list.substr(0, list.find(','));
    const Dialect* family = find_family(families, word);
    if (family == nullptr) return Error{ENOENT, "find family", std::string(word)};
    if (std::find(views.begin(), views.end(), family) == views.end()) views.push_back(family);
    if (word.size() == list.size()) return views;
    list.remove_prefix(word.size() + 1);
  }
}

Status ViewTrees::set(std::span<const Dialect* const> wanted) {
  auto is_wanted = [&](const Dialect* dialect) {
    return std::find(wanted.begin(), wanted.end(), dialect) != wanted.end();
  };
  std::vector<const Dialect*> present;
  for (const std::unique_ptr<ViewTree>& view : supervisor_.views()) present.push_back(view->dialect);
  for (const Dialect* dialect : present) {
    if (is_wanted(dialect)) continue;
    if (Status removed = supervisor_.remove_view(*dialect); !removed) return removed;
    const Result<UniqueFd> views = open_directory(AT_FDCWD, (run_directory_ + "/" + kViews).c_str());
    if (views) remove_tree(views->get(), dialect->name);
  }
  for (const Dialect* dialect : wanted) {
    if (std::find(present.begin(), present.end(), dialect) != present.end()) continue;
    if (Status added = add(*dialect); !added) return added;
  }
  return ok();
}

std::vector<const Dialect*> ViewTrees::left(std::span<const Dialect* const> families) const {
  std::vector<const Dialect*> left;
  for (const std::string& name : directory_names(AT_FDCWD, (run_directory_ + "/" + kViews).c_str()))
    if (const Dialect* family = find_family(families, name)) left.push_back(family);
  return left;
}

void ViewTrees::look_again() noexcept {
  for (const std::unique_ptr<ViewTree>& view : supervisor_.views())
    if (view->door) view->door->look_again();
}

Status ViewTrees::add(const Dialect& dialect) {
  const Result<UniqueFd> run = open_directory(AT_FDCWD, run_directory_.c_str());
  if (!run) return run.error();
  if (Status made = make_directory(run->get(), kViews, kTreeMode); !made) return made;
  const Result<UniqueFd> views = open_directory(run->get(), kViews);
  if (!views) return views.error();
  // Clients of whoever showed it before us hold its FIFOs open, or wait in its event directories.
  if (!supervisor_.descriptors().resumes()) remove_tree(views->get(), dialect.name);
  if (Status made = make_directory(views->get(), dialect.name, kTreeMode); !made) return made;
  Result<UniqueFd> root = open_directory(views->get(), dialect.name);
  if (!root) return root.error();
  return supervisor_.add_view(dialect, std::move(*root), &host_);
}

}  // namespace kindred
