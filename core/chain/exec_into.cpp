#include "core/chain/exec_into.h"

#include "core/sys/execute.h"

namespace kindred {

Error exec_into(const char* file, char* const argv[]) {
  const int error = execute(file, argv);
  return error_here("run", file, error);
}

Error exec_into(const char* file, char* const argv[], Environment environment) {
  const int error = execute(file, argv, environment.block().data());
  return error_here("run", file, error);
}

}  // namespace kindred
