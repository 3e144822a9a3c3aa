// Any words as a script of s6-log: each is understood or named, and what is understood refers to nothing that is
// not there.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "compat-s6/log/log_script.h"
#include "core/log/line_program.h"

namespace kindred {
namespace {

struct Deaf final : LineListener {
  void on_tell(const Teller&, const LineFormat&, Stamps&, std::string_view) override {}
};

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  // Words end with a NUL, as in argv. Expressions that take regcomp(3) minutes are the user's own affair.
  constexpr std::size_t kEnough = 200;
  if (size > kEnough) return 0;
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < size; ++i)
    if (data[i] == 0)
      words.emplace_back();
    else
      words.back() += static_cast<char>(data[i]);
  for (const std::string& word : words)
    if (!word.empty() && (word[0] == '+' || word[0] == '-') && std::count(word.begin(), word.end(), '{') > 1)
      return 0;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const auto parsed = s6::parse_script(pointers, 022);
  if (!parsed) {
    if (parsed.error().operation.empty()) std::abort();
    return 0;
  }
  Deaf deaf;
  LineProgram program(parsed->script, deaf);
  Stamps stamps;
  stamps.set({1'000'000'000, 0});
  std::string_view block = "one\ntwo";
  while (!block.empty()) program.feed(block, stamps);
  program.finish();
  return 0;
}
