// Control groups that are made, given away and set. Where the system has none, there is nothing to do.
// Source: interfaces/nosh-system.md section 4.8.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "compat-nosh/chain/knob_value.h"
#include "compat-nosh/chain/turns.h"
#include "core/base/number.h"
#include "core/chain/account.h"
#include "core/chain/control_group.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

/// The directory of a group; where there are no groups at all, that is said.
std::optional<std::string> group_or_warning(ToolTurn& words, const char* group) {
  auto directory = find_control_group(group);
  if (!directory) warn(words.state(), Error{0, "no control groups here", group});
  return directory;
}

constexpr Option kKnobOptions[] = {
    {0, "percent-of", "a value with % is such a part of the number in this file", true},
    {0, "infinity-is-max", "\"infinity\" is \"max\""},
    {0, "multiplier-suffixes", "K, M, G and T multiply by powers of 1024"},
    {0, "device-name-key", "the value begins with the name of a device"},
    {0, "nested-key", "the value is this key's", true}};

}  // namespace

constinit const std::span<const Option> SetControlGroupKnobTool::kOptions = kKnobOptions;

void CreateControlGroupTool::read(ToolWords& words) {
  group = words.take("control group name");
  words.take_no_more();
}

ChainTurn CreateControlGroupTool::act(ToolTurn& words) const {
  const auto directory = group_or_warning(words, group);
  constexpr mode_t kMode = 0755;
  if (directory && ::mkdir(directory->c_str(), kMode) == -1 && errno != EEXIST)
    return words.fail(error_here("make", *directory));
  return ChainTurn::ends(0);
}

void DelegateControlGroupTool::read(ToolWords& words) {
  account = words.take("account name");
  words.take_no_more();
}

ChainTurn DelegateControlGroupTool::act(ToolTurn& words) const {
  const auto owner = find_account(account);
  if (!owner) return words.fail(owner.error());
  if (!*owner) return words.fail(Error{0, "unknown account", account});
  const auto directory = group_or_warning(words, ".");
  if (!directory) return ChainTurn::ends(0);
  constexpr gid_t kSame = static_cast<gid_t>(-1);
  for (const char* const file : {"", "/cgroup.procs", "/cgroup.subtree_control"}) {
    const std::string path = *directory + file;
    if (::chown(path.c_str(), (*owner)->user, kSame) == -1) return words.fail(error_here("chown", path));
  }
  return ChainTurn::ends(0);
}

void SetControlGroupKnobTool::read(ToolWords& words) {
  knob = words.take("knob name");
  value = words.take("value");
  words.take_no_more();
  rules.infinity_is_max = words.has("infinity-is-max");
  rules.multiplies = words.has("multiplier-suffixes");
  rules.begins_with_device = words.has("device-name-key");
  rules.key = words.text("nested-key").value_or("");
  percent_of = words.value("percent-of");
}

ChainTurn SetControlGroupKnobTool::act(ToolTurn& words) const {
  KnobRules whole_rules = rules;
  if (percent_of != nullptr) {
    const auto whole = read_knob_number(percent_of);
    if (!whole) return words.fail(whole.error());
    whole_rules.percent_of = *whole;
  }
  const auto text = knob_value(value, whole_rules, device_number);
  if (!text) return words.fail(Error{0, "Bad value", value});
  const auto path = group_or_warning(words, knob.c_str());
  if (!path) return ChainTurn::ends(0);
  const UniqueFd file(::open(path->c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!file && errno == ENOENT) {
    warn(words.state(), error_here("open", *path));
    return ChainTurn::ends(0);
  }
  if (!file || ::write(file.get(), text->data(), text->size()) == -1)
    return words.fail(error_here("write", *path));
  return ChainTurn::ends(0);
}

}  // namespace kindred::nosh
