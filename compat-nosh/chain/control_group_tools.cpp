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

}  // namespace

ChainTurn create_control_group_turn(const ChainCall& call) {
  ToolTurn words(call, {}, "GROUP");
  const char* const group = words.take("control group name");
  words.take_no_more();
  if (words.ended()) return words.end();
  const auto directory = group_or_warning(words, group);
  constexpr mode_t kMode = 0755;
  if (directory && ::mkdir(directory->c_str(), kMode) == -1 && errno != EEXIST)
    return words.fail(error_here("make", *directory));
  return ChainTurn::ends(0);
}

ChainTurn delegate_control_group_turn(const ChainCall& call) {
  ToolTurn words(call, {}, "ACCOUNT");
  const char* const name = words.take("account name");
  words.take_no_more();
  if (words.ended()) return words.end();
  const auto account = find_account(name);
  if (!account) return words.fail(account.error());
  if (!*account) return words.fail(Error{0, "unknown account", name});
  const auto directory = group_or_warning(words, ".");
  if (!directory) return ChainTurn::ends(0);
  constexpr gid_t kSame = static_cast<gid_t>(-1);
  for (const char* const file : {"", "/cgroup.procs", "/cgroup.subtree_control"}) {
    const std::string path = *directory + file;
    if (::chown(path.c_str(), (*account)->user, kSame) == -1) return words.fail(error_here("chown", path));
  }
  return ChainTurn::ends(0);
}

ChainTurn set_control_group_knob_turn(const ChainCall& call) {
  constexpr Option kOptions[] = {
      {0, "percent-of", "a value with % is such a part of the number in this file", true},
      {0, "infinity-is-max", "\"infinity\" is \"max\""},
      {0, "multiplier-suffixes", "K, M, G and T multiply by powers of 1024"},
      {0, "device-name-key", "the value begins with the name of a device"},
      {0, "nested-key", "the value is this key's", true}};
  ToolTurn words(call, kOptions, "KNOB VALUE");
  const std::string knob = words.take("knob name");
  const char* const value = words.take("value");
  words.take_no_more();
  if (words.ended()) return words.end();
  KnobRules rules;
  rules.infinity_is_max = words.has("infinity-is-max");
  rules.multiplies = words.has("multiplier-suffixes");
  rules.begins_with_device = words.has("device-name-key");
  rules.key = words.text("nested-key").value_or("");
  if (const char* const path = words.value("percent-of")) {
    const auto whole = read_knob_number(path);
    if (!whole) return words.fail(whole.error());
    rules.percent_of = *whole;
  }
  const auto text = knob_value(value, rules, device_number);
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
