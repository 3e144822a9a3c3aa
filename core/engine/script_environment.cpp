#include "core/engine/script_environment.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace kindred {
namespace {

std::size_t count_variables() {
  std::size_t count = 0;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) ++count;
  return count;
}

bool names(const char* variable, const char* name) {
  const std::size_t size = std::strlen(name);
  return std::strncmp(variable, name, size) == 0 && variable[size] == '=';
}

std::int64_t seconds_lived(const ServiceMachine& machine, Instant now) {
  const Duration lived = now - machine.started_at;
  return std::chrono::round<std::chrono::seconds>(lived).count();
}

}  // namespace

ScriptEnvironment::ScriptEnvironment() : pointers_(count_variables() + kMost + 1) {}

void ScriptEnvironment::give(const ScriptRule& rule, const ServiceMachine& machine, Instant now,
                             SpawnPlan& plan) noexcept {
  if (rule.environment.empty()) return;
  std::size_t count = 0;
  for (std::size_t i = 0; i < rule.environment.size(); ++i) {
    const Variable& variable = rule.environment[i];
    std::int64_t number = 0;
    if (variable.fact == Fact::EndedPid) number = machine.run_pid;
    if (variable.fact == Fact::SecondsLived) number = seconds_lived(machine, now);
    const int size = std::snprintf(texts_[i], kLongest, "%s=%" PRId64, variable.name, number);
    if (variable.fact == Fact::OwnPid) plan.own_pid = texts_[i] + size - 1;
    pointers_[count++] = texts_[i];
  }
  for (char** ours = environ; ours != nullptr && *ours != nullptr && count + 1 < pointers_.size(); ++ours) {
    bool taken = false;
    for (const Variable& variable : rule.environment) taken = taken || names(*ours, variable.name);
    if (!taken) pointers_[count++] = *ours;
  }
  pointers_[count] = nullptr;
  plan.environment = pointers_.data();
}

}  // namespace kindred
