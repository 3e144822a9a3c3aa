#pragma once
// A supervise directory, kept: lock, FIFOs, status files and what else a dialect lays out. The only code that
// touches one for a supervisor. A service has one in its home, and one in each view tree.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/fd_store.h"
#include "core/sys/held_file.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class SuperviseDirView {
 public:
  /// `base` stays open as long as the view, which does not own it. `prefix` leads from there to where the
  /// service is, with its last "/": empty for the service directory itself, "log/" for its log's, "NAME/" in
  /// a view tree. The dialect is one that keeps something in service directories.
  SuperviseDirView(const Dialect& dialect, Role role, int base, std::string prefix)
      : dialect_(&dialect), prefix_(std::move(prefix)), base_(base), role_(role) {}

  [[nodiscard]] const Dialect& dialect() const { return *dialect_; }
  [[nodiscard]] Role role() const { return role_; }
  /// The control FIFO, for reading.
  [[nodiscard]] int control_fd() const { return control_.get(); }
  /// A view like this one that holds nothing yet.
  [[nodiscard]] SuperviseDirView blank() const { return {*dialect_, role_, base_, prefix_}; }

  /// Makes what claim(), open_control() and announce() would make, and holds nothing of it: for another process than
  /// the one that is going to hold it, and beside that one.
  void make_ahead() const noexcept;
  /// This process goes on in another's place: what that wrote here stays, and what it had open is taken from there, as
  /// far as it is what open_control() and announce() would open. Call between claim() and open_control().
  void resume(FdStore& from) noexcept;
  /// Makes the directory and takes its lock. Errors: EAGAIN where another supervisor holds it; the error's
  /// object is the path in the service directory.
  [[nodiscard]] Status claim();
  /// What a supervisor before us wrote last. Call between claim() and publish().
  [[nodiscard]] std::optional<DecodedStatus> left_behind() const;
  /// Opens the control FIFO.
  [[nodiscard]] Status open_control();
  /// Gives `ok` its reader, once: from here on clients take the service for supervised. Call after the first
  /// publish().
  [[nodiscard]] Status announce();
  [[nodiscard]] bool announced() const { return announced_; }
  /// Brings the status files up to date; files that would not change are left alone. Errors: errno of the
  /// file that could not be written, whose name is then in `failed`; 0 for none.
  [[nodiscard]] int publish(const GroupSnapshot& snapshot, const char*& failed) noexcept;
  /// Tells those who wait in the event directory, if the dialect has one.
  void tell(std::span<const Notice> notices) noexcept;
  /// Adds a death of run to the tally, if the dialect keeps one. `most`: how many it holds; -1: as the
  /// dialect says.
  void count_death(WallTime when, ExitStatus how, int most) noexcept;
  /// Reads control bytes that have come, at most `limit` of them. 0 for none.
  [[nodiscard]] std::size_t read_control(ByteSpan out) noexcept;
  /// Nothing has come that has not been read.
  [[nodiscard]] bool control_is_empty() const noexcept;
  /// Lets go of everything; the files stay.
  void close() noexcept;

  /// Removes from a view tree, after close(), what was made there; a directory in which something else is
  /// left stays.
  void remove() noexcept;

  /// The path from the service: "supervise/NAME".
  [[nodiscard]] std::string path(const char* name) const;

 private:
  [[nodiscard]] Status make_events() const;
  [[nodiscard]] Status make_directories() const;
  void path_to(char* out, std::size_t size, const char* name, const char* suffix) const noexcept;
  [[nodiscard]] int write_status(const StatusFile& file, ByteView content, bool first) noexcept;

  const Dialect* dialect_;
  std::string prefix_;
  UniqueFd control_;
  HeldLock lock_;
  UniqueFd ok_;
  int base_;
  /// Fingerprint of what each status file holds on disk; 0: nothing of ours.
  std::array<std::uint64_t, decltype(StatusCodec::files)::capacity()> published_{};
  Role role_;
  bool announced_ = false;
  bool resumed_ = false;
};

}  // namespace kindred
