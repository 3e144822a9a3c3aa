// Any files as a service directory of any family: they are read, checked, and written as every family's, in places that
// lie in the directory, each once; what is read back of them can be written again.

#include <cstdint>
#include <set>

#include "core/definition/check.h"
#include "core/definition/convert.h"
#include "tests/fuzz/fuzzing.h"

namespace {

using namespace kindred;
using definition::File;

/// The first byte is the family; then a path and a content by turns, each up to a NUL. A path that ends with a slash is a
/// directory, one that ends with an at sign a link.
DirectoryContent directory_of(std::string_view input) {
  DirectoryContent content{"web", 01755, {}};
  std::set<std::string> paths;
  const auto part = [&] {
    const std::string_view text = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(input.size(), text.size() + 1));
    return text;
  };
  while (!input.empty()) {
    File file{.path = std::string(part()), .mode = 0755, .bytes = std::string(part())};
    if (file.path.ends_with('/')) file.kind = File::Kind::Directory;
    if (file.path.ends_with('@')) file.kind = File::Kind::Link;
    if (file.kind != File::Kind::Regular) file.path.pop_back();
    // A directory has no other names.
    const bool none = file.path.empty() || file.path.starts_with('/') ||
                      file.path.find("//") != std::string::npos ||
                      ("/" + file.path + "/").find("/../") != std::string::npos ||
                      ("/" + file.path + "/").find("/./") != std::string::npos || file.path.ends_with('/');
    if (!none && paths.insert(file.path).second) content.files.push_back(std::move(file));
  }
  return content;
}

void expect_in_place(const DirectoryContent& content) {
  std::set<std::string> paths;
  for (const File& file : content.files) {
    test::expect(!file.path.empty() && !file.path.starts_with('/') &&
                     ("/" + file.path + "/").find("/../") == std::string::npos,
                 "a file outside its directory");
    test::expect(paths.insert(file.path).second, "a file that is written twice");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto families = definition_codecs();
  const DefinitionCodec& from = *families[data[0] % families.size()];
  const DirectoryContent content = directory_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  CheckedService checked{.content = content,
                         .unread = {},
                         .foreign_owner = false,
                         .open_to_all = {},
                         .family = &from,
                         .families = families,
                         .is_program = [](const std::string& name) { return name.size() % 2 == 0; }};
  static_cast<void>(check_service(checked));
  static_cast<void>(find_loops(std::vector{from.read(content).definition}));
  for (const DefinitionCodec* const to : families) {
    const WrittenDefinition there = convert(content, from, *to);
    expect_in_place(there.content);
    expect_in_place(convert(there.content, *to, from).content);
  }
  return 0;
}
