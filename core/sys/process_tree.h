#pragma once
// What a process has forked, wherever it went: as the kernel tells, which no process of a user can change. Its environment,
// its name and its session are not asked.
//
// Either all of them are in a control group of their own, which they were born into; or they are below a *head*: a process
// of ours, their ancestor and their sub-reaper, which does nothing but wait for them.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class ProcessTree {
 public:
  /// In that directory of a control group.
  [[nodiscard]] static ProcessTree in_group(std::string directory);
  [[nodiscard]] static ProcessTree below(pid_t head);

  /// 0: there is none.
  [[nodiscard]] pid_t head() const { return head_; }
  /// Those that live, without the head; none where there is no memory to list them.
  [[nodiscard]] std::vector<pid_t> members() const noexcept;
  /// The oldest of those that no other of them has made; 0: none lives.
  [[nodiscard]] pid_t eldest() const noexcept;
  /// To each of them. KILL leaves none, whatever they fork meanwhile.
  void signal(int number) const noexcept;
  /// The group, if it is empty, is there no more.
  void forget() const noexcept;

 private:
  std::string group_;
  pid_t head_ = 0;
};

/// The group of that name in `own`/kindred, which is made if need be: its directory.
[[nodiscard]] std::string group_directory(const std::string& own, const std::string& name);
/// … for who is to be born into it, by writing "0". Errors: what could not be done.
[[nodiscard]] Result<UniqueFd> open_group(const std::string& own, const std::string& name);

/// Those in the group that such a kindred has made for that process; none where it has no such group.
[[nodiscard]] std::vector<pid_t> group_members_with(pid_t pid);

/// Whether the kernel tells whose children are whose.
[[nodiscard]] bool tells_children() noexcept;

/// What a head tells of each child of its own, before its number is free again.
struct HeadTells {
  std::int32_t pid = 0;
  std::int32_t status = 0;  ///< as of wait(2)
};

/// What a head is called in the process list.
inline constexpr const char* kHeadName = "kindred-tree";

/// From now on this process is the head of what it makes …
void become_head() noexcept;
/// … and waits until all of that has ended.
[[noreturn]] void be_head(int told) noexcept;

}  // namespace kindred
