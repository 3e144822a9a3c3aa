#pragma once
// The entries of an open directory as the kernel gives them: one call for many, no allocation.

#include <dirent.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace kindred {

/// Calls `visit(name, type)` for each entry from where the descriptor stands, "." and ".." among them; the type is d_type,
/// which some file systems leave at DT_UNKNOWN. Errors: errno of what could not be read, 0 for none.
template <class Visit>
int for_each_entry(int directory, const Visit& visit) {
  alignas(dirent64) char entries[2048];
  for (;;) {
    const ssize_t size = ::getdents64(directory, entries, sizeof entries);
    if (size <= 0) return size == 0 ? 0 : errno;
    for (ssize_t at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(entries + at);
      at += entry->d_reclen;
      visit(static_cast<const char*>(entry->d_name), entry->d_type);
    }
  }
}

}  // namespace kindred
