#include "core/cli/options.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred {

// "+": no permutation. ":": a missing argument is told apart from an unknown letter.
Options::Options(int argc, char** argv, const char* letters, LongDashes long_dashes)
    : argc_(argc),
      argv_(argv),
      letters_(letters != nullptr ? std::string("+:") + letters : ""),
      long_dashes_(long_dashes) {
  optind = 0;  // glibc and musl: forget what an earlier argv was read to
  opterr = 0;  // the family has its own words
}

Options::Options(int argc, char** argv, const char* letters, std::span<const LongOption> names)
    : Options(argc, argv, letters, Complaint::Kept) {
  long_options_ = names;
  // The first word may be a name, which getopt does not see; it must not go on within a word of an earlier argv.
  char nothing[] = "";
  char* no_words[] = {nothing, nullptr};
  static_cast<void>(getopt(1, no_words, "+"));
}

char Options::next() {
  if (letters_.empty()) {
    optind = 1;
    return 0;
  }
  const int word = std::max(optind, 1);
  argument_ = nullptr;
  if (long_dashes_ == LongDashes::All && !within_word_ && word < argc_ &&
      std::string_view(argv_[word]).starts_with("--")) {
    optind = word + 1;
    return 0;
  }
  if (!long_options_.empty() && !within_word_ && word < argc_)
    if (const std::string_view text = argv_[word]; text.size() > 2 && text.starts_with("--")) {
      optind = word + 1;
      return next_long(text.substr(2));
    }
  const int letter = getopt(argc_, argv_, letters_.c_str());
  within_word_ = optind == word;
  if (letter == -1) return 0;
  if (letter == '?' || letter == ':') {
    const char culprit = static_cast<char>(optopt);
    const std::string text =
        std::string(letter == '?' ? "illegal option" : "option requires an argument") + " -- " + culprit;
    if (!kept_)
      print_error({base_name(argv_[0]), ": ", text});
    else if (culprit != '?' || long_dashes_ == LongDashes::All)
      complaint_ = text;
    return kBad;
  }
  argument_ = optarg;
  return static_cast<char>(letter);
}

char Options::next_long(std::string_view word) {
  const std::size_t equals = word.find('=');
  for (const LongOption& option : long_options_) {
    if (option.name != word.substr(0, equals)) continue;
    if (option.has_argument != (equals != std::string_view::npos)) break;
    // The word ends where argv's does.
    if (option.has_argument) argument_ = word.data() + equals + 1;
    return option.letter;
  }
  complaint_ = "illegal option -- " + std::string(word);
  refused_a_name_ = true;
  return kBad;
}

std::span<char* const> Options::operands() const {
  return optind < argc_ ? std::span<char* const>(argv_ + optind, argv_ + argc_) : std::span<char* const>();
}

}  // namespace kindred
