#pragma once
// The keeper: the process that the user's init started, and the parent of the core, which does all the work. It shares
// its descriptor table with the core (CLONE_FILES), so that every FIFO, pipe and socket that the core has opened is
// still open when the core is killed; orphans of a core become its children, and it takes no notice of how they end
// but tells the next core, which says when that may be forgotten. It starts a core in place of one that was killed.
//
// Core and keeper talk over a pair of datagram sockets, of which each core has a new one:
//
//   keeper -> core   Ended{pid, status as of wait(2)}    a child that no core that lives has made has ended
//   core -> keeper   Ended{pid, 0}                       … is known, and may be reaped
//   core -> keeper   Ended{0, 0}                         once: nothing is open any more but what is still used
//   core -> keeper   Ended{0, signal}                    what that signal asks for has been done
//   keeper -> core   Ended{0, 0}                         end here and now: another goes on in your place
//
// Source: none of the originals has such a thing.

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/sys/signals.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// The core's side.
struct Kept {
  pid_t keeper = 0;
  int link = -1;       ///< to the keeper
  int first_free = 0;  ///< from here on descriptors are the keeper's and the core's, below they came with us
  bool shares_descriptors = false;  ///< … with the keeper, and with the core before this one
  bool begins = true;               ///< there was no core before this one
  std::uint64_t since = 0;  ///< when the keeper began, in nanoseconds after boot: no two began at once
  std::vector<int> others;  ///< descriptors that are open and are not the core's to close
};
/// Of this process; null where nobody keeps it.
[[nodiscard]] const Kept* kept() noexcept;
/// The process that others know: the keeper, or ourselves where there is none.
[[nodiscard]] pid_t known_pid() noexcept;
/// The keeper is ourselves from now on: the other one has died.
void forget_keeper() noexcept;

/// What keeper and core tell each other.
struct Ended {
  std::int32_t pid = 0;
  std::int32_t status = 0;
};

class Keeper {
 public:
  Keeper() = default;
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// Call before any other descriptor is opened: what is open now is the services'.
  void open() noexcept;
  /// Makes a core: 0 in itself, where kept() is not null from now on; its pid in the keeper, which is back when the
  /// core has taken over what the core before it had open. `mask`: signals that the keeper was started with blocked,
  /// which is what the core takes for its own. `others`: descriptors that the keeper has opened and needs.
  [[nodiscard]] Result<pid_t> make_core(const sigset_t& mask, std::span<const int> others);
  /// Readable when look() has something to do, besides SIGCHLD; -1: there is no core.
  [[nodiscard]] int fd() const { return link_; }
  /// A child may have ended, or the core has said something.
  void look() noexcept;
  /// A signal that is the core's. One that is killed before it has done what it was told leaves that to the next.
  void pass_on(int signal) noexcept;
  /// The core; 0: there is none.
  [[nodiscard]] pid_t core() const { return core_; }
  /// With the latest core.
  [[nodiscard]] bool shares_descriptors() const { return core_link_ >= 0; }
  /// Ends the core between two of its turns, and executes this program anew, which goes on with what there is. Comes
  /// back only with what kept it; then there is no core. `mask`: as make_core()'s.
  [[nodiscard]] Error upgrade(const sigset_t& mask);
  /// How the latest core has ended, as of wait(2), once.
  [[nodiscard]] std::optional<int> take_end() noexcept { return std::exchange(end_, std::nullopt); }
  /// When a core that has been killed may be replaced: at once, unless many were of late.
  [[nodiscard]] Instant replace_at(Instant now) noexcept;

 private:
  void tell() noexcept;
  void reap_core() noexcept;
  void close_link() noexcept;

  int first_free_ = 3;
  std::uint64_t since_ = 0;
  int link_ = -1, core_link_ = -1;  ///< not owned alone: the core has both open, too
  pid_t core_ = 0, told_ = 0;
  bool has_made_ = false;  ///< a core
  std::optional<int> end_;
  sigset_t unheard_{};                   ///< signals that no core has obeyed yet
  std::vector<int> inherited_;           ///< what came with us, and goes to services
  std::vector<int> handed_;              ///< what the program before us handed over: the core's
  std::optional<std::vector<int>> own_;  ///< what was open before there was a core
  static constexpr std::size_t kBurst = 32;
  std::array<Instant, kBurst> replaced_{};
  std::size_t next_ = 0;
};

struct KeepOptions {
  std::span<const int> signals;  ///< that the core takes: the keeper passes them on
  const char* title = "";        ///< what follows the core's name in the process list
};

/// Runs `core` in a process that is made anew when it is killed, until it ends by itself; returns its exit code. Where
/// the environment says KINDRED_KEEPER=none, or no process can be made, it runs in this one.
[[nodiscard]] int keep(const KeepOptions& options, const std::function<int()>& core);

/// On standard error: the old program goes on.
void say_not_upgraded(const Error& error);

/// Whether the environment wants no keeper.
[[nodiscard]] bool wants_no_keeper() noexcept;

/// The name of a core in the process list.
inline constexpr const char* kCoreName = "kindred-core";

}  // namespace kindred
