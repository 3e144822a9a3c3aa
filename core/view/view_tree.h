#pragma once
// A view tree: the services of a supervisor, shown in one dialect below one directory. Each has the directory
// NAME there, its log NAME/log, as that family's clients expect a service directory to be.

#include "core/dialect/dialect.h"
#include "core/sys/unique_fd.h"

namespace kindred {

struct ViewTree {
  const Dialect* dialect = nullptr;
  UniqueFd root;
};

}  // namespace kindred
