#include "core/definition/tools_named.h"

#include <algorithm>

namespace kindred {
namespace {

bool is_word_byte(char c) {
  return c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

/// The one family that has this program. Null: none has, or several have.
const DefinitionCodec* owner_of(std::string_view program) {
  const DefinitionCodec* owner = nullptr;
  for (const DefinitionCodec* const codec : definition_codecs()) {
    if (std::find(codec->tools.begin(), codec->tools.end(), program) == codec->tools.end()) continue;
    if (owner != nullptr) return nullptr;
    owner = codec;
  }
  return owner;
}

bool is_script(const definition::File& file) {
  return file.kind == definition::File::Kind::Regular && file.bytes.starts_with("#!");
}

}  // namespace

void for_each_word(std::string_view script,
                   const std::function<void(unsigned line, std::string_view word)>& each) {
  unsigned line = 1;
  for (std::size_t at = 0; at < script.size(); ++line) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    std::string_view rest = script.substr(at, end - at);
    at = end + 1;
    if (const std::size_t begin = rest.find_first_not_of(" \t");
        begin != std::string_view::npos && rest[begin] == '#' && line > 1)
      continue;
    while (!rest.empty()) {
      std::size_t length = 0;
      while (length < rest.size() && is_word_byte(rest[length])) ++length;
      const bool is_directory = length < rest.size() && rest[length] == '/';
      if (length > 0 && !is_directory) each(line, rest.substr(0, length));
      rest.remove_prefix(length + (length < rest.size() ? 1 : 0));
    }
  }
}

const DefinitionCodec* family_of_tools(const DirectoryContent& content) {
  const DefinitionCodec* family = nullptr;
  bool several = false;
  for (const definition::File& file : content.files)
    if (is_script(file))
      for_each_word(file.bytes, [&](unsigned, std::string_view word) {
        const DefinitionCodec* const owner = owner_of(word);
        if (owner == nullptr) return;
        several = several || (family != nullptr && family != owner);
        family = owner;
      });
  return several ? nullptr : family;
}

}  // namespace kindred
