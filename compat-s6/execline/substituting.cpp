// What replaces variables in the words after it. Source: interfaces/execline.md sections 6 to 8.

#include <glob.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/substitution.h"
#include "compat-s6/execline/value.h"

namespace kindred::execline {
namespace {

/// What a directive, with its options and operands, makes of the rest; or how it has failed.
struct Directive {
  std::vector<Variable> variables;
  std::optional<std::string> removes = std::nullopt;  ///< this variable of the environment
  std::optional<ChainTurn> failure = std::nullopt;

  static Directive failed(ChainTurn turn) { return {{}, std::nullopt, std::move(turn)}; }
};

/// What has no name is refused by whoever substitutes it.
const Variable kBadKey{"", {}};

/// How the one that speaks names what is wrong with a directive's words.
using Misuse = ChainTurn (*)(const Call& call);

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

Directive one_variable(Call& call, const char* key, std::string_view value, const ValueRules& rules) {
  auto words = words_of(value, rules);
  if (!words) return Directive::failed(call.fatal(Error{EINVAL, "split the value of", key}));
  Directive directive;
  directive.variables.push_back({key, std::move(*words)});
  return directive;
}

Directive read_define(Call& call, Misuse misuse) {
  ValueRules rules;
  while (const char letter = call.option())
    if (!take_value_option(letter, call.argument(), rules)) return Directive::failed(misuse(call));
  const char* const key = call.take();
  const char* const value = call.take();
  if (value == nullptr) return Directive::failed(misuse(call));
  return one_variable(call, key, value, rules);
}

Directive read_importas(Call& call, Misuse misuse) {
  ValueRules rules;
  bool must_be_set = false, removes = false, same_name = false;
  const char* fallback = nullptr;
  while (const char letter = call.option()) switch (letter) {
      // Observed: with both, whatever their order, it must be set.
      case 'i':
        must_be_set = true;
        break;
      case 'D':
        fallback = call.argument();
        break;
      case 'u':
        removes = true;
        break;
      case 'S':
        same_name = true;
        break;
      default:
        if (!take_value_option(letter, call.argument(), rules)) return Directive::failed(misuse(call));
    }
  const char* const key = call.take();
  const char* const name = same_name ? key : call.take();
  if (name == nullptr) return Directive::failed(misuse(call));
  const auto value = call.state().environment.value(name);
  if (!value && must_be_set) return Directive::failed(call.fatal(kExitUsage, {name, " not set"}));
  Directive directive;
  if (value || fallback != nullptr)
    directive = one_variable(call, key, value ? *value : fallback, rules);
  else
    directive.variables.push_back({key, {}});
  if (removes) directive.removes = name;
  return directive;
}

/// What glob(3) tells of a directory that it cannot read, and where it is to be told.
thread_local const Call* reading = nullptr;

int tell_unreadable(const char* path, int error) {
  reading->warn({"while globbing, error reading ", path, ": ", ::strerror(error)});
  return 0;
}

Directive read_elglob(Call& call, Misuse misuse) {
  int flags = GLOB_NOSORT | GLOB_NOCHECK;
  bool tells = false;
  std::optional<std::string> joiner;
  bool joins_between = false;
  while (const char letter = call.option()) switch (letter) {
      case 'v':
        tells = true;
        break;
      case 'w':
        flags |= GLOB_ERR;
        break;
      case 's':
        flags &= ~GLOB_NOSORT;
        break;
      case 'm':
        flags |= GLOB_MARK;
        break;
      case 'e':
        flags |= GLOB_NOESCAPE;
        break;
      case '0':
        flags &= ~GLOB_NOCHECK;
        break;
      case 'n':
        joins_between = true;
        break;
      case 'd':
        joiner = call.argument();
        break;
      default:
        return Directive::failed(misuse(call));
    }
  const char* const key = call.take();
  const char* const pattern = call.take();
  if (pattern == nullptr) return Directive::failed(misuse(call));
  glob_t found{};
  reading = &call;
  const int result = ::glob(pattern, flags, tells ? tell_unreadable : nullptr, &found);
  Directive directive;
  Variable variable{key, {}};
  if (result == 0) variable.words.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOSPACE || result == GLOB_ABORTED)
    return Directive::failed(call.fatal(Error{result == GLOB_NOSPACE ? ENOMEM : EIO, "glob", pattern}));
  if (joiner) {
    std::string all;
    for (const std::string& path : variable.words)
      all += joiner->empty() ? netstring(path) : path + (*joiner)[0];
    if (joins_between && !joiner->empty() && !all.empty()) all.pop_back();
    variable.words = {std::move(all)};
  }
  directive.variables.push_back(std::move(variable));
  return directive;
}

Directive read_elgetpositionals(Call& call, Misuse misuse) {
  unsigned least = 0;
  while (const char letter = call.option()) {
    const auto value = letter == 'P' ? number(call.argument()) : std::nullopt;
    if (!value) return Directive::failed(misuse(call));
    least = *value;
  }
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

Directive read_multidefine(Call& call, Misuse misuse) {
  ValueRules rules;
  rules.splits = true;
  bool missing_is_nothing = false, last_takes_rest = false;
  while (const char letter = call.option()) {
    if (letter == '0')
      missing_is_nothing = true;
    else if (letter == 'r')
      last_takes_rest = true;
    else if (letter == 's' || !take_value_option(letter, call.argument(), rules))
      return Directive::failed(misuse(call));
  }
  const char* const value = call.take();
  if (value == nullptr || !call.has_rest()) return Directive::failed(misuse(call));
  const auto keys = call.take_block();
  if (!keys) return Directive::failed(Call::bad_block());
  if (keys->empty()) return Directive::failed(call.fatal(kExitUsage, {"empty block"}));
  const auto words = words_of(value, rules);
  if (!words) return Directive::failed(call.fatal(Error{EINVAL, "split the value of", (*keys)[0]}));
  Directive directive;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    if (*(*keys)[i] == '\0') continue;
    Variable variable{(*keys)[i], {}};
    if (i < words->size()) {
      const bool takes_rest = last_takes_rest && i + 1 == keys->size();
      const auto begin = words->begin() + static_cast<std::ptrdiff_t>(i);
      variable.words.assign(begin, takes_rest ? words->end() : begin + 1);
    } else if (!missing_is_nothing) {
      variable.words.emplace_back();
    }
    directive.variables.push_back(std::move(variable));
  }
  return directive;
}

struct DirectiveReader {
  std::string_view name;
  const char* letters;
  Directive (*read)(Call& call, Misuse misuse);
};
constexpr DirectiveReader kDirectives[] = {
    {"define", "NnsCcd:", read_define},
    {"importas", "iD:uSNnsCcd:", read_importas},
    {"elglob", "vwsme0nd:", read_elglob},
    {"elgetpositionals", "P:", read_elgetpositionals},
    {"multidefine", "0rNnCcd:", read_multidefine},
};

ChainTurn replace(const Call& call, std::span<const Variable> variables, std::span<char* const> words) {
  if (words.empty()) return ChainTurn::ends(0);
  auto replaced =
      substitute(words, variables, kMostWords, [&](std::string word) { return call.keep(std::move(word)); });
  if (!replaced) return call.too_long(words[0]);
  return call.go_on(*replaced);
}

ChainTurn by_itself(const ChainCall& chain_call, const DirectiveReader& reader) {
  Call call(chain_call, reader.letters);
  const Directive directive = reader.read(call, [](const Call& misused) { return misused.usage(); });
  if (directive.failure) return *directive.failure;
  if (!are_good_keys(directive.variables)) return call.fatal(kExitFatal, {"bad substitution key"});
  if (directive.removes) call.state().change({*directive.removes, std::nullopt});
  return replace(call, directive.variables, call.rest());
}

const DirectiveReader* find_directive(std::string_view name) {
  for (const DirectiveReader& reader : kDirectives)
    if (reader.name == name) return &reader;
  return nullptr;
}

}  // namespace

ChainTurn define(const ChainCall& call) { return by_itself(call, *find_directive("define")); }
ChainTurn importas(const ChainCall& call) { return by_itself(call, *find_directive("importas")); }
ChainTurn elglob(const ChainCall& call) { return by_itself(call, *find_directive("elglob")); }
ChainTurn elgetpositionals(const ChainCall& call) {
  return by_itself(call, *find_directive("elgetpositionals"));
}
ChainTurn multidefine(const ChainCall& call) { return by_itself(call, *find_directive("multidefine")); }

ChainTurn multisubstitute(const ChainCall& chain_call) {
  Call call(chain_call);
  if (!call.has_rest()) return call.usage();
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (!call.has_rest()) return call.usage();
  std::vector<Variable> variables;
  std::vector<std::string> removed;
  std::span<char* const> words(*block);
  while (!words.empty()) {
    const std::string_view name = words[0];
    const DirectiveReader* const reader = find_directive(name);
    if (reader == nullptr) return call.fatal(kExitUsage, {"syntax error: unrecognized directive ", name});
    const ChainCall inner{chain_call.interpreter, chain_call.tool, words};
    Call directive_call(inner, reader->letters);
    Directive directive = reader->read(directive_call, [](const Call& misused) {
      return misused.fatal(kExitUsage, {"syntax error at directive ", misused.argv0()});
    });
    if (directive.failure) return *directive.failure;
    if (directive.removes) removed.push_back(*directive.removes);
    variables.insert(variables.end(), std::make_move_iterator(directive.variables.begin()),
                     std::make_move_iterator(directive.variables.end()));
    if (!are_good_keys(variables)) return call.fatal(kExitUsage, {"wrong key for directive ", name});
    words = words.last(directive_call.rest().size());
  }
  for (const std::string& name : removed) call.state().change({name, std::nullopt});
  return replace(call, variables, call.rest());
}

}  // namespace kindred::execline
