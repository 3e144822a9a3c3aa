#include "core/definition/chain.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "core/base/number.h"
#include "core/chain/environment.h"
#include "core/definition/shell_script.h"

namespace kindred {
namespace {

using namespace definition;
using definition::Account;

// --- what the tools' parsers have said, in the definition's words ---

Account account_of(const IdentityName& name) {
  Account account;
  account.user = name.user;
  account.numeric = name.numeric;
  for (const std::string& group : name.groups)
    if (!account.group)
      account.group = group;
    else
      account.more_groups.push_back(group);
  return account;
}

std::optional<char> letter_of(int resource) {
  switch (resource) {
    case RLIMIT_AS:
      return 'a';
    case RLIMIT_CORE:
      return 'c';
    case RLIMIT_DATA:
      return 'd';
    case RLIMIT_FSIZE:
      return 'f';
    case RLIMIT_MEMLOCK:
      return 'l';
    case RLIMIT_NOFILE:
      return 'o';
    case RLIMIT_NPROC:
      return 'p';
    case RLIMIT_RSS:
      return 'r';
    case RLIMIT_STACK:
      return 's';
    case RLIMIT_CPU:
      return 't';
    default:
      return std::nullopt;
  }
}

/// One change of process state becomes steps. False: there is no such step.
class Translation {
 public:
  explicit Translation(std::vector<Step>& steps) : steps_(steps) {}

  bool operator()(const kindred::SetVariable& step) {
    return add(definition::SetVariable{step.change.name, step.change.value});
  }
  bool operator()(const kindred::ReadEnvDirectory& step) {
    return step.rules.prefix.empty() && !step.rules.missing_is_empty && !step.rules.value.whole_file &&
           add(definition::ReadEnvDirectory{step.path});
  }
  bool operator()(const kindred::ReadVariables& step) {
    // What this names may be a file as well; only a directory's name says what it is.
    return step.path && step.path->ends_with("/") &&
           add(definition::ReadEnvDirectory{step.path->substr(0, step.path->size() - 1)});
  }
  bool operator()(const SetEnvironment& step) { return step.entries.empty() && add(ClearEnvironment{}); }
  bool operator()(const kindred::Become& step) {
    if (step.enters_home || step.tells_account) return false;
    definition::Become become{account_of(step.name)};
    become.account.all_groups = step.all_groups;
    return add(become);
  }
  bool operator()(const BecomeNamedAccount& step) {
    return add(definition::Become{{.user = step.name, .all_groups = true}});
  }
  bool operator()(const BecomeNumbers& step) {
    if (!step.user || !step.group || !step.groups || !step.groups->empty() || step.exact) return false;
    return add(definition::Become{
        {.user = std::to_string(*step.user), .group = std::to_string(*step.group), .numeric = true}});
  }
  bool operator()(const FindIdentity& step) {
    found_ = {.user = step.user,
              .group = step.group,
              .more_groups = step.more_groups,
              .all_groups = step.all_groups};
    return true;
  }
  bool operator()(const BecomeFound& step) {
    return step.user == found_.user && add(definition::Become{found_});
  }
  bool operator()(const RequireRoot&) { return true; }
  bool operator()(const TellIdentity& step) { return add(definition::TellAccount{account_of(step.name)}); }
  bool operator()(const kindred::TellAccount& step) {
    if (!step.tells_user || !step.tells_group || step.numbers || step.fallback || step.list_has_group)
      return false;
    return add(definition::TellAccount{{.user = step.user, .group = step.group}, step.tells_list});
  }
  bool operator()(const kindred::SetLimit& step) { return limit(step.limit); }
  bool operator()(const SetLimits& step) {
    if (step.file) return false;
    for (const auto* const list : {&step.first, &step.last})
      for (const SoftLimit& each : *list)
        if (!limit(each)) return false;
    return true;
  }
  bool operator()(const ChangeLimit& step) {
    const auto letter = letter_of(step.resource);
    if (!letter || step.value == ChangeLimit::Value::SoftLimit) return false;
    SetLimit::Which which = SetLimit::Which::Soft;
    if (step.which == ChangeLimit::Which::Hard) which = SetLimit::Which::Hard;
    if (step.which == ChangeLimit::Which::Both) which = SetLimit::Which::Both;
    std::optional<std::uint64_t> value;
    if (step.value == ChangeLimit::Value::Number && step.number != RLIM_INFINITY) value = step.number;
    return add(definition::SetLimit{*letter, which, value});
  }
  bool operator()(const kindred::EnterDirectory& step) { return add(definition::EnterDirectory{step.path}); }
  bool operator()(const kindred::ChangeRoot& step) {
    return add(definition::ChangeRoot{step.path, step.enters});
  }
  bool operator()(const kindred::AddNiceness& step) { return add(definition::AddNiceness{step.increment}); }
  bool operator()(const kindred::SetFileMask& step) { return add(definition::SetFileMask{step.mask}); }
  bool operator()(const kindred::HoldLock& step) {
    return !step.quiet_program &&
           add(definition::HoldLock{step.path, step.waits, HoldLock::Kind::Flock, step.quiet});
  }
  bool operator()(const HoldRecordLock& step) {
    if (step.shared || step.tells_pid || step.descriptor || step.milliseconds.value_or(0) != 0) return false;
    return add(
        definition::HoldLock{step.path, !step.milliseconds.has_value(), HoldLock::Kind::Record, step.quiet});
  }
  bool operator()(const OpenDescriptor& step) {
    if (!step.descriptor || step.changes_blocking || !step.variable.empty()) return false;
    switch (step.flags & ~(O_CLOEXEC | O_NOCTTY)) {
      case O_RDONLY:
        return add(OpenFile{*step.descriptor, step.path, OpenFile::For::Reading});
      case O_WRONLY | O_CREAT | O_TRUNC:
        return add(OpenFile{*step.descriptor, step.path, OpenFile::For::Writing});
      case O_WRONLY | O_CREAT | O_APPEND:
        return add(OpenFile{*step.descriptor, step.path, OpenFile::For::Appending});
      default:
        return false;
    }
  }
  bool operator()(const MoveDescriptor& step) {
    add(CopyDescriptor{step.to, step.from});
    return step.keeps_from || add(definition::CloseDescriptor{step.from});
  }
  bool operator()(const kindred::CloseDescriptor& step) {
    return add(definition::CloseDescriptor{step.descriptor});
  }
  bool operator()(const kindred::NewSession&) { return add(definition::NewSession{}); }
  bool operator()(const LeadGroup& step) { return step.session && add(definition::NewSession{}); }
  bool operator()(const kindred::NameProgram& step) { return add(definition::NameProgram{step.name}); }
  template <class Other>
  bool operator()(const Other&) {
    return false;
  }

 private:
  using HoldLock = definition::HoldLock;
  using SetLimit = definition::SetLimit;

  bool add(Step step) {
    steps_.push_back(std::move(step));
    return true;
  }
  bool limit(const SoftLimit& each) {
    SetLimit::Which which = SetLimit::Which::Soft;
    if (each.which == SoftLimit::Which::Hard) which = SetLimit::Which::Hard;
    if (each.which == SoftLimit::Which::Both) which = SetLimit::Which::Both;
    std::optional<std::uint64_t> value;
    if (each.value != RLIM_INFINITY) value = each.value;
    if (each.letter == 'm') {
      for (const char letter : {'a', 'd', 'l', 's'}) add(SetLimit{letter, which, value});
      return true;
    }
    return soft_limit_letters().find(each.letter) != std::string::npos &&
           add(SetLimit{each.letter, which, value});
  }

  std::vector<Step>& steps_;
  Account found_;
};

/// The tool's own parser, on words of ours. Returns how many are the tool's; 0: it is none, or not plain.
std::size_t read_tool(std::span<const std::string> words, std::span<const ChainTool> tools,
                      std::vector<Step>& steps) {
  const std::string_view name = std::string_view(words[0]).substr(words[0].rfind('/') + 1);
  const auto tool =
      std::find_if(tools.begin(), tools.end(), [&](const ChainTool& each) { return name == each.name; });
  if (tool == tools.end() || tool->parse == nullptr) return 0;
  std::vector<std::string> kept(words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : kept) argv.push_back(word.data());
  argv.push_back(nullptr);
  static constexpr const char* kNothing[] = {nullptr};
  const ChainRequest request =
      tool->parse(static_cast<int>(words.size()), argv.data(), Environment(kNothing));
  if (request.misused || request.program.empty() || request.needs_no_program) return 0;
  std::vector<Step> found;
  Translation translation(found);
  for (const ChainStep& step : request.steps)
    if (!std::visit(translation, step)) return 0;
  std::size_t taken = words.size() - request.program.size();
  if (request.program_name_follows) return 0;
  steps.insert(steps.end(), found.begin(), found.end());
  return taken;
}

// --- tools that every system has ---

constexpr std::pair<char, std::string_view> kLimitNames[] = {
    {'a', "as"},     {'c', "core"},  {'d', "data"}, {'f', "fsize"}, {'l', "memlock"},
    {'o', "nofile"}, {'p', "nproc"}, {'r', "rss"},  {'s', "stack"}, {'t', "cpu"},
};

std::size_t read_env(std::span<const std::string> words, std::vector<Step>& steps) {
  std::size_t at = 1;
  std::vector<Step> found;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "-i" && found.empty()) {
      found.emplace_back(ClearEnvironment{});
    } else if (word == "-u" && at + 1 < words.size()) {
      found.emplace_back(definition::SetVariable{words[++at], std::nullopt});
    } else if (!word.starts_with('-') && word.find('=') != std::string::npos && word.find('=') != 0) {
      found.emplace_back(
          definition::SetVariable{word.substr(0, word.find('=')), word.substr(word.find('=') + 1)});
    } else {
      break;
    }
  }
  if (found.empty() || at >= words.size() || words[at].starts_with('-')) return 0;
  steps.insert(steps.end(), found.begin(), found.end());
  return at;
}

std::size_t read_nice(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 4 || words[1] != "-n") return 0;
  int increment = 0;
  const std::string& text = words[2];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), increment);
  if (error != std::errc() || end != text.data() + text.size()) return 0;
  steps.emplace_back(definition::AddNiceness{increment});
  return 3;
}

std::size_t read_setsid(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 2 || words[1].starts_with('-')) return 0;
  steps.emplace_back(definition::NewSession{});
  return 1;
}

std::size_t read_flock(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 4 || words[1] != "--no-fork") return 0;
  std::size_t at = 2;
  const bool waits = words[at] != "-n";
  if (!waits) ++at;
  if (at + 1 >= words.size() || words[at].starts_with('-')) return 0;
  steps.emplace_back(definition::HoldLock{words[at], waits});
  return at + 1;
}

/// --NAME=SOFT:HARD, of which one may be missing, or --NAME=BOTH.
std::size_t read_prlimit(std::span<const std::string> words, std::vector<Step>& steps) {
  std::size_t at = 1;
  std::vector<Step> found;
  for (; at < words.size() && words[at].starts_with("--"); ++at) {
    const std::string_view text = std::string_view(words[at]).substr(2);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return 0;
    const auto* const row =
        std::find_if(std::begin(kLimitNames), std::end(kLimitNames),
                     [&](const auto& each) { return each.second == text.substr(0, equals); });
    if (row == std::end(kLimitNames)) return 0;
    std::string_view value = text.substr(equals + 1);
    using Which = definition::SetLimit::Which;
    Which which = Which::Both;
    if (value.ends_with(':')) {
      which = Which::Soft;
      value.remove_suffix(1);
    } else if (value.starts_with(':')) {
      which = Which::Hard;
      value.remove_prefix(1);
    }
    std::optional<std::uint64_t> number;
    if (value != "unlimited") {
      number = parse_unsigned<std::uint64_t>(value);
      if (!number) return 0;
    }
    found.emplace_back(definition::SetLimit{row->first, which, number});
  }
  if (found.empty() || at >= words.size()) return 0;
  steps.insert(steps.end(), found.begin(), found.end());
  return at;
}

/// Only the two forms that write_common() has.
std::size_t read_chroot(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 3) return 0;
  if (!words[1].starts_with("--")) {
    steps.emplace_back(definition::ChangeRoot{words[1], true});
    return 2;
  }
  constexpr std::string_view kUser = "--userspec=", kGroups = "--groups=";
  if (!words[1].starts_with(kUser)) return 0;
  Account account;
  std::string_view user = std::string_view(words[1]).substr(kUser.size());
  const std::size_t colon = user.find(':');
  account.user = user.substr(0, colon);
  if (colon != std::string_view::npos) account.group = user.substr(colon + 1);
  std::size_t at = 2;
  if (words[at].starts_with(kGroups)) {
    std::string_view list = std::string_view(words[at++]).substr(kGroups.size());
    while (!list.empty()) {
      const std::string_view group = list.substr(0, list.find(','));
      if (group != account.group) account.more_groups.emplace_back(group);
      list.remove_prefix(std::min(list.size(), group.size() + 1));
    }
  } else {
    account.all_groups = true;
  }
  if (at + 2 >= words.size() || words[at] != "--skip-chdir" || words[at + 1] != "/") return 0;
  account.numeric = account.user.find_first_not_of("+0123456789") == std::string::npos;
  if (account.numeric) {
    // A plus says that it is a number.
    const auto digits = [](std::string& text) {
      if (text.starts_with('+')) text.erase(0, 1);
    };
    digits(account.user);
    if (account.group) digits(*account.group);
    for (std::string& group : account.more_groups) digits(group);
  }
  steps.emplace_back(definition::Become{std::move(account)});
  return at + 2;
}

constexpr std::string_view kGoOn = " && exec \"$@\"";

/// sh -c 'STATEMENT && exec "$@"' sh PROGRAM…
std::size_t read_shell(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 5 || words[1] != "-c" || words[3] != "sh" || !words[2].ends_with(kGoOn)) return 0;
  const std::string_view text = std::string_view(words[2]).substr(0, words[2].size() - kGoOn.size());
  const auto found = read_shell_statement(text);
  if (!found || found->empty()) return 0;
  steps.insert(steps.end(), found->begin(), found->end());
  return 4;
}

/// bash -c 'exec -a "$0" "$@"' NAME PROGRAM…
constexpr std::string_view kNamed = "exec -a \"$0\" \"$@\"";
std::size_t read_bash(std::span<const std::string> words, std::vector<Step>& steps) {
  if (words.size() < 5 || words[1] != "-c" || words[2] != kNamed) return 0;
  steps.emplace_back(definition::NameProgram{words[3]});
  return 4;
}

constexpr std::pair<std::string_view, std::size_t (*)(std::span<const std::string>, std::vector<Step>&)>
    kCommon[] = {
        {"env", read_env},         {"nice", read_nice},     {"setsid", read_setsid}, {"flock", read_flock},
        {"prlimit", read_prlimit}, {"chroot", read_chroot}, {"sh", read_shell},      {"bash", read_bash},
};

std::size_t read_common(std::span<const std::string> words, std::vector<Step>& steps) {
  const std::string_view name = std::string_view(words[0]).substr(words[0].rfind('/') + 1);
  for (const auto& [each, read] : kCommon)
    if (each == name) return read(words, steps);
  return 0;
}

/// One step in the words of those tools; false: they have none for it.
struct CommonWriter {
  std::vector<std::string>& words;

  bool operator()(const definition::Become& step) const {
    const Account& account = step.account;
    const std::string sign = account.numeric ? "+" : "";
    if (account.user.find(':') != std::string::npos ||
        (account.all_groups && (account.group || account.numeric)))
      return false;
    // By its path: it is seldom on a service's PATH, and a tool of another kind may have its name there.
    words.emplace_back("/usr/sbin/chroot");
    words.push_back("--userspec=" + sign + account.user + (account.group ? ":" + sign + *account.group : ""));
    if (!account.all_groups) {
      std::string groups;
      if (account.group) groups = sign + *account.group;
      for (const std::string& group : account.more_groups)
        groups += (groups.empty() ? "" : ",") + sign + group;
      words.push_back("--groups=" + groups);
    }
    words.insert(words.end(), {"--skip-chdir", "/"});
    return true;
  }
  bool operator()(const definition::SetVariable& step) const {
    if (step.name.empty() || step.name.starts_with('-')) return false;
    if (step.value)
      words.insert(words.end(), {"env", step.name + "=" + *step.value});
    else
      words.insert(words.end(), {"env", "-u", step.name});
    return true;
  }
  bool operator()(const ClearEnvironment&) const {
    words.insert(words.end(), {"env", "-i"});
    return true;
  }
  bool operator()(const definition::ChangeRoot& step) const {
    if (!step.enters || step.path.starts_with('-')) return false;
    words.insert(words.end(), {"chroot", step.path});
    return true;
  }
  bool operator()(const definition::SetLimit& step) const {
    using Which = definition::SetLimit::Which;
    const auto* const row = std::find_if(std::begin(kLimitNames), std::end(kLimitNames),
                                         [&](const auto& each) { return each.first == step.letter; });
    // No tool of these says "all that the hard limit allows".
    if (row == std::end(kLimitNames) || (!step.value && step.which == Which::Soft)) return false;
    const std::string value = step.value ? std::to_string(*step.value) : "unlimited";
    words.emplace_back("prlimit");
    words.push_back("--" + std::string(row->second) + "=" + (step.which == Which::Hard ? ":" : "") + value +
                    (step.which == Which::Soft ? ":" : ""));
    return true;
  }
  bool operator()(const definition::AddNiceness& step) const {
    words.insert(words.end(), {"nice", "-n", std::to_string(step.increment)});
    return true;
  }
  bool operator()(const definition::HoldLock& step) const {
    if (step.kind != HoldLock::Kind::Flock || step.quiet || step.path.starts_with('-')) return false;
    words.insert(words.end(), {"flock", "--no-fork"});
    if (!step.waits) words.emplace_back("-n");
    words.push_back(step.path);
    return true;
  }
  bool operator()(const definition::NewSession&) const {
    words.emplace_back("setsid");
    return true;
  }
  bool operator()(const definition::NameProgram& step) const {
    words.insert(words.end(), {"bash", "-c", std::string(kNamed), step.name});
    return true;
  }
  bool operator()(const RunThrough& step) const {
    words.insert(words.end(), step.words.begin(), step.words.end());
    return true;
  }
  template <class Other>
  bool operator()(const Other& step) const {
    const auto statement = shell_statement(Step(step));
    if (!statement) return false;
    // A way out of its own would hide the alternative.
    std::string text = *statement;
    if (const std::size_t otherwise = text.find(" || exit 111"); otherwise != std::string::npos)
      text.resize(otherwise);
    words.insert(words.end(), {"sh", "-c", text + std::string(kGoOn), "sh"});
    return true;
  }
  using HoldLock = definition::HoldLock;
};

struct Describe {
  std::string operator()(const definition::Become& step) const {
    return "become " + account_text(step.account);
  }
  std::string operator()(const definition::TellAccount& step) const {
    return "tell UID and GID" + std::string(step.tells_list ? " and GIDLIST" : "") + " of " +
           account_text(step.account);
  }
  std::string operator()(const definition::SetVariable& step) const {
    return step.value ? "set " + step.name + "=" + *step.value : "unset " + step.name;
  }
  std::string operator()(const ClearEnvironment&) const { return "clear the environment"; }
  std::string operator()(const definition::ReadEnvDirectory& step) const {
    return "environment directory " + step.path;
  }
  std::string operator()(const definition::EnterDirectory& step) const {
    return "change directory to " + step.path;
  }
  std::string operator()(const definition::ChangeRoot& step) const {
    return "change root to " + step.path + (step.enters ? "" : " without entering it");
  }
  std::string operator()(const definition::SetLimit& step) const {
    using Which = definition::SetLimit::Which;
    return std::string(step.which == Which::Soft   ? "soft"
                       : step.which == Which::Hard ? "hard"
                                                   : "soft and hard") +
           " limit " + step.letter + " " + (step.value ? std::to_string(*step.value) : "at most");
  }
  std::string operator()(const definition::AddNiceness& step) const {
    return "nice " + std::to_string(step.increment);
  }
  std::string operator()(const definition::SetFileMask& step) const { return *shell_statement(step); }
  std::string operator()(const definition::HoldLock& step) const {
    return std::string(step.quiet ? "quiet " : "") +
           (step.kind == definition::HoldLock::Kind::Record ? "record lock " : "lock ") + step.path +
           (step.waits ? "" : " without waiting");
  }
  std::string operator()(const OpenFile& step) const {
    return shell_statement(step).value_or("open " + step.path);
  }
  std::string operator()(const CopyDescriptor& step) const { return *shell_statement(step); }
  std::string operator()(const definition::CloseDescriptor& step) const { return *shell_statement(step); }
  std::string operator()(const definition::NewSession&) const { return "a session of its own"; }
  std::string operator()(const definition::NameProgram& step) const { return "argv[0] " + step.name; }
  std::string operator()(const RunThrough& step) const { return shell_words(step.words); }
};

}  // namespace

Chain read_chain(std::vector<std::string> words, std::span<const ChainTool> tools, ChainIdiom idiom) {
  Chain chain;
  std::span<const std::string> rest(words);
  while (!rest.empty()) {
    std::size_t taken = idiom != nullptr ? idiom(rest, chain.steps) : 0;
    if (taken == 0) taken = read_tool(rest, tools, chain.steps);
    if (taken == 0) taken = read_common(rest, chain.steps);
    if (taken == 0) break;
    rest = rest.subspan(taken);
  }
  chain.program.assign(rest.begin(), rest.end());
  put_limits_in_order(chain.steps);
  return chain;
}

std::vector<std::string> write_chain(std::span<const Step> steps, const std::vector<std::string>& program,
                                     ChainWriter writer, const std::function<void(const Step&)>& lost) {
  std::vector<std::string> words;
  while (!steps.empty()) {
    std::size_t taken = writer(steps, words);
    if (taken == 0) {
      if (!std::visit(CommonWriter{words}, steps.front())) lost(steps.front());
      taken = 1;
    }
    steps = steps.subspan(taken);
  }
  words.insert(words.end(), program.begin(), program.end());
  return words;
}

void put_limits_in_order(std::vector<Step>& steps) {
  const auto is_limit = [](const Step& step) { return std::holds_alternative<definition::SetLimit>(step); };
  for (auto at = steps.begin(); at != steps.end();) {
    at = std::find_if(at, steps.end(), is_limit);
    auto end = std::find_if_not(at, steps.end(), is_limit);
    const auto key = [](const Step& step) {
      const auto& limit = std::get<definition::SetLimit>(step);
      return std::pair(limit.letter, limit.which);
    };
    std::stable_sort(at, end, [&](const Step& a, const Step& b) { return key(a) < key(b); });
    for (auto each = at; each != end && each + 1 != end;)
      if (key(*each) == key(*(each + 1))) {
        each = steps.erase(each);
        --end;
      } else {
        ++each;
      }
    at = end;
  }
}

std::string describe(const Step& step) { return std::visit(Describe{}, step); }

std::string account_text(const definition::Account& account) {
  std::string text = (account.numeric ? ":" : "") + account.user;
  if (account.group) text += ":" + *account.group;
  for (const std::string& group : account.more_groups) text += ":" + group;
  return text + (account.all_groups ? " with all groups" : "");
}

}  // namespace kindred
