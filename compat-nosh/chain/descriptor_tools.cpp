// Tools of descriptors. Source: interfaces/nosh-system.md section 4.4.

#include <fcntl.h>

#include <climits>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {

ChainRequest parse_fdmove(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{'c', "copy", "leave FROM open"}};
  ToolWords words(argc, argv, kOptions, "TO FROM PROGRAM...");
  MoveDescriptor step;
  step.to = static_cast<int>(words.take_number("destination file descriptor", 0, INT_MAX));
  step.from = static_cast<int>(words.take_number("source file descriptor", 0, INT_MAX));
  // A copy of a descriptor to itself is there already.
  step.keeps_from = words.has("copy") && step.to != step.from;
  return words.then(step);
}

ChainRequest parse_fdredir(int argc, char** argv, const Environment&) {
  struct Kind {
    std::string_view name;
    int flags;
  };
  constexpr Option kOptions[] = {
      {'r', "read", "for reading"},
      {'w', "write", "for writing, from the beginning"},
      {'x', "write-noclobber", "for writing, where there is no such file"},
      {'a', "append", "for writing, at the end"},
      {'c', "append-noclobber", "likewise, where there is no such file"},
      {'u', "update", "for both, as it is"},
      {'d', "directory", "a directory"},
      {'n', "non-blocking", "do not wait for the other end of a FIFO"},
      {'m', "mode", "of a file that is made (0666)", true},
  };
  constexpr Kind kKinds[] = {
      {"read", O_RDONLY},
      {"write", O_WRONLY | O_CREAT | O_TRUNC},
      {"write-noclobber", O_WRONLY | O_CREAT | O_EXCL},
      {"append", O_WRONLY | O_CREAT | O_APPEND},
      {"append-noclobber", O_WRONLY | O_CREAT | O_EXCL | O_APPEND},
      {"update", O_RDWR | O_CREAT},
      {"directory", O_RDONLY | O_DIRECTORY},
  };
  constexpr long kMostMode = 07777;
  constexpr mode_t kUsualMode = 0666;
  ToolWords words(argc, argv, kOptions, "DESCRIPTOR FILE PROGRAM...");
  OpenDescriptor step;
  step.mode = kUsualMode;
  const char* chosen = nullptr;
  for (const Arguments::Given& given : words.options())
    for (const Kind& kind : kKinds) {
      if (given.option->name != kind.name) continue;
      if (chosen != nullptr) words.complain({given.option->name, ": conflicting option"});
      chosen = given.option->name;
      step.flags = kind.flags;
    }
  step.flags |= O_NOCTTY;
  step.changes_blocking = words.has("non-blocking");
  if (step.changes_blocking) step.flags |= O_NONBLOCK;
  if (const auto mode = words.number("mode", 0, kMostMode)) step.mode = static_cast<mode_t>(*mode);
  step.descriptor = static_cast<int>(words.take_number("file descriptor", 0, INT_MAX));
  step.path = words.take("file name");
  return words.then(std::move(step));
}

}  // namespace kindred::nosh
