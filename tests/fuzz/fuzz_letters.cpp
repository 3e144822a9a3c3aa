// Any bytes as what several writers have put into one control FIFO: each command is understood as it was
// said, whatever was said before it, and leaves nothing behind for the next writer.

#include <cstdio>
#include <cstdlib>

#include "compat-daemontools/control.h"
#include "compat-encore/control.h"
#include "compat-runit/control.h"

namespace kindred {
namespace {

const ControlCodec* const kCodecs[] = {&daemontools::kControlCodec, &runit::kControlCodec,
                                       &encore::kControlCodec};

[[noreturn]] void fail(const char* what, std::size_t codec) {
  std::fprintf(stderr, "codec %zu: %s\n", codec, what);
  std::abort();
}

/// The only command in these bytes.
std::optional<ControlCommand> only(const ControlCodec& codec, const ControlBytes& bytes, ControlMode& mode) {
  std::optional<ControlCommand> found;
  for (const char byte : bytes)
    if (const auto command = codec.decode(static_cast<std::uint8_t>(byte), mode)) {
      if (found) return std::nullopt;
      found = command;
    }
  return found;
}

void read(std::size_t index, ByteView input) {
  const ControlCodec& codec = *kCodecs[index];
  ControlMode mode = 0;
  for (const std::uint8_t byte : input) {
    const ControlMode before = mode;
    const std::optional<ControlCommand> command = codec.decode(byte, mode);
    if (!command) continue;
    if (mode != before) fail("a command that changes how the next one is read", index);
    const ControlBytes said = codec.encode(*command);
    if (said.empty()) fail("a command that the family has and cannot say", index);
    ControlMode after = before;
    const std::optional<ControlCommand> again = only(codec, said, after);
    if (!again || !(*again == *command)) fail("a command that is understood otherwise", index);
    if (after != 0) fail("a message that leaves its modifiers to the next writer", index);
  }
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < std::size(kindred::kCodecs); ++i) kindred::read(i, {data, size});
  return 0;
}
