#pragma once
/// Text as a command line: words with quotes and comments, and nothing else that has a meaning.
///
///   white space   ends a word; newlines are no different
///   '…' "…"       everything as it is; in "…" a backslash keeps its meaning. They may begin, go on or end within
///                 a word, and make a word even of nothing
///   \             the next byte as it is; with a newline, nothing. It begins a word before that byte is known
///   #             where a word could begin: a comment up to the end of the line
///
/// Source: interfaces/nosh-system.md section 2.1.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

struct QuotedWords {
  enum class End : std::uint8_t { Whole, InQuotes, AfterBackslash };
  std::vector<std::string> words;
  End end = End::Whole;  ///< where the text ends too early
};

[[nodiscard]] QuotedWords split_quoted_words(std::string_view text);

}  // namespace kindred
