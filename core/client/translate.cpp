#include "core/client/translate.h"

#include <algorithm>
#include <array>

namespace kindred {

Commands read_letters(std::string_view letters, const ControlCodec& codec) {
  Commands commands;
  ControlMode mode{};
  for (const char letter : letters)
    if (const auto command = codec.decode(static_cast<std::uint8_t>(letter), mode))
      commands.push_back(*command);
  return commands;
}

std::optional<std::string> write_letters(std::span<const ControlCommand> commands,
                                         const ControlCodec& codec) {
  std::string bytes;
  for (const ControlCommand& command : commands) {
    const ControlBytes told = codec.encode(command);
    if (told.empty()) return std::nullopt;
    bytes.append(told.begin(), told.end());
  }
  return bytes;
}

bool tells_ready(const Dialect& dialect) {
  GroupSnapshot ready;
  ready.main.phase = Phase::Running;
  ready.main.pid = 1;
  ready.main.ready = true;
  std::array<std::uint8_t, kMaxStatusFile> bytes{};
  for (const StatusFile& file : dialect.status.files) {
    if (std::string_view(file.name) != dialect.status.record) continue;
    const std::size_t size = file.encode(ready, Role::Main, bytes);
    const std::optional<DecodedStatus> back = dialect.status.decode(ByteView(bytes).first(size));
    return back && back->snapshot.main.ready;
  }
  return false;
}

bool exit_stops_service(const Convention& convention) {
  const Steps& steps = convention.steps(Verb::Exit);
  return std::find(steps.begin(), steps.end(), Do::Terminate) != steps.end();
}

}  // namespace kindred
