#pragma once
// A process that is no child of ours: what /proc tells of it, how it is held still, and how it is ended.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/native/takeover_plan.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A process by name, for who looks for supervisors and scanners.
struct NamedProcess {
  pid_t pid = 0, parent = 0;
  std::string name;  ///< 15 bytes of it at most
};
/// All of them that /proc shows.
[[nodiscard]] std::vector<NamedProcess> named_processes();

/// "/proc/PID" and what is below it.
[[nodiscard]] std::string path_of(pid_t pid, const std::string& below);

/// Empty where there is none.
[[nodiscard]] std::string name_of(pid_t pid);
/// What a program of PATH says on standard output, to the end of its first line; empty where there is none. Not for one
/// that may wait.
[[nodiscard]] std::string answer_of(std::vector<std::string> words);

/// It is our effective user's, and executes no kindred.
[[nodiscard]] bool is_foreign_of_ours(pid_t pid);
/// Its working directory; nullopt where it may not be known.
[[nodiscard]] std::optional<FileId> working_directory_of(pid_t pid);
/// FIFOs and pipes that it has open.
[[nodiscard]] std::vector<HeldFifo> fifos_of(pid_t pid);
[[nodiscard]] std::vector<ForeignChild> children_of(pid_t pid);
/// Whether it has that file open.
[[nodiscard]] bool has_open(pid_t pid, const FileId& file);
/// A FIFO or pipe of it, opened anew and without waiting. Errors: ESTALE where it is another by now.
[[nodiscard]] Result<UniqueFd> open_fifo_of(pid_t pid, const TakenFifo& fifo);
/// A descriptor of it, whatever it is; none where that is refused.
[[nodiscard]] UniqueFd copy_descriptor_of(pid_t pid, int process, int fd);

/// A process that is held still for as long as this lives. If we die meanwhile the kernel lets it go on.
class HeldStill {
 public:
  /// Errors: EPERM where the kernel does not let us.
  [[nodiscard]] static Result<HeldStill> hold(pid_t pid);
  HeldStill(HeldStill&& from) noexcept : pid_(std::exchange(from.pid_, 0)), signal_(from.signal_) {}
  HeldStill& operator=(HeldStill&&) = delete;
  ~HeldStill();
  /// Ends it, and waits for that.
  [[nodiscard]] Status end();

 private:
  HeldStill(pid_t pid, int signal) : pid_(pid), signal_(signal) {}
  pid_t pid_;
  int signal_;  ///< that it was about to be given
};

}  // namespace kindred
