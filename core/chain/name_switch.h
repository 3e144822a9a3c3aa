#pragma once
// What the name service switch knows. It loads its sources as shared objects, which a chain tool, linked
// statically, cannot: a small program beside it is asked.

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

/// The helper's answer without its last newline; "" for a name that nobody knows, and where there is no helper.
/// `what`: see account_helper.cpp. Errors: pipe's and fork's; operation "look for".
[[nodiscard]] Result<std::string> ask_name_switch(const char* what, std::string_view name);

}  // namespace kindred
