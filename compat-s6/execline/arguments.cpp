// A script's own arguments, in its environment. Source: interfaces/execline.md section 14.

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/option_words.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/value.h"
#include "core/cli/output.h"

namespace kindred::execline {
namespace {

ChainTurn wrong_arguments(const Call& call, const PositionalWords& words) {
  return call.fatal(kExitUsage, {words.wrong});
}

/// Pointers to words that the interpreter keeps.
std::vector<char*> kept(const Call& call, std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(call.keep(std::move(word)));
  return pointers;
}

}  // namespace

std::optional<Dollarat> Dollarat::parse(Words& words) {
  Dollarat dollarat;
  while (const char letter = words.option()) switch (letter) {
      case 'n':
        dollarat.between = true;
        break;
      case '0':
        dollarat.separator = std::string(1, '\0');
        break;
      case 'd':
        dollarat.separator = std::string(words.argument()).substr(0, 1);
        break;
      default:
        return words.misused();
    }
  return dollarat;
}

ChainTurn Dollarat::act(Call& call) const {
  const PositionalWords positional = positional_words(call.state().environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  Output out;
  for (std::size_t i = 0; i < positional.words.size(); ++i) {
    out.add(separator.empty() ? netstring(positional.words[i]) : positional.words[i]);
    if (!between || i + 1 < positional.words.size()) out.add(separator);
  }
  if (const Status told = out.flush(); !told) return call.fatal(told.error());
  return ChainTurn::ends(0);
}

std::optional<Elgetopt> Elgetopt::parse(Words& words) {
  Elgetopt elgetopt;
  while (const char letter = words.option()) {
    if (letter != 'D') return words.misused();
    elgetopt.fallback = words.argument();
  }
  elgetopt.letters = words.take();
  if (elgetopt.letters == nullptr || !words.has_rest()) return words.misused();
  return elgetopt;
}

ChainTurn Elgetopt::act(Call& call) const {
  constexpr int kBadOption = 1;
  Environment& environment = call.state().environment;
  const PositionalWords positional = positional_words(environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  const auto name = environment.value("0");
  if (!name) return call.fatal(kExitUsage, {"0 not set"});
  const OptionWords options = read_options(positional.words, letters, fallback);
  if (options.unknown != 0 || options.without_argument != 0) {
    const char letter = options.unknown != 0 ? options.unknown : options.without_argument;
    print_error({*name,
                 options.unknown != 0 ? ": illegal option -- " : ": option requires an argument -- ",
                 {&letter, 1}});
    return ChainTurn::ends(kBadOption);
  }
  Entries entries = push(environment.entries(), is_option_variable);
  for (const auto& [letter, value] : options.values)
    entries.push_back(std::string("ELGETOPT_") + letter + "=" + value);
  const auto rest = std::span(positional.words).subspan(options.used);
  environment.set_entries(
      with_words(std::move(entries), {rest.begin(), rest.end()}, positional.words.size()));
  call.state().environment_changed = true;
  return call.go_on();
}

std::optional<Shift> Shift::parse(Words& words) {
  std::optional<unsigned> count, blocks;
  while (const char letter = words.option()) {
    const auto value = letter == Options::kBad ? std::nullopt : number(words.argument());
    if (!value) return words.misused();
    (letter == 'n' ? count : blocks) = value;
  }
  if (!words.has_rest()) return words.misused();
  Shift shift;
  shift.count = count.value_or(blocks ? 0 : 1);
  shift.blocks = blocks.value_or(0);
  return shift;
}

ChainTurn Shift::act(Call& call) const {
  Environment& environment = call.state().environment;
  const PositionalWords positional = positional_words(environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  std::vector<std::string> copies = positional.words;
  const std::vector<char*> all = kept(call, std::move(copies));
  std::span<char* const> words(all);
  if (words.size() < count) {
    const std::string text =
        "too few arguments: expected " + std::to_string(count) + " but got " + std::to_string(words.size());
    if (call.strictness() > 1) return call.fatal(kExitUsage, {text});
    if (call.strictness() > 0) call.warn({text});
  }
  words = words.subspan(std::min<std::size_t>(count, words.size()));
  for (unsigned i = 0; i < blocks; ++i)
    if (!call.take_block_of(words, "block")) return call.refused();
  call.warn();
  environment.set_entries(
      with_words(environment.entries(), {words.begin(), words.end()}, positional.words.size()));
  call.state().environment_changed = true;
  return call.go_on();
}

std::optional<Runblock> Runblock::parse(Words& words) {
  Runblock runblock;
  while (const char letter = words.option()) switch (letter) {
      case 'P':
        runblock.pops = false;
        break;
      case 'r':
        runblock.runs_rest = true;
        break;
      case 'n': {
        const auto value = number(words.argument());
        if (!value) return words.misused();
        runblock.skipped = *value;
        break;
      }
      default:
        return words.misused();
    }
  const char* const word = words.take();
  if (word == nullptr) return words.misused();
  const auto wanted = number(word);
  if (!wanted || (*wanted == 0 && !runblock.runs_rest)) return words.misused();
  runblock.wanted = *wanted;
  return runblock;
}

ChainTurn Runblock::act(Call& call) const {
  PositionalWords positional = positional_words(call.state().environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  const std::vector<char*> all = kept(call, std::move(positional.words));
  std::span<char* const> words(all);
  const auto too_few = [&] {
    call.warn();
    return call.fatal(kExitUsage, {"too few arguments"});
  };
  if (words.size() < skipped) return too_few();
  words = words.subspan(skipped);
  std::vector<char*> chosen(call.rest().begin(), call.rest().end());
  for (unsigned i = 1; i <= wanted; ++i) {
    if (words.empty()) return too_few();
    const auto block = call.take_block_of(words, "block");
    if (!block) return call.refused();
    if (i == wanted && !runs_rest) chosen.insert(chosen.end(), block->begin(), block->end());
  }
  call.warn();
  if (runs_rest) chosen.insert(chosen.end(), words.begin(), words.end());
  if (pops) {
    call.state().environment.set_entries(pop(call.state().environment.entries(), is_positional));
    call.state().environment_changed = true;
  }
  return call.go_on(chosen);
}

}  // namespace kindred::execline
