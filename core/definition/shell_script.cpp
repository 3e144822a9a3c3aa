#include "core/definition/shell_script.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/number.h"
#include "core/base/shell_quote.h"

namespace kindred {
namespace {

using namespace definition;

constexpr std::string_view kShells[] = {"sh", "dash", "bash", "ash", "ksh", "mksh", "busybox"};

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

/// A word, or an operator of redirection with the number before it.
struct Token {
  std::string text;
  bool is_operator = false;
  std::size_t quoted_at = std::string::npos;  ///< where the first quoted part begins
  void quote() { quoted_at = std::min(quoted_at, text.size()); }
};

/// The tokens of one line; nullopt where it has anything that is not plain.
std::optional<std::vector<Token>> tokens_of(std::string_view line) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < line.size()) {
    const char c = line[i];
    if (c == ' ' || c == '\t') {
      ++i;
      continue;
    }
    if (c == '#') break;
    Token token;
    std::size_t digits = i;
    while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9') ++digits;
    if (digits < line.size() && (line[digits] == '<' || line[digits] == '>')) {
      token.is_operator = true;
      token.text = line.substr(i, digits - i);
      i = digits;
      token.text += line[i++];
      if (i < line.size() && (line[i] == '&' || (line[i] == '>' && line[i - 1] == '>')))
        token.text += line[i++];
      // "<<", "<>", ">|" are none of ours.
      if (i < line.size() &&
          (line[i] == '<' || line[i] == '>' || line[i] == '|' || line[i] == '&' || line[i] == '('))
        return std::nullopt;
      tokens.push_back(std::move(token));
      continue;
    }
    for (; i < line.size() && line[i] != ' ' && line[i] != '\t'; ++i) {
      const char at = line[i];
      if (at == '\'') {
        const std::size_t end = line.find('\'', i + 1);
        if (end == std::string_view::npos) return std::nullopt;
        token.text += line.substr(i + 1, end - i - 1);
        token.quote();
        i = end;
      } else if (at == '"') {
        token.quote();
        for (++i; i < line.size() && line[i] != '"'; ++i) {
          if (line[i] == '$' || line[i] == '`') return std::nullopt;
          if (line[i] == '\\' && i + 1 < line.size() &&
              std::string_view("$`\"\\").find(line[i + 1]) != std::string_view::npos)
            ++i;
          token.text += line[i];
        }
        if (i >= line.size()) return std::nullopt;
      } else if (at == '\\') {
        if (++i >= line.size()) return std::nullopt;
        token.text += line[i];
        token.quote();
      } else if (at == '<' || at == '>') {
        break;
      } else if (std::string_view("$`*?[]{}()|&;!\n").find(at) != std::string_view::npos ||
                 (at == '~' && token.text.empty())) {
        return std::nullopt;
      } else {
        token.text += at;
      }
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::optional<int> descriptor(std::string_view text) {
  const auto number = parse_unsigned<unsigned>(text);
  return number && *number < 1024 ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

/// "2>" "&1" and the like.
std::optional<Step> redirection(const std::string& op, const std::string& target) {
  const std::size_t sign = op.find_first_of("<>");
  const bool reads = op[sign] == '<';
  const auto which = sign == 0 ? std::optional<int>(reads ? 0 : 1) : descriptor(op.substr(0, sign));
  if (!which || target.empty()) return std::nullopt;
  const std::string kind = op.substr(sign);
  if (kind == "<") return OpenFile{*which, target, OpenFile::For::Reading};
  if (kind == ">") return OpenFile{*which, target, OpenFile::For::Writing};
  if (kind == ">>") return OpenFile{*which, target, OpenFile::For::Appending};
  if (target == "-") return CloseDescriptor{*which};
  const auto from = descriptor(target);
  if (!from) return std::nullopt;
  return CopyDescriptor{*which, *from};
}

/// Takes the redirections out of the tokens.
bool take_redirections(std::vector<Token>& tokens, std::vector<Step>& steps) {
  std::vector<Token> words;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].is_operator) {
      words.push_back(std::move(tokens[i]));
      continue;
    }
    if (i + 1 >= tokens.size() || tokens[i + 1].is_operator) return false;
    const auto step = redirection(tokens[i].text, tokens[i + 1].text);
    if (!step) return false;
    steps.push_back(*step);
    ++i;
  }
  tokens = std::move(words);
  return true;
}

/// Reads statement after statement. A shell's variable is the program's once it is exported.
class Statements {
 public:
  bool take(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty()) return true;
    if (line.front() == '#') {
      script_.comments.emplace_back(line.substr(1));
      return true;
    }
    if (ended_) return false;
    // The one alternative that is plain: what cannot go on ends.
    if (const std::size_t otherwise = line.find("|| exit "); otherwise != std::string_view::npos) {
      if (!parse_unsigned<unsigned>(line.substr(otherwise + 8)) || !line.starts_with("cd ")) return false;
      line = line.substr(0, otherwise);
    }
    auto tokens = tokens_of(line);
    if (!tokens || tokens->empty() || tokens->front().is_operator) return false;
    return statement(*tokens);
  }

  [[nodiscard]] std::optional<PlainScript> finish() {
    if (!variables_.empty()) return std::nullopt;
    return std::move(script_);
  }

 private:
  bool statement(std::vector<Token>& tokens) {
    const Token first = tokens.front();
    const auto arguments = [&](std::size_t count) {
      return tokens.size() == count + 1 &&
             std::none_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.is_operator; });
    };
    const std::size_t equals = first.text.find('=');
    if (equals < first.quoted_at && arguments(0) && is_name(std::string_view(first.text).substr(0, equals))) {
      variables_[first.text.substr(0, equals)] = first.text.substr(equals + 1);
      return true;
    }
    if (first.quoted_at != std::string::npos) return false;
    if (first.text == "exec") {
      tokens.erase(tokens.begin());
      if (!take_redirections(tokens, script_.steps)) return false;
      for (Token& token : tokens) script_.chain.push_back(std::move(token.text));
      ended_ = !script_.chain.empty();
      return !ended_ || !script_.chain.front().starts_with('-');
    }
    if (first.text == "set")
      return arguments(1) && (tokens[1].text == "-e" || tokens[1].text == "-u" || tokens[1].text == "-eu");
    if (first.text == "exit") return ended_ = arguments(1) && tokens[1].text == "0";
    if (first.text == "true" || first.text == ":") return arguments(0);
    if (first.text == "cd")
      return arguments(1) && add(EnterDirectory{tokens[1].text}) && !tokens[1].text.starts_with('-');
    if (first.text == "unset")
      return arguments(1) && is_name(tokens[1].text) && add(SetVariable{tokens[1].text, std::nullopt});
    if (first.text == "umask") {
      unsigned mask = 0;
      if (!arguments(1) || tokens[1].text.empty() || tokens[1].text.size() > 4) return false;
      for (const char digit : tokens[1].text) {
        if (digit < '0' || digit > '7') return false;
        mask = mask * 8 + static_cast<unsigned>(digit - '0');
      }
      return mask <= 0777 && add(SetFileMask{static_cast<mode_t>(mask)});
    }
    if (first.text == "export") return arguments(1) && export_variable(tokens[1].text);
    return false;
  }

  bool export_variable(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (!is_name(std::string_view(text).substr(0, equals))) return false;
    if (equals != std::string::npos) return add(SetVariable{text.substr(0, equals), text.substr(equals + 1)});
    const auto known = variables_.find(text);
    if (known == variables_.end()) return false;
    const bool added = add(SetVariable{text, known->second});
    variables_.erase(known);
    return added;
  }

  bool add(Step step) {
    script_.steps.push_back(std::move(step));
    return true;
  }

  PlainScript script_;
  std::map<std::string, std::string> variables_;
  bool ended_ = false;
};

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::string_view interpreter_of(std::string_view text) {
  if (!text.starts_with("#!")) return {};
  std::string_view line = next_line(text).substr(2);
  std::string_view name = last_component(next_word(line));
  if (name == "env") {
    name = next_word(line);
    if (name == "-S") name = next_word(line);
    name = last_component(name);
  }
  return name;
}

bool is_shell_script(std::string_view text) {
  const std::string_view name = interpreter_of(text);
  if (std::find(std::begin(kShells), std::end(kShells), name) == std::end(kShells)) return false;
  const std::string_view line = next_line(text);
  std::string_view options = line.substr(line.rfind(name) + name.size());
  for (std::string_view word = next_word(options); !word.empty(); word = next_word(options))
    if (word != "-e" && word != "-u" && word != "-eu" && word != "sh") return false;
  return true;
}

std::optional<PlainScript> read_plain_statements(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  Statements statements;
  std::string joined;
  while (!text.empty()) {
    joined = next_line(text);
    // A line that goes on; what a comment ends with means nothing.
    while (joined.ends_with('\\') && joined.find('#') == std::string::npos && !text.empty()) {
      joined.pop_back();
      joined += next_line(text);
    }
    if (!statements.take(joined)) return std::nullopt;
  }
  return statements.finish();
}

std::optional<PlainScript> read_plain_script(std::string_view text) {
  if (!is_shell_script(text)) return std::nullopt;
  next_line(text);
  return read_plain_statements(text);
}

std::optional<std::vector<std::string>> read_plain_words(std::string_view text) {
  const auto tokens = tokens_of(text);
  if (!tokens) return std::nullopt;
  std::vector<std::string> words;
  for (const Token& token : *tokens) {
    if (token.is_operator) return std::nullopt;
    words.push_back(token.text);
  }
  return words;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%^=";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  return shell_quoted(word);
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_word(word);
  return text;
}

namespace {

struct StatementFor {
  std::optional<std::string> operator()(const CopyDescriptor& step) const {
    return "exec " + std::to_string(step.to) + ">&" + std::to_string(step.from);
  }
  std::optional<std::string> operator()(const CloseDescriptor& step) const {
    return "exec " + std::to_string(step.descriptor) + ">&-";
  }
  std::optional<std::string> operator()(const OpenFile& step) const {
    const char* const sign = step.how == OpenFile::For::Reading   ? "<"
                             : step.how == OpenFile::For::Writing ? ">"
                                                                  : ">>";
    return "exec " + std::to_string(step.descriptor) + sign + shell_word(step.path);
  }
  std::optional<std::string> operator()(const EnterDirectory& step) const {
    if (step.path.empty() || step.path.starts_with('-')) return std::nullopt;
    return "cd " + shell_word(step.path) + " || exit 111";
  }
  std::optional<std::string> operator()(const SetFileMask& step) const {
    std::string digits = "0000";
    for (int at = 3; at > 0; --at)
      digits[static_cast<std::size_t>(at)] = static_cast<char>('0' + (step.mask >> (3 * (3 - at)) & 7U));
    return "umask " + digits;
  }
  std::optional<std::string> operator()(const SetVariable& step) const {
    if (!is_name(step.name)) return std::nullopt;
    if (!step.value) return "unset " + step.name;
    return "export " + step.name + "=" + (step.value->empty() ? "" : shell_word(*step.value));
  }
  template <class Other>
  std::optional<std::string> operator()(const Other&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<std::string> shell_statement(const Step& step) {
  auto text = std::visit(StatementFor{}, step);
  // A shell takes a newline in a word, and this grammar's lines end there.
  if (text && text->find('\n') != std::string::npos) return std::nullopt;
  return text;
}

std::optional<std::vector<Step>> read_shell_statement(std::string_view statement) {
  Statements statements;
  if (statement.find('\n') != std::string_view::npos || !statements.take(statement)) return std::nullopt;
  auto read = statements.finish();
  if (!read || !read->chain.empty() || !read->comments.empty()) return std::nullopt;
  return std::move(read->steps);
}

bool reads_arguments(std::string_view text) {
  const std::string_view name = interpreter_of(text);
  if (std::find(std::begin(kShells), std::end(kShells), name) == std::end(kShells)) return true;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('{')) rest.remove_prefix(1);
    if (!rest.empty() && std::string_view("123456789@*#").find(rest.front()) != std::string_view::npos)
      return true;
  }
  return false;
}

}  // namespace kindred
