// Any words to any chain tool, any point of time, any pattern of a preset: each is understood or
// refused, and what is understood refers to nothing that is not there.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "compat-nosh/chain/socket_rules.h"
#include "compat-nosh/chain/time_expression.h"
#include "compat-nosh/chain/tools.h"
#include "compat-nosh/client/preset.h"
#include "tests/fuzz/parsed_tools.h"

namespace kindred::nosh {
namespace {

void check(const ChainRequest& request, const std::vector<char*>& words) {
  if (request.misused && request.complaint.empty()) std::abort();
  if (!request.program.empty() &&
      request.program.data() + request.program.size() != words.data() + words.size() - 1)
    std::abort();
}

}  // namespace
}  // namespace kindred::nosh

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  using namespace kindred::nosh;
  if (size == 0) return 0;
  // The first byte chooses the tool; words, and after an empty one variables, end with a NUL.
  std::vector<std::string> words{"tool"}, variables;
  std::vector<std::string>* list = &words;
  std::string word;
  for (std::size_t i = 1; i < size; ++i) {
    if (data[i] != 0) {
      word += static_cast<char>(data[i]);
      continue;
    }
    if (word.empty() && list == &words)
      list = &variables;
    else
      list->push_back(word);
    word.clear();
  }
  std::vector<char*> argv;
  for (std::string& each : words) argv.push_back(each.data());
  argv.push_back(nullptr);
  std::vector<const char*> block;
  for (const std::string& each : variables) block.push_back(each.c_str());
  block.push_back(nullptr);
  const Environment environment(block.data());
  static const std::vector<ChainTool> tools = test::parsed_tools({chain_tools()});
  check(tools[data[0] % tools.size()].parse(static_cast<int>(words.size()), argv.data(), environment), argv);

  const auto rules = rule_directories(environment, 0, 0);
  if (rules && rules->names.empty()) std::abort();
  const auto none = [](const std::string&, TimeSources::FileTime) { return std::optional<WallTime>(); };
  for (const std::string& each : words) {
    const auto time = evaluate_time(each, {{1'000'000'000, 0}, {}, environment, none});
    if (time && *time && text_of(**time).size() != 25) std::abort();
    const auto sum = add_span(label_of({1'000'000'000, 0}), each, Calendar::Fixed);
    if (sum && sum->nanos >= 1'000'000'000) std::abort();
    if (!matches_preset("*", each)) std::abort();
    static_cast<void>(matches_preset(each, word));
    static_cast<void>(rc_conf_setting(each, word));
    static_cast<void>(fstab_setting(each, word));
  }
  return 0;
}
