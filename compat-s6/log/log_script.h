#pragma once
// s6-log's script language. Pure. Source: interfaces/s6.md section 12.1.

#include <sys/types.h>

#include <span>

#include "core/base/result.h"
#include "core/log/log_script.h"

namespace kindred::s6 {

struct ParsedScript {
  LogScript script;
  bool extraneous = false;  ///< a selection stands behind the last action
};

///   +RE -RE f              select
///   nN sN SN lN rMS RSECS  for the directories that follow
///   EN ^N pTEXT            for the actions that follow
///   !CMD ?CMD              processor of the directories that follow
///   t T                    stamp of the next action
///   1 2 =FILE ./DIR /DIR   actions
/// A directory named twice is one, with what was set when it was named first. `mask`: the process's umask.
/// Errors: code 0, the operation in the original's words.
[[nodiscard]] Result<ParsedScript> parse_script(std::span<char* const> words, mode_t mask);

}  // namespace kindred::s6
