#pragma once
// A chain tool's parse() with words as a test writes them.

#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/chain/tool.h"

namespace kindred::test {

/// The request's program stands in memory that lives until the next call.
inline ChainRequest parse_words(decltype(ChainTool::parse) parser, std::initializer_list<const char*> words,
                                std::vector<const char*> environment = {}) {
  static std::deque<std::string> text;
  static std::vector<char*> pointers;
  text.assign(words.begin(), words.end());
  pointers.clear();
  for (std::string& word : text) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  environment.push_back(nullptr);
  return parser(static_cast<int>(text.size()), pointers.data(), Environment(environment.data()));
}

}  // namespace kindred::test
