// case: what a word matches is what is run. Source: interfaces/execline.md section 11.

#include <fnmatch.h>
#include <regex.h>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

struct Grammar {
  bool shell = false, extended = true, flag_n = false, flag_i = false;
};

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

bool matches_pattern(const char* pattern, const char* value, const Grammar& grammar) {
  const int flags = (grammar.extended ? 0 : FNM_NOESCAPE) | (grammar.flag_n ? FNM_PATHNAME : 0) |
                    (grammar.flag_i ? FNM_PERIOD : 0);
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

ChainTurn case_(const ChainCall& chain_call) {
  Call call(chain_call, "sSeEnNi");
  Grammar grammar;
  while (const char letter = call.option()) switch (letter) {
      case 's':
      case 'S':
        grammar.shell = letter == 's';
        break;
      case 'e':
      case 'E':
        grammar.extended = letter == 'E';
        break;
      case 'n':
      case 'N':
        grammar.flag_n = letter == 'N';
        break;
      case 'i':
        grammar.flag_i = true;
        break;
      default:
        return call.usage();
    }
  const char* const value = call.take();
  if (value == nullptr || !call.has_rest()) return call.usage();
  const auto block = call.take_block("case block");
  if (!block) return Call::bad_block();
  std::span<char* const> cases(*block);
  while (!cases.empty()) {
    const char* const expression = cases[0];
    cases = cases.subspan(1);
    if (cases.empty()) return call.fatal(kExitUsage, {"malformed case block"});
    const auto program = call.take_block_of(cases, "regex block");
    if (!program) return Call::bad_block();
    if (grammar.shell) {
      if (matches_pattern(expression, value, grammar)) return call.go_on(*program);
      continue;
    }
    Expression compiled;
    const std::string whole = "^" + std::string(expression) + "$";
    const std::string wrong =
        compiled.compile(whole, (grammar.extended ? REG_EXTENDED : 0) | (grammar.flag_i ? REG_ICASE : 0) |
                                    (grammar.flag_n ? 0 : REG_NOSUB));
    if (!wrong.empty()) return call.fatal(kExitUsage, {"unable to regcomp \"", whole, "\": ", wrong});
    std::vector<regmatch_t> found(grammar.flag_n ? compiled.groups() + 1 : 0);
    if (!compiled.matches(value, found)) continue;
    if (grammar.flag_n) tell_groups(call.state(), expression, value, std::span(found).subspan(1));
    return call.go_on(*program);
  }
  return call.go_on();
}

}  // namespace kindred::execline
