#include "compat-s6/execline/substitution.h"

#include <algorithm>
#include <cstring>

namespace kindred::execline {
namespace {

/// Some text, and then, unless it is the last, the words of a variable.
struct Piece {
  std::string text;
  const Variable* variable = nullptr;
};

struct Reference {
  std::string_view name;
  std::size_t end;
};

/// At the '$' of `text`; an empty name where it is none.
Reference reference_at(std::string_view text, std::size_t dollar) {
  constexpr const char* kNoName = "\\${}";
  std::size_t begin = dollar + 1;
  const bool braced = begin < text.size() && text[begin] == '{';
  if (braced) ++begin;
  const std::size_t end = std::min(text.find_first_of(kNoName, begin), text.size());
  if (!braced) return {text.substr(begin, end - begin), end};
  if (end == text.size() || text[end] != '}') return {{}, dollar + 1};
  return {text.substr(begin, end - begin), end + 1};
}

class Variables {
 public:
  explicit Variables(std::span<const Variable> variables) {
    for (const Variable& variable : variables) sorted_.push_back(&variable);
    std::sort(sorted_.begin(), sorted_.end(),
              [](const Variable* one, const Variable* other) { return one->name < other->name; });
  }
  [[nodiscard]] const Variable* find(std::string_view name) const {
    const auto found =
        std::lower_bound(sorted_.begin(), sorted_.end(), name,
                         [](const Variable* one, std::string_view wanted) { return one->name < wanted; });
    return found != sorted_.end() && (*found)->name == name ? *found : nullptr;
  }
  [[nodiscard]] bool are_unique() const {
    return std::adjacent_find(sorted_.begin(), sorted_.end(), [](const Variable* one, const Variable* other) {
             return one->name == other->name;
           }) == sorted_.end();
  }

 private:
  std::vector<const Variable*> sorted_;
};

/// One piece alone: nothing is replaced, but what it holds may have lost backslashes.
std::vector<Piece> pieces_of(std::string_view text, const Variables& variables) {
  std::vector<Piece> pieces(1);
  std::size_t copied = 0;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    const auto [name, end] = reference_at(text, at);
    const Variable* const variable = name.empty() ? nullptr : variables.find(name);
    if (variable == nullptr) {
      ++at;
      continue;
    }
    std::size_t slashes = 0;
    while (slashes < at - copied && text[at - 1 - slashes] == '\\') ++slashes;
    std::string& before = pieces.back().text;
    before += text.substr(copied, at - copied - slashes + slashes / 2);
    copied = end;
    if (slashes % 2 != 0) {
      before += text.substr(at, end - at);
    } else {
      pieces.back().variable = variable;
      pieces.emplace_back();
    }
    at = end;
  }
  pieces.back().text += text.substr(copied);
  return pieces;
}

}  // namespace

bool are_good_keys(std::span<const Variable> variables) {
  return std::none_of(variables.begin(), variables.end(),
                      [](const Variable& variable) { return variable.name.empty(); }) &&
         Variables(variables).are_unique();
}

std::optional<std::vector<char*>> substitute(std::span<char* const> words,
                                             std::span<const Variable> variables, std::size_t most,
                                             const std::function<char*(std::string)>& keep) {
  const Variables known(variables);
  std::vector<char*> result;
  std::size_t used = 0;
  const auto fits = [&](std::size_t size) {
    used += size + 1 + sizeof(char*);
    return used <= most;
  };
  for (char* const word : words) {
    if (std::strchr(word, '$') == nullptr) {
      if (!fits(std::strlen(word))) return std::nullopt;
      result.push_back(word);
      continue;
    }
    const std::vector<Piece> pieces = pieces_of(word, known);
    const auto references = std::span(pieces).first(pieces.size() - 1);
    if (std::any_of(references.begin(), references.end(),
                    [](const Piece& piece) { return piece.variable->words.empty(); }))
      continue;
    std::vector<std::size_t> chosen(references.size());
    for (bool more = true; more;) {
      std::string text;
      for (std::size_t i = 0; i < references.size() && text.size() <= most; ++i)
        text.append(references[i].text).append(references[i].variable->words[chosen[i]]);
      text += pieces.back().text;
      if (!fits(text.size())) return std::nullopt;
      result.push_back(keep(std::move(text)));
      more = false;
      for (std::size_t i = references.size(); i-- > 0 && !more;) {
        more = ++chosen[i] < references[i].variable->words.size();
        if (!more) chosen[i] = 0;
      }
    }
  }
  return result;
}

}  // namespace kindred::execline
