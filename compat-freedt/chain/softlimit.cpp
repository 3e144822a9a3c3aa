// softlimit [OPTION...] PROGRAM [ARGUMENT...]: runs a program within soft resource limits.
// Source: interfaces/freedt.md section 3.9, interfaces/daemontools.md section 10.2.

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/chain/exec_into.h"
#include "core/chain/soft_limit.h"
#include "core/cli/options.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int softlimit_main(int argc, char** argv) {
  constexpr const char* kUsage =
      "softlimit: usage: softlimit [ -a allbytes ] [ -c corebytes ] [ -d databytes ] [ -f filebytes ] "
      "[ -l lockbytes ] [ -m membytes ] [ -o openfiles ] [ -p processes ] [ -r residentbytes ] "
      "[ -s stackbytes ] [ -t cpusecs ] program [ arg ... ]";
  if (const auto code = answered(argc, argv, "softlimit", kUsage)) return *code;
  Options options(argc, argv, soft_limit_letters().c_str());
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused(kUsage);
    const auto limit = parse_soft_limit(letter, options.argument());
    if (!limit) return misused(kUsage);
    if (const Status applied = apply(*limit); !applied) return fatal("softlimit", applied.error());
  }
  const auto program = options.operands();
  if (program.empty()) return misused(kUsage);
  return fatal("softlimit", exec_into(program[0], program.data()));
}

}  // namespace kindred::freedt
