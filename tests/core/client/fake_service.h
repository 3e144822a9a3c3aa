#pragma once
// A service directory whose supervisor is the test: it holds the FIFOs open, writes the status record by hand
// and reads what clients send.

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/base/tai64n.h"
#include "core/sys/clock.h"
#include "core/sys/unique_fd.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/wait_until.h"

namespace kindred::test {

inline void write_file(const std::filesystem::path& path, const std::string& content, mode_t mode = 0644) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  chmod(path.c_str(), mode);
}

/// The fields that the family's records begin with; those of runit and encore have two bytes more.
struct FakeRecord {
  std::int64_t age = 50;  ///< seconds; negative: in the future
  std::uint32_t pid = 0;
  bool paused = false;
  char want = 'u';
  bool term = false;       ///< runit
  std::uint8_t state = 0;  ///< runit: 0 down, 1 run, 2 finish; encore: 0 stopped … 5 failed
};

class FakeService {
 public:
  enum class Of : std::uint8_t { Daemontools, Runit, Encore };

  /// With a lock, as a living supervisor of either family leaves it.
  FakeService(const std::filesystem::path& directory, Of family) : path_(directory), family_(family) {
    std::filesystem::create_directories(supervise());
    write_file(supervise() / "lock", "", 0600);
    if (family == Of::Runit) {
      write_file(supervise() / "pid", "");
      write_file(supervise() / "stat", "down\n");
    }
    for (const char* name : {"control", "ok"}) mkfifo((supervise() / name).c_str(), 0600);
    appear();
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path supervise() const { return path_ / "supervise"; }

  void record(const FakeRecord& fields) {
    std::array<std::uint8_t, 20> bytes{};
    WallTime since = SystemClock().now().wall;
    since.seconds -= fields.age;
    put_tai64n(bytes, 0, since, TaiOffset::Constant10);
    put_le<4>(bytes, 12, fields.pid);
    bytes[16] = fields.paused;
    bytes[17] = static_cast<std::uint8_t>(fields.want);
    if (family_ == Of::Runit) bytes[18] = fields.term;
    bytes[family_ == Of::Runit ? 19 : 18] = fields.state;
    const std::size_t size = family_ == Of::Daemontools ? 18 : 20;
    write_file(supervise() / "status.new", std::string(reinterpret_cast<const char*>(bytes.data()), size));
    std::filesystem::rename(supervise() / "status.new", supervise() / "status");
  }

  /// What clients have sent since the last call.
  std::string sent() {
    std::array<char, 64> buffer;
    const ssize_t size = read(control_.get(), buffer.data(), buffer.size());
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }

  /// Whether clients have sent anything that sent() has not returned.
  [[nodiscard]] bool has_unread() const {
    int count = 0;
    return ioctl(control_.get(), FIONREAD, &count) == 0 && count > 0;
  }

  /// Readable while there is; -1 once the supervisor has left.
  [[nodiscard]] int unread_fd() const { return control_.get(); }

  void appear() {
    control_.reset(open((supervise() / "control").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    ok_.reset(open((supervise() / "ok").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  void leave() {
    control_.reset();
    ok_.reset();
  }

 private:
  std::filesystem::path path_;
  Of family_;
  UniqueFd control_, ok_;
};

/// Sees clients read the record that a service's supervisor has left last.
class RecordReaders {
 public:
  explicit RecordReaders(const FakeService& service) : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    constexpr std::uint32_t kEvents = IN_MOVED_TO | IN_OPEN | IN_CLOSE_NOWRITE;
    EXPECT_GE(inotify_add_watch(inotify_.get(), service.supervise().c_str(), kEvents), 0);
  }

  /// Waits until a record that was left since this was made has been opened, read and closed.
  [[nodiscard]] bool wait() {
    while (seen_ != kSequence.size()) {
      alignas(inotify_event) std::array<char, 4096> events;
      if (!wait_for_event(inotify_.get(), POLLIN)) return false;
      const ssize_t size = read(inotify_.get(), events.data(), events.size());
      for (ssize_t at = 0; at < size;) {
        const auto* const event = reinterpret_cast<const inotify_event*>(events.data() + at);
        at += static_cast<ssize_t>(sizeof *event + event->len);
        if (seen_ != kSequence.size() && event->len > 0 && std::string_view(event->name) == "status" &&
            (event->mask & kSequence[seen_]) != 0)
          ++seen_;
      }
    }
    return true;
  }

 private:
  // What was opened before it was left is not it.
  static constexpr std::array<std::uint32_t, 3> kSequence{IN_MOVED_TO, IN_OPEN, IN_CLOSE_NOWRITE};
  UniqueFd inotify_;
  std::size_t seen_ = 0;
};

}  // namespace kindred::test
