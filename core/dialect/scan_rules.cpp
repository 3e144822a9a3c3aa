#include "core/dialect/scan_rules.h"

#include <algorithm>
#include <map>

namespace kindred {

bool is_service_name(std::string_view name) { return !name.empty() && name.front() != '.'; }

ScanDiff diff(std::span<const ScanEntry> known, std::span<const ScanEntry> seen, bool name_follows) {
  ScanDiff result;
  std::map<DirectoryId, std::vector<std::size_t>> names;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i].is_directory && (seen[i].by_name || is_service_name(seen[i].name)))
      names[seen[i].id].push_back(i);
  for (std::size_t k = 0; k < known.size(); ++k) {
    auto found = names.find(known[k].id);
    if (found == names.end()) {
      result.vanished.push_back(k);
      continue;
    }
    const std::vector<std::size_t>& indices = found->second;
    const std::size_t candidate = name_follows ? indices.back() : indices.front();
    const bool kept = std::any_of(indices.begin(), indices.end(), [&](std::size_t i) {
      return seen[i].name == known[k].name && (!name_follows || i == candidate);
    });
    if (!kept) result.renamed.emplace_back(k, candidate);
    names.erase(found);
  }
  for (const auto& [id, indices] : names) result.appeared.push_back(indices.front());
  std::sort(result.appeared.begin(), result.appeared.end());
  return result;
}

}  // namespace kindred
