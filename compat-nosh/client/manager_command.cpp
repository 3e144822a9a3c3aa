#include "compat-nosh/client/manager_command.h"

#include <algorithm>

namespace kindred::nosh {
namespace {

constexpr int kNormal[] = {10, 0}, kRescue[] = {10, 1}, kEmergency[] = {2};
constexpr int kHalt[] = {3}, kPowerOff[] = {4}, kReboot[] = {5}, kPowerCycle[] = {7};
constexpr int kForcedHalt[] = {13}, kForcedPowerOff[] = {14}, kForcedReboot[] = {15},
              kForcedPowerCycle[] = {17};

constexpr ManagerCommand kCommands[] = {
    {"halt", "h", "H", kHalt, kForcedHalt},
    {"poweroff", "p", "P", kPowerOff, kForcedPowerOff},
    {"reboot", "r", "R", kReboot, kForcedReboot},
    {"powercycle", "c", "C", kPowerCycle, kForcedPowerCycle},
    {"emergency", "b", "", kEmergency, {}},
    {"rescue", "Ss", "", kRescue, {}},
    {"single", "Ss", "", kRescue, {}},
    {"normal", "Sn", "", kNormal, {}},
    {"default", "Sn", "", kNormal, {}},
};

struct Level {
  std::string_view word, command;
};
/// The later ones win.
constexpr Level kLevels[] = {
    {"2", "normal"},
    {"3", "normal"},
    {"4", "normal"},
    {"5", "normal"},
    {"m", "normal"},
    {"auto", "normal"},
    {"default", "normal"},
    {"normal", "normal"},
    {"multi", "normal"},
    {"h", "halt"},
    {"H", "halt"},
    {"6", "reboot"},
    {"c", "powercycle"},
    {"C", "powercycle"},
    {"0", "poweroff"},
    {"-o", kUpdateLevel},
    {"--update", kUpdateLevel},
    {"update", kUpdateLevel},
    {"-s", "rescue"},
    {"--single", "rescue"},
    {"1", "rescue"},
    {"s", "rescue"},
    {"S", "rescue"},
    {"single", "rescue"},
    {"rescue", "rescue"},
    {"-b", "emergency"},
    {"--emergency", "emergency"},
    {"b", "emergency"},
    {"B", "emergency"},
    {"emergency", "emergency"},
};

}  // namespace

const ManagerCommand* find_manager_command(std::string_view name) {
  const bool fast = name.starts_with("fast");
  if (fast) name.remove_prefix(4);
  if (fast && name == "boot") name = "reboot";
  for (const ManagerCommand& command : kCommands)
    if (command.name == name && (!fast || !command.forced_bytes.empty())) return &command;
  return nullptr;
}

std::string_view run_level(std::span<const char* const> words, std::vector<std::string>& unknown) {
  const Level* greatest = kLevels;
  bool is_value = false;
  for (const std::string_view word : words) {
    // Options of other inits, which mean nothing.
    if (is_value || word == "-a" || word == "-f" || word == "-z") {
      is_value = !is_value && word == "-z";
      continue;
    }
    const auto* const level = std::ranges::find(kLevels, word, &Level::word);
    if (level == std::end(kLevels))
      unknown.emplace_back(word);
    else
      greatest = std::max(greatest, level);
  }
  return greatest->command;
}

}  // namespace kindred::nosh
