#pragma once
// Service directories on the disk, as values and back.

#include <string>

#include "core/base/result.h"
#include "core/definition/codec.h"

namespace kindred {

/// Reads a service directory whole, as who may read it: at most 4096 entries, 1 MiB a file, 16 MiB together, 16
/// directories deep. Links to executables and to directories called log, service or env are followed, since a script is
/// what it leads to; all others are kept as links, to where they lead. Of a log directory (it has a file `current`) only
/// `config` is read, and what is no file, directory or link is passed over; `losses` is told of both.
/// Errors: the operation that failed, E2BIG for what is too much; the object is the path.
[[nodiscard]] Result<DirectoryContent> load_service(const std::string& path, std::vector<Loss>& losses);

/// Makes the directory `name` in `at`, of which there must be none, with all that is in it. Owners are set where this
/// process may: a name that no account has is an error then. What was made stays behind an error.
[[nodiscard]] Status store_service(int at, const std::string& name, const DirectoryContent& content);

}  // namespace kindred
