// Any bytes as what execline's commands read: scripts, values, references, files of variables, expressions, options,
// modes and the words of every command. The first byte says which.

#include <algorithm>
#include <deque>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat-s6/execline/expression.h"
#include "compat-s6/execline/lexer.h"
#include "compat-s6/execline/mode_text.h"
#include "compat-s6/execline/option_words.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/substitution.h"
#include "compat-s6/execline/tools.h"
#include "compat-s6/execline/value.h"
#include "compat-s6/execline/variable_file.h"
#include "core/base/nul_words.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/parsed_tools.h"

namespace kindred::execline {
namespace {

constexpr std::size_t kMost = 1 << 16;

using test::expect;

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return pointers;
}

std::size_t size_of(const auto& words) {
  std::size_t size = 0;
  for (const std::string_view word : words) size += word.size() + 1 + sizeof(char*);
  return size;
}

void lex(std::string_view script) {
  Lexer whole(kMost), parts(kMost);
  whole.feed(script);
  for (const char byte : script)
    if (!parts.feed({&byte, 1})) break;
  expect(whole.finish() == parts.finish(), "a script that comes in parts is another one");
  expect(whole.words() == parts.words(), "words of a script that comes in parts are others");
  expect(size_of(whole.words()) <= kMost, "more words than there may be");
}

void replace(std::string_view input) {
  auto all = split_words(input);
  if (all.size() < 2) return;
  const std::string name = all[0], value = all[1];
  std::vector<std::string> words(all.begin() + 2, all.end());
  const auto pointers = pointers_to(words);
  for (int bits = 0; bits < 16; ++bits) {
    const ValueRules rules{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0 ? "" : " :"};
    const auto split = words_of(value, rules);
    if (!split) continue;
    expect(rules.splits || split->size() == 1, "what is not split is several words");
    const std::vector<Variable> variables{{name, *split}};
    if (!are_good_keys(variables)) continue;
    std::deque<std::string> made;
    const auto result = substitute(pointers, variables, kMost, [&](std::string word) {
      return made.emplace_back(std::move(word)).data();
    });
    if (result) expect(size_of(*result) <= kMost, "more words than there may be");
  }
}

void read_file(std::string_view text) {
  const VariableFile file = read_variables(text);
  for (const VariableChange& change : file.changes) {
    expect(!change.name.empty() && change.name.find_first_of("= \t\n\\\"") == std::string::npos,
           "a name that is none");
    expect(change.value && change.value->find('\0') == std::string::npos, "a value with a NUL");
  }
}

void judge(std::string_view input) {
  auto words = split_words(input);
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  const Verdict verdict =
      evaluate(pointers, {[](std::string_view, const char*) { return Verdict{true}; },
                          [](const char*, std::string_view, const char*) { return Verdict{}; }});
  expect(verdict.wrong.empty() || !verdict.holds, "a wrong expression holds");
}

void read_arguments(std::string_view input) {
  auto words = split_words(input);
  if (words.empty()) return;
  const OptionWords options = read_options(std::span(words).subspan(1), words[0], "1");
  expect(options.used < words.size(), "more options than words");
  const Entries pushed = push(words, is_positional);
  expect(pushed.size() == words.size(), "a variable is lost");
  if (const auto mask = parse_mask(words[0], 022)) expect(*mask <= 0777, "more than a mask");
  expect(canonical_path("/a", words[0]).starts_with('/'), "a path that begins nowhere");
}

void parse(std::string_view input) {
  static const std::vector<ChainTool> tools = test::parsed_tools({chain_tools()});
  auto words = split_words(input);
  words.insert(words.begin(), "tool");
  auto argv = pointers_to(words);
  argv.push_back(nullptr);
  const char* const environment[] = {"A=1", "1:1=x", "#=1", "EXECLINE_STRICT=1", nullptr};
  for (const ChainTool& tool : tools) {
    const ChainRequest request =
        tool.parse(static_cast<int>(words.size()), argv.data(), Environment(environment));
    if (request.misused || request.program.empty()) continue;
    expect(request.program.size() < words.size() &&
               request.program.data() + request.program.size() == argv.data() + words.size(),
           "a program that is not the rest of the words");
  }
}

}  // namespace
}  // namespace kindred::execline

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred::execline;
  if (size == 0) return 0;
  constexpr void (*kReaders[])(std::string_view) = {lex, replace, read_file, judge, read_arguments, parse};
  kReaders[data[0] % std::size(kReaders)]({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
