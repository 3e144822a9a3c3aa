// Tools of users and groups. Source: interfaces/nosh-system.md section 4.2.

#include <climits>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {
namespace {

constexpr Option kAccountOptions[] = {{'s', "supplementary", "all groups of which the account is a member"},
                                      {'g', "primary-group", "this group, not the account's own", true}};
constexpr long kMostId = UINT32_MAX - 1L;

/// What a variable says in numbers; complains where it does not.
gid_t number_of(ToolWords& words, const Environment& environment, const char* name) {
  const auto value = environment.value(name);
  if (!value) {
    words.complain({name, ": Missing environment variable."});
    return 0;
  }
  const auto number = parse_number(std::string(*value).c_str());
  if (!number || *number < 0 || *number > kMostId) {
    words.complain({*value, ": Not a number."});
    return 0;
  }
  return static_cast<gid_t>(*number);
}

/// Numbers with commas between, and perhaps one at the end.
std::vector<gid_t> list_of(ToolWords& words, std::string_view text) {
  std::vector<gid_t> list;
  while (!text.empty()) {
    const std::string item(text.substr(0, text.find(',')));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto number = parse_number(item.c_str());
    if (!number || *number < 0 || *number > kMostId) {
      words.complain({item, ": Not a number."});
      break;
    }
    list.push_back(static_cast<gid_t>(*number));
  }
  return list;
}

ChainRequest become_from_environment(int argc, char** argv, const Environment& environment, bool with_user) {
  ToolWords words(argc, argv, {}, "PROGRAM...");
  BecomeNumbers step;
  step.exact = true;
  if (with_user) step.user = number_of(words, environment, "UID");
  step.group = number_of(words, environment, "GID");
  if (const auto list = environment.value("GIDLIST"); list && !list->empty())
    step.groups = list_of(words, *list);
  return words.then(std::move(step));
}

constexpr Option kUserOptions[] = {
    {'e', "set-tools", "EDITOR, VISUAL, PAGER"},
    {'x', "set-xdg", "XDG_RUNTIME_DIR and its kin"},
    {'d', "set-dbus", "DBUS_SESSION_BUS_ADDRESS"},
    {'o', "set-other", "nothing: there is no login.conf"},
    {'p', "set-path", "PATH, and no MANPATH"},
    {0, "no-set-user", "not HOME, USER, LOGNAME"},
    {0, "no-set-shell", "not SHELL"},
    {'t', "set-term", "no TERM"},
    {'z', "set-timezone", "TZ"},
    {'l', "set-locale", "LANG, MM_CHARSET"},
};

TellUserEnvironment user_environment(const ToolWords& words) {
  TellUserEnvironment step;
  step.user = !words.has("no-set-user");
  step.shell = !words.has("no-set-shell");
  step.tools = words.has("set-tools");
  step.xdg = words.has("set-xdg");
  step.bus = words.has("set-dbus");
  step.path = words.has("set-path");
  step.terminal = words.has("set-term");
  step.time_zone = words.has("set-timezone");
  step.locale = words.has("set-locale");
  return step;
}

}  // namespace

ChainRequest parse_setuidgid(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, kAccountOptions, "ACCOUNT PROGRAM...");
  FindIdentity step;
  step.user = words.take("account name");
  step.group = words.text("primary-group");
  step.all_groups = words.has("supplementary");
  BecomeFound become{step.user};
  return words.then(std::move(step), std::move(become));
}

ChainRequest parse_envuidgid(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, kAccountOptions, "ACCOUNT PROGRAM...");
  TellAccount step;
  step.user = words.take("account name");
  step.group = words.text("primary-group");
  step.tells_list = step.list_has_group = words.has("supplementary");
  if (step.tells_list) return words.then(std::move(step));
  return words.then(std::move(step), SetVariable{{"GIDLIST", std::nullopt}});
}

ChainRequest parse_envgid(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "GROUP PROGRAM...");
  TellAccount step;
  step.group = words.take("group name");
  step.tells_user = step.tells_list = false;
  return words.then(std::move(step), SetVariable{{"GIDLIST", std::nullopt}});
}

ChainRequest parse_getuidgid(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "PROGRAM...");
  return words.then(TellOwnIdentity{});
}

ChainRequest parse_setgid_fromenv(int argc, char** argv, const Environment& environment) {
  return become_from_environment(argc, argv, environment, false);
}

ChainRequest parse_setuidgid_fromenv(int argc, char** argv, const Environment& environment) {
  return become_from_environment(argc, argv, environment, true);
}

ChainRequest parse_userenv(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, kUserOptions, "PROGRAM...");
  return words.then(TellOwnIdentity{}, user_environment(words));
}

ChainRequest parse_userenv_fromenv(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, kUserOptions, "PROGRAM...");
  return words.then(user_environment(words));
}

}  // namespace kindred::nosh
