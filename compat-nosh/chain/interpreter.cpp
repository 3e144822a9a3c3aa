// nosh FILE: a script that is one command line; read-conf: a file of variables in the same grammar.
// Source: interfaces/nosh-system.md section 2.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "compat-nosh/chain/turns.h"
#include "core/base/number.h"
#include "core/base/quoted_words.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

/// What no kernel passes to a program.
constexpr std::size_t kLongestScript = 8 << 20;

Result<std::string> read_text(const char* path) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return error_here("open", path);
  auto text = read_beginning(file.get(), path, kLongestScript + 1);
  if (text && text->size() > kLongestScript) return error_here("read", path, EFBIG);
  return text;
}

/// Null where the text is whole.
const char* complaint_of(QuotedWords::End end) {
  switch (end) {
    case QuotedWords::End::InQuotes:
      return "Unterminated quote at end of file";
    case QuotedWords::End::AfterBackslash:
      return "Slash before end of file";
    default:
      return nullptr;
  }
}

Result<std::vector<std::string>> read_words(const char* path) {
  const auto text = read_text(path);
  if (!text) return text.error();
  QuotedWords read = split_quoted_words(*text);
  if (const char* const wrong = complaint_of(read.end)) return Error{0, wrong, path};
  return std::move(read.words);
}

/// Only for this the family has another word than for all that ends a chain.
ChainTurn not_opened(const ToolTurn& words, const Error& error) {
  complain(words.name(), "ERROR", {error.object, ": ", reason(error)});
  return ChainTurn::ends(kExitFailed);
}

/// A script that is called by the number of a descriptor does not leave that open to the program.
void close_script(std::string_view path) {
  constexpr std::string_view kDescriptors = "/proc/self/fd/";
  if (!path.starts_with(kDescriptors)) return;
  const auto descriptor = parse_unsigned<unsigned>(path.substr(kDescriptors.size()));
  if (descriptor && *descriptor <= INT_MAX)
    static_cast<void>(::fcntl(static_cast<int>(*descriptor), F_SETFD, FD_CLOEXEC));
}

constexpr Option kReadConfOptions[] = {{0, "oknofile", "go on where the file cannot be opened"}};

}  // namespace

constinit const std::span<const Option> ReadConfTool::kOptions = kReadConfOptions;

void NoshTool::read(ToolWords& words) {
  if (!words.ended() && words.rest().size() != 1) words.complain({"Incorrect number of arguments."});
  if (!words.ended()) path = words.rest().front();
}

ChainTurn NoshTool::act(ToolTurn& words) const {
  auto script = read_words(path);
  if (!script && script.error().operation == "open") return not_opened(words, script.error());
  if (!script) return words.fail(script.error());
  close_script(path);
  if (script->empty()) return words.fail(Error{0, "No arguments in script", ""});
  std::vector<char*> program;
  for (std::string& word : *script) program.push_back(words.keep(std::move(word)));
  return words.go_on(program);
}

void ReadConfTool::read(ToolWords& words) { path = words.take("configuration file name"); }

ChainTurn ReadConfTool::act(ToolTurn& words) const {
  const auto settings = read_words(path);
  if (!settings && settings.error().operation == "open" && words.has("oknofile")) {
    warn(words.state(), settings.error());
    return words.go_on();
  }
  if (!settings && settings.error().operation == "open") return not_opened(words, settings.error());
  if (!settings) return words.fail(settings.error());
  for (const std::string& setting : *settings) {
    const std::size_t equals = setting.find('=');
    words.state().change({setting.substr(0, equals),
                          equals == std::string::npos ? std::string() : setting.substr(equals + 1)});
  }
  return words.go_on();
}

}  // namespace kindred::nosh
