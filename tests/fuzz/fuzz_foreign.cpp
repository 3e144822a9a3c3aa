// Any bytes as what others than the family define services by: each says in a loss why it has no command to run, and
// what is lost is named.

#include <map>

#include "core/definition/convert.h"
#include "core/definition/procfile.h"
#include "core/definition/supervisord.h"
#include "core/definition/systemd_service.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

using test::expect;

void look(const std::vector<ReadDefinition>& all) {
  expect(!all.empty(), "neither a service nor a loss");
  for (const ReadDefinition& read : all) {
    expect(read.definition.run.has_value() || !read.losses.empty(), "no command, and nobody says why");
    for (const Loss& loss : read.losses) expect(!loss.why.empty(), "a loss without a reason");
  }
}

/// "NAME/FILE" and its text, over and over, each with a NUL behind it.
std::vector<DirectoryContent> directories_of(std::string_view input) {
  constexpr std::size_t kMost = 20;
  std::map<std::string, std::map<std::string, definition::File>> services;
  const auto next = [&] {
    const std::size_t end = input.find('\0');
    const std::string part(input.substr(0, end));
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return part;
  };
  for (std::size_t i = 0; i < kMost && !input.empty(); ++i) {
    const std::string path = next(), text = next();
    const std::size_t slash = path.find('/');
    const std::string name = path.substr(0, slash),
                      file = slash == std::string::npos ? "" : path.substr(slash + 1);
    if (name.empty() || file.empty() || file.front() == '/' || file.back() == '/') continue;
    for (std::size_t below = file.find('/'); below != std::string::npos; below = file.find('/', below + 1))
      services[name].emplace(
          file.substr(0, below),
          definition::File{
              .path = file.substr(0, below), .kind = definition::File::Kind::Directory, .mode = 0755});
    services[name].emplace(file, definition::File{.path = file, .mode = 0755, .bytes = text});
  }
  std::vector<DirectoryContent> all;
  for (const auto& [name, files] : services) {
    DirectoryContent& content = all.emplace_back(DirectoryContent{.name = name, .files = {}});
    for (const auto& [path, file] : files) content.files.push_back(file);
  }
  return all;
}

void read(std::string_view input) {
  look(find_codec("s6")->read_sources(directories_of(input)));
  // What comes behind the first NUL is a second file.
  const std::size_t end = input.find('\0');
  const std::string first(input.substr(0, end));
  const std::string second(end == std::string_view::npos ? std::string_view() : input.substr(end + 1));
  const auto files = [&](const char* one, const char* other) {
    return std::vector<SourceFile>{{one, first}, {other, second}};
  };
  look(read_systemd_units(files("a@b-c.service", "a@b-c.socket")));
  look(read_supervisord(files("a.conf", "b.conf")));
  look(read_procfiles(files("Procfile", ".env")));
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
