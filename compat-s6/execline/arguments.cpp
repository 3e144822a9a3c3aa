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

ChainTurn dollarat(const ChainCall& chain_call) {
  Call call(chain_call, "n0d:");
  std::string separator = "\n";
  bool between = false, netstrings = false;
  while (const char letter = call.option()) switch (letter) {
      case 'n':
        between = true;
        break;
      case '0':
        separator = std::string(1, '\0');
        netstrings = false;
        break;
      case 'd':
        separator = std::string(call.argument()).substr(0, 1);
        netstrings = separator.empty();
        break;
      default:
        return call.usage();
    }
  const PositionalWords positional = positional_words(call.state().environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  Output out;
  for (std::size_t i = 0; i < positional.words.size(); ++i) {
    out.add(netstrings ? netstring(positional.words[i]) : positional.words[i]);
    if (!between || i + 1 < positional.words.size()) out.add(separator);
  }
  if (const Status told = out.flush(); !told) return call.fatal(told.error());
  return ChainTurn::ends(0);
}

ChainTurn elgetopt(const ChainCall& chain_call) {
  constexpr int kBadOption = 1;
  Call call(chain_call, "D:");
  const char* fallback = "1";
  while (const char letter = call.option()) {
    if (letter != 'D') return call.usage();
    fallback = call.argument();
  }
  const char* const letters = call.take();
  if (letters == nullptr || !call.has_rest()) return call.usage();
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

ChainTurn shift(const ChainCall& chain_call) {
  Call call(chain_call, "n:b:");
  std::optional<unsigned> count, blocks;
  while (const char letter = call.option()) {
    const auto value = letter == Options::kBad ? std::nullopt : number(call.argument());
    if (!value) return call.usage();
    (letter == 'n' ? count : blocks) = value;
  }
  if (!call.has_rest()) return call.usage();
  if (!count && !blocks) count = 1;
  Environment& environment = call.state().environment;
  const PositionalWords positional = positional_words(environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  std::vector<std::string> copies = positional.words;
  const std::vector<char*> all = kept(call, std::move(copies));
  std::span<char* const> words(all);
  const std::size_t wanted = count.value_or(0);
  if (words.size() < wanted) {
    const std::string text =
        "too few arguments: expected " + std::to_string(wanted) + " but got " + std::to_string(words.size());
    if (call.strictness() > 1) return call.fatal(kExitUsage, {text});
    if (call.strictness() > 0) call.warn({text});
  }
  words = words.subspan(std::min(wanted, words.size()));
  for (unsigned i = 0; i < blocks.value_or(0); ++i)
    if (!call.take_block_of(words, "block")) return Call::bad_block();
  environment.set_entries(
      with_words(environment.entries(), {words.begin(), words.end()}, positional.words.size()));
  call.state().environment_changed = true;
  return call.go_on();
}

ChainTurn runblock(const ChainCall& chain_call) {
  Call call(chain_call, "Pn:r");
  bool pops = true, runs_rest = false;
  unsigned skipped = 0;
  while (const char letter = call.option()) switch (letter) {
      case 'P':
        pops = false;
        break;
      case 'r':
        runs_rest = true;
        break;
      case 'n': {
        const auto value = number(call.argument());
        if (!value) return call.usage();
        skipped = *value;
        break;
      }
      default:
        return call.usage();
    }
  const char* const word = call.take();
  if (word == nullptr) return call.usage();
  const auto wanted = number(word);
  if (!wanted || (*wanted == 0 && !runs_rest)) return call.usage();
  PositionalWords positional = positional_words(call.state().environment);
  if (!positional.wrong.empty()) return wrong_arguments(call, positional);
  const std::vector<char*> all = kept(call, std::move(positional.words));
  std::span<char* const> words(all);
  const auto too_few = [&] { return call.fatal(kExitUsage, {"too few arguments"}); };
  if (words.size() < skipped) return too_few();
  words = words.subspan(skipped);
  std::vector<char*> chosen(call.rest().begin(), call.rest().end());
  for (unsigned i = 1; i <= *wanted; ++i) {
    if (words.empty()) return too_few();
    const auto block = call.take_block_of(words, "block");
    if (!block) return Call::bad_block();
    if (i == *wanted && !runs_rest) chosen.insert(chosen.end(), block->begin(), block->end());
  }
  if (runs_rest) chosen.insert(chosen.end(), words.begin(), words.end());
  if (pops) {
    call.state().environment.set_entries(pop(call.state().environment.entries(), is_positional));
    call.state().environment_changed = true;
  }
  return call.go_on(chosen);
}

}  // namespace kindred::execline
