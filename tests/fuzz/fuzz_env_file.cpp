// Any name and any bytes as a file of an environment directory: what comes of it is one variable, and it can
// be put into an environment and taken out again.


#include "core/chain/environment.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

using test::expect;

void read(std::string_view input) {
  // No file's name has a NUL in it.
  const std::string_view name = input.substr(0, input.substr(0, input.find('\0')).find('\n'));
  const std::string_view content =
      name.size() < input.size() ? input.substr(name.size() + 1) : std::string_view();
  if (name.find('\0') != std::string_view::npos) return;

  const VariableChange change = variable_of_file(name, content);
  expect(change.name.find('=') == std::string::npos, "a name that is none");
  expect(name.starts_with(change.name), "another variable");
  if (change.value) {
    expect(change.value->find('\0') == std::string::npos, "a value that ends before its end");
    expect(change.value->size() <= name.size() + 1 + content.size(), "bytes from elsewhere");
  } else {
    expect(content.empty(), "content that says nothing");
  }

  const char* const others[] = {"OTHER=1", nullptr};
  if (change.name == "OTHER") return;
  Environment environment(others);
  environment.apply(change);
  environment.apply(change);
  expect(environment.entries().size() == (change.value ? 2U : 1U), "not one variable");
  if (change.value)
    expect(environment.entries()[1] == change.name + "=" + *change.value, "not the variable's entry");
  environment.apply({change.name, std::nullopt});
  expect(environment.entries() == std::vector<std::string>{"OTHER=1"}, "not removed");
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
