// Any bytes as the words of a chain tool of perp, split at NULs, and as a text file: parsing does no harm, and what
// comes of it is within bounds.

#include <algorithm>

#include "compat-perp/chain/parse.h"
#include "compat-perp/chain/tools.h"
#include "core/chain/text_file.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/parsed_tools.h"

namespace kindred::perp {
namespace {

using test::expect;

void parse_words(std::string_view input) {
  if (input.empty()) return;
  static const std::vector<ChainTool> tools = test::parsed_tools({chain_tools()});
  const auto parser = tools[static_cast<unsigned char>(input.front()) % tools.size()].parse;
  input.remove_prefix(1);
  std::vector<std::string> words = test::words_of(input);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* const environment[] = {"RLIMIT_CPU=1", "CHOOM_KEY=k", nullptr};
  const ChainRequest request = parser(static_cast<int>(words.size()), argv.data(), Environment(environment));
  expect(request.misused || request.needs_no_program || !request.program.empty(),
         "no program and no complaint");
  expect(request.complaint.find('\n') == std::string::npos ||
             std::ranges::any_of(words, [](const std::string& word) { return word.find('\n') != word.npos; }),
         "a complaint of more than a line");
  for (const ChainStep& step : request.steps) {
    if (const auto* opens = std::get_if<OpenDescriptor>(&step))
      expect(opens->descriptor >= 0, "no descriptor");
    if (const auto* mask = std::get_if<SetFileMask>(&step)) expect(mask->mask <= 0777, "more than a mask");
  }
}

void parse_text(std::string_view text) {
  std::size_t bytes = 0;
  for (const std::string_view line : text_lines(text)) {
    expect(!line.empty() && line == without_blanks(line) && line.front() != '#', "a line that says nothing");
    bytes += line.size();
  }
  expect(bytes <= text.size(), "bytes from elsewhere");
  for (const VariableChange& change : parse_variables(text))
    expect(!change.name.empty() && change.name.find('=') == std::string::npos, "a name that is none");
  const auto limits = parse_limit_lines(text);
  if (limits) expect(limits->size() == text_lines(text).size(), "not a limit a line");
}

}  // namespace
}  // namespace kindred::perp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  kindred::perp::parse_words(input);
  kindred::perp::parse_text(input);
  return 0;
}
