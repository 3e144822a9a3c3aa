// argv0 FILE NAME [ARGUMENT...]: runs FILE under another name. Source: interfaces/freedt.md section 3.9.

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/chain/exec_into.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int argv0_main(int argc, char** argv) {
  constexpr const char* kUsage = "argv0: usage: argv0 program name [args ...]";
  if (const auto code = answered(argc, argv, "argv0", kUsage)) return *code;
  if (argc < 3) return misused(kUsage);
  return fatal("argv0", exec_into(argv[1], argv + 2));
}

}  // namespace kindred::freedt
