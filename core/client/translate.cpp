#include "core/client/translate.h"

#include <algorithm>

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

bool exit_stops_service(const Convention& convention) {
  const Steps& steps = convention.steps(Verb::Exit);
  return std::find(steps.begin(), steps.end(), Do::Terminate) != steps.end();
}

}  // namespace kindred
