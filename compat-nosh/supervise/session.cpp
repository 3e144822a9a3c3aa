#include "compat-nosh/supervise/session.h"

#include <signal.h>

#include <algorithm>

namespace kindred::nosh {
namespace {

constexpr int kNormal = 0, kHalt = 3, kSysinit = 10, kForced = 13, kKinds = 3;

constexpr SessionCommand kCommands[] = {
    {"halt", "h", "H"},       {"poweroff", "p", "P"}, {"reboot", "r", "R"},
    {"powercycle", "c", "C"}, {"emergency", "b", ""}, {"rescue", "Ss", ""},
    {"single", "Ss", ""},     {"normal", "Sn", ""},   {"default", "Sn", ""},
};

struct Level {
  std::string_view word, command;
};
/// The later ones win.
constexpr Level kLevels[] = {
    {"2", "normal"},       {"3", "normal"},        {"4", "normal"},
    {"5", "normal"},       {"m", "normal"},        {"auto", "normal"},
    {"default", "normal"}, {"normal", "normal"},   {"multi", "normal"},
    {"h", "halt"},         {"H", "halt"},          {"6", "reboot"},
    {"c", "powercycle"},   {"C", "powercycle"},    {"0", "poweroff"},
    {"-s", "rescue"},      {"--single", "rescue"}, {"1", "rescue"},
    {"s", "rescue"},       {"S", "rescue"},        {"single", "rescue"},
    {"rescue", "rescue"},  {"-b", "emergency"},    {"--emergency", "emergency"},
    {"b", "emergency"},    {"B", "emergency"},     {"emergency", "emergency"},
};

}  // namespace

std::vector<int> session_signals() {
  std::vector<int> signals = {SIGTERM, SIGINT, SIGHUP, SIGRTMIN + kSysinit};
  for (int kind = 0; kind < kKinds; ++kind)
    signals.insert(signals.end(),
                   {SIGRTMIN + kNormal + kind, SIGRTMIN + kHalt + kind, SIGRTMIN + kForced + kind});
  return signals;
}

bool SessionRequests::take_signal(int signal) {
  const int request = signal - SIGRTMIN;
  const auto is = [&](int first) { return request >= first && request < first + kKinds; };
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP || is(kHalt))
    halt_ = true;
  else if (is(kNormal))
    normal_ = true;
  else if (request == kSysinit)
    sysinit_ = true;
  else if (is(kForced))
    ends_ = true;
  else
    return false;
  return true;
}

bool SessionRequests::take_byte(char byte) {
  const auto is = [&](std::string_view bytes) { return bytes.find(byte) != std::string_view::npos; };
  if (is("S"))
    sysinit_ = true;
  else if (is("n"))
    normal_ = true;
  else if (is("hprc"))
    halt_ = true;
  else if (is("HPRC"))
    ends_ = true;
  else
    return false;
  return true;
}

std::string_view SessionRequests::next_target() {
  struct Request {
    bool& wanted;
    std::string_view target;
  };
  for (const Request& request : {Request{sysinit_, "sysinit"}, {normal_, "normal"}, {halt_, "halt"}}) {
    if (!request.wanted) continue;
    request.wanted = false;
    return request.target;
  }
  return {};
}

const SessionCommand* find_session_command(std::string_view name) {
  const bool fast = name.starts_with("fast");
  if (fast) name.remove_prefix(4);
  if (fast && name == "boot") name = "reboot";
  for (const SessionCommand& command : kCommands)
    if (command.name == name && (!fast || !command.forced.empty())) return &command;
  return nullptr;
}

std::string_view session_level(std::span<char* const> words, std::vector<std::string>& unknown) {
  const Level* greatest = kLevels;
  for (const char* const word : words) {
    const auto* const level = std::ranges::find(kLevels, std::string_view(word), &Level::word);
    if (level == std::end(kLevels))
      unknown.emplace_back(word);
    else
      greatest = std::max(greatest, level);
  }
  return greatest->command;
}

}  // namespace kindred::nosh
