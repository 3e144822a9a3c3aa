// Any words as a multilog script, and any bytes as its input: the script is a typed program whose parts are all
// there, and however the input is cut into blocks, the same comes of it.
//
// The input: words that end with a newline each, an empty one, then what the logger reads.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/log/line_program.h"
#include "core/log/multilog.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

using test::expect;

struct Told final : LineListener {
  std::string text;
  void on_tell(const Teller&, const LineFormat&, Stamps&, std::string_view line) override {
    text += line;
    text += '|';
  }
};

/// What all outlets get, and what is told. `random`: where blocks are cut; 0: nowhere.
std::vector<std::string> run(const LogScript& script, std::string_view input, std::uint32_t random) {
  Told told;
  LineProgram program(script, told);
  std::vector<std::string> out(script.outlets.size());
  Stamps stamps;
  stamps.set({1'000'000'000, 500});
  const auto collect = [&] {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += program.buffers()[i].text();
      program.buffers()[i].taken(program.buffers()[i].text().size());
    }
  };
  while (!input.empty()) {
    std::size_t size = input.size();
    if (random != 0) {
      random = random * 1664525 + 1013904223;
      size = std::min<std::size_t>(size, 1 + (random >> 16) % 1500);
    }
    std::string_view block = input.substr(0, size);
    input.remove_prefix(size);
    while (!block.empty()) {
      const std::size_t before = block.size();
      program.feed(block, stamps);
      expect(block.size() < before || program.full(), "nothing was taken");
      expect(program.held() <= 1000, "more is held than the script may see");
      collect();
    }
  }
  program.finish();
  collect();
  out.push_back(told.text);
  return out;
}

void read(std::string_view input) {
  std::vector<std::string> words;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    // A word of a command line ends with its first NUL.
    words.emplace_back(input.substr(0, std::min(end, input.substr(0, end).find('\0'))));
    input.remove_prefix(std::min(end + 1, input.size()));
    if (words.back().empty()) break;
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  for (const MultilogDialect& dialect : {MultilogDialect{}, MultilogDialect{16777215, true, true, true}}) {
    const LogScript script = parse_multilog(pointers, dialect);
    for (const LogInstruction& instruction : script.instructions) {
      const bool matches = instruction.kind == LogInstruction::Kind::Select ||
                           instruction.kind == LogInstruction::Kind::Deselect;
      const std::size_t parts = matches                                           ? script.patterns.size()
                                : instruction.kind == LogInstruction::Kind::Write ? script.outlets.size()
                                                                                  : script.tellers.size();
      expect(instruction.index < parts, "a part that is not there");
    }
    for (const Outlet& outlet : script.outlets) {
      expect(outlet.rules.size.max >= 4096 && outlet.rules.size.max <= dialect.largest,
             "a size out of bounds");
      expect(outlet.rules.keep.count >= 1, "no old file");
    }
    const auto whole = run(script, input, 0);
    expect(run(script, input, 1) == whole && run(script, input, 7) == whole, "blocks make a difference");
  }
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
