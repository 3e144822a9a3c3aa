#pragma once
// The arguments of a script, from the words that its convention names and the status record.

#include "core/base/fixed_vector.h"
#include "core/service/convention.h"
#include "core/service/status_record.h"

namespace kindred {

/// An argument vector that lives on the stack: the script's name, its words, null.
class ScriptArguments {
 public:
  ScriptArguments(const ScriptRule& rule, const StatusRecord& record, const char* service_name);
  [[nodiscard]] const char* const* argv() const { return argv_; }

 private:
  static constexpr std::size_t kMost = 8;
  const char* argv_[kMost + 2]{};
  char numbers_[kMost][12]{};
};

}  // namespace kindred
