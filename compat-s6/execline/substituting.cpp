// What replaces variables in the words after it. Source: interfaces/execline.md sections 6 to 8.

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/substitution.h"
#include "compat-s6/execline/value.h"

namespace kindred::execline {
namespace {

/// What a directive makes of the rest; or how it has failed.
struct Directive {
  std::vector<Variable> variables;
  std::optional<std::string> removes = std::nullopt;  ///< this variable of the environment
  std::optional<ChainTurn> failure = std::nullopt;

  static Directive failed(ChainTurn turn) { return {{}, std::nullopt, std::move(turn)}; }
};

/// What has no name is refused by whoever substitutes it.
const Variable kBadKey{"", {}};

bool take_value_option(char letter, const char* argument, ValueRules& rules) {
  switch (letter) {
    case 'N':
    case 'n':
      rules.chomps = letter == 'n';
      return true;
    case 'C':
    case 'c':
      rules.crunches = letter == 'C';
      return true;
    case 's':
      rules.splits = true;
      return true;
    case 'd':
      rules.delimiters = argument;
      return true;
    default:
      return false;
  }
}

Directive one_variable(const Call& call, const char* key, std::string_view value, const ValueRules& rules) {
  auto words = words_of(value, rules);
  if (!words) return Directive::failed(call.fatal(Error{EINVAL, "split the value of", key}));
  Directive directive;
  directive.variables.push_back({key, std::move(*words)});
  return directive;
}

Directive replaced(const Define& define, Call& call) {
  return one_variable(call, define.key, define.value, define.rules);
}

Directive replaced(const Importas& importas, Call& call) {
  const auto value = call.state().environment.value(importas.name);
  if (!value && importas.must_be_set)
    return Directive::failed(call.fatal(kExitUsage, {importas.name, " not set"}));
  Directive directive;
  if (value || importas.fallback != nullptr)
    directive = one_variable(call, importas.key, value ? *value : importas.fallback, importas.rules);
  else
    directive.variables.push_back({importas.key, {}});
  if (importas.removes) directive.removes = importas.name;
  return directive;
}

/// What glob(3) tells of a directory that it cannot read, and where it is to be told.
thread_local const Call* reading = nullptr;

int tell_unreadable(const char* path, int error) {
  reading->warn({"while globbing, error reading ", path, ": ", ::strerror(error)});
  return 0;
}

Directive replaced(const Elglob& elglob, Call& call) {
  glob_t found{};
  reading = &call;
  const int result = ::glob(elglob.pattern, elglob.flags, elglob.tells ? tell_unreadable : nullptr, &found);
  Directive directive;
  Variable variable{elglob.key, {}};
  if (result == 0) variable.words.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOSPACE || result == GLOB_ABORTED)
    return Directive::failed(
        call.fatal(Error{result == GLOB_NOSPACE ? ENOMEM : EIO, "glob", elglob.pattern}));
  if (elglob.joiner) {
    std::string all;
    for (const std::string& path : variable.words)
      all += elglob.joiner->empty() ? netstring(path) : path + (*elglob.joiner)[0];
    if (elglob.joins_between && !elglob.joiner->empty() && !all.empty()) all.pop_back();
    variable.words = {std::move(all)};
  }
  directive.variables.push_back(std::move(variable));
  return directive;
}

Directive replaced(const Elgetpositionals& positionals, Call& call) {
  const unsigned least = positionals.least;
  const PositionalWords positional = positional_words(call.state().environment);
  const auto name = call.state().environment.value("0");
  if (!positional.wrong.empty() || !name) return {{kBadKey}};
  const std::size_t count = positional.words.size();
  if (const unsigned strict = call.strictness(); strict > 0 && count < least) {
    const std::string text =
        "too few arguments: expected at least " + std::to_string(least) + " but got " + std::to_string(count);
    if (strict > 1) return Directive::failed(call.fatal(kExitUsage, {text}));
    call.warn({text});
  }
  if (least > kMostWords) return Directive::failed(call.too_long("the arguments"));
  Directive directive;
  directive.variables = {
      {"#", {std::to_string(count)}}, {"0", {std::string(*name)}}, {"@", positional.words}};
  for (std::size_t i = 0; i < std::max<std::size_t>(count, least); ++i)
    directive.variables.push_back({std::to_string(i + 1), {i < count ? positional.words[i] : ""}});
  return directive;
}

Directive replaced(const Multidefine& multidefine, Call& call) {
  const Block& keys = multidefine.keys;
  const auto words = words_of(multidefine.value, multidefine.rules);
  if (!words) return Directive::failed(call.fatal(Error{EINVAL, "split the value of", keys[0]}));
  Directive directive;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (*keys[i] == '\0') continue;
    Variable variable{keys[i], {}};
    if (i < words->size()) {
      const bool takes_rest = multidefine.last_takes_rest && i + 1 == keys.size();
      const auto begin = words->begin() + static_cast<std::ptrdiff_t>(i);
      variable.words.assign(begin, takes_rest ? words->end() : begin + 1);
    } else if (!multidefine.missing_is_nothing) {
      variable.words.emplace_back();
    }
    directive.variables.push_back(std::move(variable));
  }
  return directive;
}

ChainTurn replace(const Call& call, std::span<const Variable> variables, std::span<char* const> words) {
  if (words.empty()) return ChainTurn::ends(0);
  auto replaced =
      substitute(words, variables, kMostWords, [&](std::string word) { return call.keep(std::move(word)); });
  if (!replaced) return call.too_long(words[0]);
  return call.go_on(*replaced);
}

template <class Command>
ChainTurn by_itself(const Command& command, Call& call) {
  const Directive directive = replaced(command, call);
  if (directive.failure) return *directive.failure;
  if (!are_good_keys(directive.variables)) return call.fatal(kExitFatal, {"bad substitution key"});
  if (directive.removes) call.state().change({*directive.removes, std::nullopt});
  return replace(call, directive.variables, call.rest());
}

/// As one of several, at the front of `words`, which lose it.
template <class Command>
Directive among_others(const Call& call, std::span<char* const>& words) {
  const ChainCall inner = call.within(words);
  Call directive(inner, Command::kLetters, {});
  const auto command = Command::parse(directive);
  if (!command && directive.reason().empty())
    return Directive::failed(call.fatal(kExitUsage, {"syntax error at directive ", words[0]}));
  if (!command) return Directive::failed(directive.refused());
  directive.warn();
  Directive result = replaced(*command, directive);
  words = words.last(directive.rest().size());
  return result;
}

struct DirectiveReader {
  std::string_view name;
  Directive (*read)(const Call& call, std::span<char* const>& words);
};
constexpr DirectiveReader kDirectives[] = {
    {"define", among_others<Define>},           {"importas", among_others<Importas>},
    {"elglob", among_others<Elglob>},           {"elgetpositionals", among_others<Elgetpositionals>},
    {"multidefine", among_others<Multidefine>},
};

}  // namespace

std::optional<Define> Define::parse(Words& words) {
  Define define;
  while (const char letter = words.option())
    if (!take_value_option(letter, words.argument(), define.rules)) return words.misused();
  define.key = words.take();
  define.value = words.take();
  if (define.value == nullptr) return words.misused();
  return define;
}

std::optional<Importas> Importas::parse(Words& words) {
  Importas importas;
  bool same_name = false;
  while (const char letter = words.option()) switch (letter) {
      // Observed: with both, whatever their order, it must be set.
      case 'i':
        importas.must_be_set = true;
        break;
      case 'D':
        importas.fallback = words.argument();
        break;
      case 'u':
        importas.removes = true;
        break;
      case 'S':
        same_name = true;
        break;
      default:
        if (!take_value_option(letter, words.argument(), importas.rules)) return words.misused();
    }
  importas.key = words.take();
  importas.name = same_name ? importas.key : words.take();
  if (importas.name == nullptr) return words.misused();
  return importas;
}

std::optional<Elglob> Elglob::parse(Words& words) {
  Elglob elglob;
  elglob.flags = GLOB_NOSORT | GLOB_NOCHECK;
  while (const char letter = words.option()) switch (letter) {
      case 'v':
        elglob.tells = true;
        break;
      case 'w':
        elglob.flags |= GLOB_ERR;
        break;
      case 's':
        elglob.flags &= ~GLOB_NOSORT;
        break;
      case 'm':
        elglob.flags |= GLOB_MARK;
        break;
      case 'e':
        elglob.flags |= GLOB_NOESCAPE;
        break;
      case '0':
        elglob.flags &= ~GLOB_NOCHECK;
        break;
      case 'n':
        elglob.joins_between = true;
        break;
      case 'd':
        elglob.joiner = words.argument();
        break;
      default:
        return words.misused();
    }
  elglob.key = words.take();
  elglob.pattern = words.take();
  if (elglob.pattern == nullptr) return words.misused();
  return elglob;
}

std::optional<Elgetpositionals> Elgetpositionals::parse(Words& words) {
  Elgetpositionals positionals;
  while (const char letter = words.option()) {
    const auto value = letter == 'P' ? number(words.argument()) : std::nullopt;
    if (!value) return words.misused();
    positionals.least = *value;
  }
  return positionals;
}

std::optional<Multidefine> Multidefine::parse(Words& words) {
  Multidefine multidefine;
  multidefine.rules.splits = true;
  while (const char letter = words.option()) {
    if (letter == '0')
      multidefine.missing_is_nothing = true;
    else if (letter == 'r')
      multidefine.last_takes_rest = true;
    else if (letter == 's' || !take_value_option(letter, words.argument(), multidefine.rules))
      return words.misused();
  }
  multidefine.value = words.take();
  if (multidefine.value == nullptr || !words.has_rest()) return words.misused();
  auto keys = words.take_block();
  if (!keys) return std::nullopt;
  if (keys->empty()) return words.refuse({"empty block"});
  multidefine.keys = std::move(*keys);
  return multidefine;
}

std::optional<Multisubstitute> Multisubstitute::parse(Words& words) {
  if (!words.has_rest()) return words.misused();
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (!words.has_rest()) return words.misused();
  Multisubstitute multisubstitute;
  multisubstitute.directives = std::move(*block);
  return multisubstitute;
}

ChainTurn Define::act(Call& call) const { return by_itself(*this, call); }
ChainTurn Importas::act(Call& call) const { return by_itself(*this, call); }
ChainTurn Elglob::act(Call& call) const { return by_itself(*this, call); }
ChainTurn Elgetpositionals::act(Call& call) const { return by_itself(*this, call); }
ChainTurn Multidefine::act(Call& call) const { return by_itself(*this, call); }

ChainTurn Multisubstitute::act(Call& call) const {
  std::vector<Variable> variables;
  std::vector<std::string> removed;
  std::span<char* const> words(directives);
  while (!words.empty()) {
    const std::string_view name = words[0];
    const auto* const reader = std::ranges::find(kDirectives, name, &DirectiveReader::name);
    if (reader == std::end(kDirectives))
      return call.fatal(kExitUsage, {"syntax error: unrecognized directive ", name});
    Directive directive = reader->read(call, words);
    if (directive.failure) return *directive.failure;
    if (directive.removes) removed.push_back(*directive.removes);
    variables.insert(variables.end(), std::make_move_iterator(directive.variables.begin()),
                     std::make_move_iterator(directive.variables.end()));
    if (!are_good_keys(variables)) return call.fatal(kExitUsage, {"wrong key for directive ", name});
  }
  for (const std::string& name : removed) call.state().change({name, std::nullopt});
  return replace(call, variables, call.rest());
}

}  // namespace kindred::execline
