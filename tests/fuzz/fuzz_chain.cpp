// Any bytes as the words of a chain tool of daemontools, encore, runit, s6 or freedt, split at NULs: parsing does no harm,
// and what comes of it names nothing that was not said.

#include <string>
#include <vector>

#include "compat-daemontools/chain/tools.h"
#include "compat-encore/chain/tools.h"
#include "compat-freedt/chain/tools.h"
#include "compat-runit/chain/tools.h"
#include "compat-s6/chain/tools.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/parsed_tools.h"

namespace kindred {
namespace {

using test::expect;

void check_step(const ChainStep& step) {
  const auto is_word = [](const std::string& text) { return text.find('\0') == std::string::npos; };
  if (const auto* set = std::get_if<SetVariable>(&step))
    expect(!set->change.name.empty() && set->change.name.find('=') == std::string::npos,
           "a name that is none");
  if (const auto* read = std::get_if<ReadEnvDirectory>(&step)) expect(is_word(read->path), "no path");
  if (const auto* hold = std::get_if<HoldLock>(&step)) expect(is_word(hold->path), "no path");
  if (const auto* lead = std::get_if<LeadGroup>(&step)) expect(lead->terminal >= 0, "no descriptor");
  if (const auto* close = std::get_if<CloseDescriptor>(&step))
    expect(close->descriptor >= 0, "no descriptor");
}

void parse_words(std::string_view input) {
  if (input.empty()) return;
  static const std::vector<ChainTool> tools =
      test::parsed_tools({daemontools::chain_tools(), encore::chain_tools(), freedt::chain_tools(),
                          runit::chain_tools(), s6::chain_tools()});
  const auto parser = tools[static_cast<unsigned char>(input.front()) % tools.size()].parse;
  input.remove_prefix(1);
  std::vector<std::string> words = test::words_of(input);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* const environment[] = {"UID=1", "GID=2", "GIDLIST=3,4", "SOFTLIMIT_OPENFILES=5", nullptr};
  const ChainRequest request = parser(static_cast<int>(words.size()), argv.data(), Environment(environment));
  if (request.misused) {
    expect(request.steps.empty(), "something to do after wrong usage");
    return;
  }
  char* const* const begin = request.program.data();
  if (!request.program.empty())
    expect(begin > argv.data() && begin + request.program.size() == argv.data() + words.size(),
           "a program that is not the rest of the words");
  for (const ChainStep& step : request.steps) check_step(step);
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::parse_words({reinterpret_cast<const char*>(data), size});
  return 0;
}
