#include "compat-s6/execline/words.h"

#include <algorithm>

#include "compat-s6/execline/positional.h"

namespace kindred::execline {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

Words::Words(std::span<char* const> words, const Environment& environment, const char* letters,
             std::span<const LongOption> names)
    : argv_(words.begin(), words.end()), environment_(environment) {
  argv_.push_back(nullptr);
  rest_ = std::span(argv_).subspan(1, words.size() - 1);
  if (letters != nullptr) options_.emplace(static_cast<int>(words.size()), argv_.data(), letters, names);
}

char Words::option() {
  if (!options_) return 0;
  const char letter = options_->next();
  if (letter == 0) rest_ = options_->operands();
  return letter;
}

char* Words::take() {
  if (rest_.empty()) return nullptr;
  char* const word = rest_[0];
  rest_ = rest_.subspan(1);
  return word;
}

std::nullopt_t Words::misused() {
  if (options_ && options_->refused_a_name()) return refuse({"unrecognized long option"});
  refused_ = true;
  return std::nullopt;
}

std::nullopt_t Words::refuse(std::initializer_list<std::string_view> parts) {
  refused_ = true;
  reason_ = joined(parts);
  return std::nullopt;
}

std::optional<std::vector<char*>> Words::take_block_of(std::span<char* const>& from, std::string_view name) {
  ++blocks_;
  const auto end = std::find_if(from.begin(), from.end(), [](const char* word) { return *word == '\0'; });
  std::vector<char*> words;
  const unsigned strict = strictness();
  for (auto word = from.begin(); word != end; ++word) {
    if (**word == ' ') {
      words.push_back(*word + 1);
      continue;
    }
    if (strict > 0) {
      std::string text = joined({"unquoted argument ", *word, " at block ", std::to_string(blocks_),
                                 " position ", std::to_string(word - from.begin())});
      if (strict > 1) return refuse({text});
      warn_of(std::move(text));
    }
    words.push_back(*word);
  }
  if (end == from.end()) return refuse({"unterminated ", name});
  from = from.subspan(words.size() + 1);
  return words;
}

unsigned Words::strictness() const {
  const auto value = environment_.value("EXECLINE_STRICT");
  return value ? number(*value).value_or(0) : 0;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos;
}

}  // namespace kindred::execline
