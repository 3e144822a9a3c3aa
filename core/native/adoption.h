#pragma once
// What both ways of kindred adopt share: taking over, and handing back.

#include <sys/types.h>

#include <string>

#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/native/scanner_launch.h"

namespace kindred {

inline constexpr const char* kAdopt = "kindred adopt";

/// "unable to hold process 7: operation not permitted".
[[nodiscard]] std::string adoption_trouble(const Error& error);
/// Says it, as what all of it failed of; returns the exit code.
int adoption_failed(const Error& error);
[[nodiscard]] std::string process_text(pid_t pid);

/// The directory that a process of kindred's scans; empty: it scans none.
[[nodiscard]] std::string directory_scanned_by(pid_t pid);
[[nodiscard]] bool is_same_directory(const std::string& path, const DirectoryId& id);

/// Whether what a process has started goes on when it ends. Errors: a service manager would end all of its unit with it.
[[nodiscard]] Status outlives(pid_t pid, pid_t parent, const ProcessSetting& setting);

/// Hands what kindred supervises below that directory, or in it, to supervisors of an original, which start it again once;
/// `dry`: only tells what would be done. Returns the exit code.
int release(const std::string& path, bool dry);

/// Takes over what another kindred, whose run directory that is, supervises in the directory, or the one service that the
/// directory is; `dry` as above. Returns the exit code.
int transfer(const std::string& path, const std::string& run_directory, bool dry);

/// The words of `kindred scan` with another run directory, where they name one. Pure.
[[nodiscard]] std::vector<std::string> words_for_run_directory(std::vector<std::string> words,
                                                               const std::string& directory);

/// The words of a scanner of kindred's as they start the original's: the program by its path, what names the directory by
/// its own, since kindred has gone there. Pure.
[[nodiscard]] std::vector<std::string> words_for_original(std::vector<std::string> words,
                                                          const std::string& program,
                                                          const std::string& scan_directory);

}  // namespace kindred
