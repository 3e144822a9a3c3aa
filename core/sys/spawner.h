#pragma once
// Making a process. What is to happen between fork and exec is computed as data before; the child neither
// allocates nor knows a family.

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <memory>

#include "core/base/error_text.h"
#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// In whose session and process group a child is.
enum class Session : std::uint8_t {
  Ours,
  Led,     ///< in one of its own, which it leads
  Joined,  ///< in one of its own, whose leader has ended: it may still make one that it leads
};

/// Is told of a child before it is executed. Called in the child, which shares our memory and descriptors
/// while we wait for it, and has its own stack of a few dozen KiB: it may do what we may, but must not wait.
/// Where a container permits no child that shares descriptors, it is called in ourselves, once the child has
/// been executed.
class ChildListener {
 public:
  virtual void on_child(pid_t pid) noexcept = 0;

 protected:
  ~ChildListener() = default;
};

/// The sub-reaper of a child and of all that the child makes; see process_tree.h.
struct Head {
  pid_t pid = 0;
  UniqueFd told;  ///< what it tells
};

struct SpawnPlan {
  const char* file = nullptr;  ///< executed from the working directory
  const char* const* argv = nullptr;
  int directory = -1;                        ///< the working directory
  const char* subdirectory = nullptr;        ///< … or this one in it
  const char* const* environment = nullptr;  ///< null: ours
  /// Where the child writes its own pid before it is executed, as digits and a NUL; null: nowhere. Part of
  /// the environment, usually.
  char* own_pid = nullptr;
  int input = -1;            ///< becomes descriptor 0, opened for reading only; -1: inherited
  int output = -1;           ///< becomes descriptor 1, opened for writing only; -1: inherited
  bool with_errors = false;  ///< … and descriptor 2
  /// Descriptors that become others: read-and-write as they were opened.
  struct Extra {
    int from = -1;
    int to = -1;  ///< -1: none
  };
  static constexpr std::size_t kMostExtra = 3;
  std::array<Extra, kMostExtra> extra{};
  Session session = Session::Ours;
  int group = -1;        ///< the processes of a control group, to which it writes that it is one; -1: none
  Head* head = nullptr;  ///< where its head is told of, which is to be its parent; null: it has none
  ChildListener* listener = nullptr;
  /// What the child says before the reason when it cannot exec; it then exits with `failure_code`. Null:
  /// silence.
  const char* failure_prefix = nullptr;
  ErrorText failure_text = error_text;  ///< how the reason is put
  int failure_code = 111;
  /// A child that cannot exec says nothing and is none: that is an error of spawn().
  bool must_exec = false;
};

struct ChildContext;

class Spawner {
 public:
  virtual ~Spawner() = default;
  /// The pid of the child, which has executed its program or has said why not. One below a head is no child of ours.
  /// Errors: that of clone(2), operation "fork". The child's failure to exec is its own affair, but where the
  /// plan says that it must: then operation "spawn", object its file.
  [[nodiscard]] virtual Result<pid_t> spawn(const SpawnPlan& plan) noexcept = 0;
};

/// Children share nothing with us but what the plan says, what we inherited ourselves, and 0, 1, 2.
class SystemSpawner final : public Spawner {
 public:
  /// Call before any other descriptor is opened: what is open now is what children inherit. `first_free`: from there on
  /// it is not, whatever is open; -1: there is nothing yet that is not.
  [[nodiscard]] Status open(const sigset_t& mask, int first_free = -1);
  /// Raises our limit on descriptors: to what the kernel has for any process (fs.nr_open) where the hard limit
  /// may be raised, else to that; where nothing is to be had it stays as it is. Children get back what it was, hard and
  /// soft.
  void raise_descriptor_limit();
  [[nodiscard]] Result<pid_t> spawn(const SpawnPlan& plan) noexcept override;
  /// How many descriptors may be open at one time.
  [[nodiscard]] rlim_t descriptor_limit() const { return limit_; }

 private:
  /// Makes the child below a head. Errors: -1 and errno.
  [[nodiscard]] pid_t make_below_head(ChildContext& context, Head& head) noexcept;

  // The child is made with our descriptor table, which may hold twenty thousand entries, and takes a private
  // copy of its lowest part only: these five, just above what we inherited, carry the plan's descriptors into
  // that part.
  UniqueFd input_slot_, output_slot_;
  std::array<UniqueFd, SpawnPlan::kMostExtra> extra_slots_;
  int first_private_ = 3;
  bool shares_table_ = true;  ///< a child, until it takes a copy of its own
  sigset_t mask_{};
  rlimit inherited_limit_{};
  bool limit_raised_ = false;
  rlim_t limit_ = 1024;
  std::unique_ptr<char[]> stack_;
};

}  // namespace kindred
