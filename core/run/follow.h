#pragma once
// A program that goes on in the background, held in the foreground: its supervisor sees one process that lives as long as
// it does, and is signalled what it is to be signalled. Source: systemd.service(5) "Type=forking", "PIDFile=".

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

/// A pid file's content; nullopt: it is none.
[[nodiscard]] std::optional<pid_t> parse_pid(std::string_view text);

/// Adopts what the program, which `start` starts, leaves behind; passes signals on to the process that the pid file
/// names, or else to the one that is left, and returns its exit code, or 128 and its signal.
/// Errors: of fork(2); code 0 where the program failed, or left nobody.
[[nodiscard]] Result<int> follow(pid_t (*start)(void* argument), void* argument, const std::string& pid_file);

}  // namespace kindred
