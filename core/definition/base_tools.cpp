#include "core/definition/base_tools.h"

#include <variant>

namespace kindred {
namespace {

using definition::Step;

constexpr std::string_view kLetters = "acdfloprst";

}  // namespace

std::size_t write_limits(std::span<const Step> steps, definition::SetLimit::Which which,
                         std::string_view letters, std::vector<std::string>& words) {
  std::size_t taken = 0;
  for (; taken < steps.size(); ++taken) {
    const auto* const limit = std::get_if<definition::SetLimit>(&steps[taken]);
    if (limit == nullptr || limit->which != which || letters.find(limit->letter) == std::string_view::npos)
      break;
    words.push_back(std::string("-") + limit->letter);
    words.push_back(limit->value ? std::to_string(*limit->value) : "=");
  }
  return taken;
}

std::size_t write_base_tools(std::span<const Step> steps, std::vector<std::string>& words,
                             const BaseTools& tools) {
  const Step& step = steps.front();
  if (const auto* const become = std::get_if<definition::Become>(&step)) {
    const definition::Account& account = become->account;
    if (account.numeric || account.group || !account.more_groups.empty() ||
        (account.all_groups && !tools.all_groups) || account.user.starts_with('-'))
      return 0;
    words.emplace_back("setuidgid");
    if (account.all_groups) words.emplace_back("-s");
    words.push_back(account.user);
    return 1;
  }
  if (const auto* const tell = std::get_if<definition::TellAccount>(&step)) {
    const definition::Account& account = tell->account;
    if (account.numeric || account.group || account.user.starts_with('-') || tell->tells_list) return 0;
    words.insert(words.end(), {"envuidgid", account.user});
    return 1;
  }
  if (const auto* const directory = std::get_if<definition::ReadEnvDirectory>(&step)) {
    if (directory->path.starts_with('-')) return 0;
    words.insert(words.end(), {"envdir", directory->path});
    return 1;
  }
  if (const auto* const lock = std::get_if<definition::HoldLock>(&step)) {
    if (lock->kind != definition::HoldLock::Kind::Flock || lock->path.starts_with('-')) return 0;
    words.emplace_back("setlock");
    if (!lock->waits) words.emplace_back("-n");
    if (lock->quiet) words.emplace_back("-x");
    words.push_back(lock->path);
    return 1;
  }
  if (std::holds_alternative<definition::NewSession>(step) && tools.session != nullptr) {
    words.emplace_back(tools.session);
    return 1;
  }
  const std::size_t before = words.size();
  words.emplace_back("softlimit");
  const std::size_t taken = write_limits(steps, definition::SetLimit::Which::Soft, kLetters, words);
  if (taken == 0) words.resize(before);
  return taken;
}

}  // namespace kindred
