// Any bytes as what others than the family define services by: each says in a loss why it has no command to run, and
// what is lost is named.

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

void read(std::string_view input) {
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
