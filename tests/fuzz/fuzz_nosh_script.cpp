// Any bytes as a script: its words are of its bytes, and what printenv quotes is one word again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compat-nosh/chain/printed_variable.h"
#include "core/base/quoted_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const QuotedWords split = split_quoted_words(text);
  std::size_t bytes = 0;
  for (const std::string& word : split.words) bytes += word.size();
  if (bytes > size) std::abort();
  const QuotedWords again = split_quoted_words(nosh::quoted_value(text));
  if (again.end != QuotedWords::End::Whole || again.words.size() != 1 || again.words[0] != text) std::abort();
  return 0;
}
