#pragma once
// File systems that a process and what it starts have to themselves: for who is in a mount namespace of its own.

#include <string>

#include "core/base/result.h"

namespace kindred {

/// An empty file system in memory takes the directory's place. `options`: as tmpfs has them; `flags`: mount(2)'s, beside
/// what no such file system may have.
[[nodiscard]] Status mount_memory(const std::string& path, const char* options, unsigned long flags);
/// A /dev with the devices that every program may use, terminals, and the usual links.
[[nodiscard]] Status replace_devices();

}  // namespace kindred
