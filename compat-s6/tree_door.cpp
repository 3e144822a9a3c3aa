#include "compat-s6/tree_door.h"

#include <fcntl.h>
#include <unistd.h>

#include "compat-s6/scanner_control.h"
#include "core/sys/files.h"
#include "core/sys/held_file.h"

namespace kindred::s6 {
namespace {

constexpr const char* kDirectory = ".s6-svscan";
constexpr const char* kLock = ".s6-svscan/lock";
constexpr const char* kControl = ".s6-svscan/control";

class ScannerDoor final : public TreeDoor, private ReadyHandler {
 public:
  ScannerDoor(EventLoop& loop, TreeHost& host) : loop_(loop), host_(host) {}

  [[nodiscard]] Status open(int root, FdStore& from) {
    if (Status made = make_directory(root, kDirectory, 0700); !made) return made;
    Result<HeldLock> lock = hold_lock(root, kLock, 0600, LockKind::OfdRecord);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    control_ = from.take_fifo(root, kControl, FdStore::For::Both);
    if (!control_) {
      Result<UniqueFd> control = open_fifo(root, kControl, 0600);
      if (!control) return control.error();
      control_ = std::move(*control);
    }
    Result<Watch> watched = loop_.watch(control_.get(), *this);
    if (!watched) return watched.error();
    watch_ = std::move(*watched);
    return ok();
  }

 private:
  void on_ready() noexcept override {
    char bytes[64];
    const ssize_t size = ::read(control_.get(), bytes, sizeof bytes);
    for (ssize_t i = 0; i < size; ++i) obey(bytes[i]);
  }

  void obey(char byte) noexcept {
    switch (scanner_wish(byte).value_or(Wish::Nothing)) {
      // What is not there any more is stopped by the scan itself.
      case Wish::Rescan:
      case Wish::RescanAndPrune:
      case Wish::Prune:
      case Wish::PruneAtOnce:
        host_.rescan();
        break;
      case Wish::Stop:
      case Wish::StopAtOnce:
        host_.shut_down();
        break;
      // To leave the services alone is what only a scanner apart can do.
      case Wish::Leave:
      case Wish::Nothing:
        break;
    }
  }

  EventLoop& loop_;
  TreeHost& host_;
  HeldLock lock_;
  UniqueFd control_;
  Watch watch_;
};

}  // namespace

Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root, FdStore& from) {
  auto door = std::make_unique<ScannerDoor>(loop, host);
  if (Status opened = door->open(root, from); !opened) return opened.error();
  return std::unique_ptr<TreeDoor>(std::move(door));
}

}  // namespace kindred::s6
