#include <algorithm>

#include "core/dialect/registry.h"

namespace kindred {
namespace {

template <class Judge>
const Dialect* best(std::span<const Dialect* const> among, const Judge& judge) {
  const Dialect* winner = nullptr;
  int most = 0;
  for (const Dialect* dialect : among) {
    const int sureness = judge(*dialect);
    if (sureness > most) {
      most = sureness;
      winner = dialect;
    }
  }
  return winner;
}

}  // namespace

const Dialect* find_family(std::span<const Dialect* const> among, std::string_view name) {
  for (const Dialect* dialect : among)
    if (name == dialect->name) return dialect;
  return nullptr;
}

const Dialect* recognise(std::span<const Dialect* const> among, const Evidence& evidence) {
  return best(among, [&](const Dialect& dialect) { return dialect.recognise(evidence); });
}

const Dialect* family_of_shape(std::span<const Dialect* const> among, const DirectoryShape& shape) {
  const Dialect* winner = best(among, [&](const Dialect& dialect) { return dialect.shape(shape); });
  return winner != nullptr || among.empty() ? winner : among.front();
}

Provenance provenance(const Dialect* home, std::span<const Dialect* const> among,
                      const DirectoryShape& shape) {
  constexpr int kClearly = 50, kMore = 20;
  const Dialect* family = family_of_shape(among, shape);
  if (home == nullptr)
    return {family->layout.directory != nullptr ? family : family_of_shape(among, {"run"}), family};
  const int homely = home->shape(shape), sureness = family != nullptr ? family->shape(shape) : 0;
  const bool foreign = homely < 0 ? sureness > 0 : sureness >= std::max(kClearly, homely + kMore);
  return {home, foreign ? family : home};
}

}  // namespace kindred
