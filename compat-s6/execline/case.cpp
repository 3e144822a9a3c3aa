// case: what a word matches is what is run. Source: interfaces/execline.md section 11.

#include <fnmatch.h>
#include <regex.h>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

class Expression {
 public:
  /// Null, or what is wrong with the expression.
  [[nodiscard]] std::string compile(const std::string& text, int flags) {
    const int error = ::regcomp(&compiled_, text.c_str(), flags);
    if (error == 0) {
      is_compiled_ = true;
      return {};
    }
    std::string reason(::regerror(error, &compiled_, nullptr, 0), '\0');
    ::regerror(error, &compiled_, reason.data(), reason.size());
    reason.pop_back();
    return reason.empty() ? "error" : reason;
  }
  Expression() = default;
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  ~Expression() {
    if (is_compiled_) ::regfree(&compiled_);
  }
  [[nodiscard]] std::size_t groups() const { return compiled_.re_nsub; }
  [[nodiscard]] bool matches(const char* text, std::vector<regmatch_t>& found) const {
    return ::regexec(&compiled_, text, found.size(), found.data(), 0) == 0;
  }

 private:
  regex_t compiled_{};
  bool is_compiled_ = false;
};

bool matches_pattern(const char* pattern, const char* value, const Case& rules) {
  const int flags = (rules.extended ? 0 : FNM_NOESCAPE) | (rules.flag_n ? FNM_PATHNAME : 0) |
                    (rules.flag_i ? FNM_PERIOD : 0);
  return ::fnmatch(pattern, value, flags) == 0;
}

/// "#", 0 and the groups are the script's arguments.
void tell_groups(ProcessState& state, const char* expression, std::string_view value,
                 std::span<const regmatch_t> groups) {
  std::vector<std::string> texts;
  for (const regmatch_t& group : groups) {
    if (group.rm_so < 0)
      texts.emplace_back();
    else
      texts.emplace_back(value.substr(static_cast<std::size_t>(group.rm_so),
                                      static_cast<std::size_t>(group.rm_eo - group.rm_so)));
  }
  state.environment.set_entries(with_words(state.environment.entries(), {texts.begin(), texts.end()}));
  state.change({"0", expression});
}

}  // namespace

std::optional<Case> Case::parse(Words& words) {
  Case rules;
  while (const char letter = words.option()) switch (letter) {
      case 's':
      case 'S':
        rules.shell = letter == 's';
        break;
      case 'e':
      case 'E':
        rules.extended = letter == 'E';
        break;
      case 'n':
      case 'N':
        rules.flag_n = letter == 'N';
        break;
      case 'i':
        rules.flag_i = true;
        break;
      default:
        return words.misused();
    }
  rules.value = words.take();
  if (rules.value == nullptr || !words.has_rest()) return words.misused();
  auto block = words.take_block("case block");
  if (!block) return std::nullopt;
  rules.cases = std::move(*block);
  return rules;
}

ChainTurn Case::act(Call& call) const {
  std::span<char* const> left(cases);
  while (!left.empty()) {
    const char* const expression = left[0];
    left = left.subspan(1);
    if (left.empty()) return call.fatal(kExitUsage, {"malformed case block"});
    const auto program = call.take_block_of(left, "regex block");
    if (!program) return call.refused();
    call.warn();
    if (shell) {
      if (matches_pattern(expression, value, *this)) return call.go_on(*program);
      continue;
    }
    Expression compiled;
    const std::string whole = "^" + std::string(expression) + "$";
    const std::string wrong = compiled.compile(
        whole, (extended ? REG_EXTENDED : 0) | (flag_i ? REG_ICASE : 0) | (flag_n ? 0 : REG_NOSUB));
    if (!wrong.empty()) return call.fatal(kExitUsage, {"unable to regcomp \"", whole, "\": ", wrong});
    std::vector<regmatch_t> found(flag_n ? compiled.groups() + 1 : 0);
    if (!compiled.matches(value, found)) continue;
    if (flag_n) tell_groups(call.state(), expression, value, std::span(found).subspan(1));
    return call.go_on(*program);
  }
  return call.go_on();
}

}  // namespace kindred::execline
