#include "compat-perp/control_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "compat-perp/control.h"
#include "compat-perp/packet.h"
#include "compat-perp/protocol.h"
#include "core/keeper/keeper.h"
#include "core/sys/files.h"
#include "core/sys/record_lock.h"
#include "core/view/packet_door.h"

namespace kindred::perp {
namespace {

constexpr int kWaitingClients = 20;

class PerpDoor final : public TreeDoor {
 public:
  /// `root` is the tree's own and lives longer.
  PerpDoor(EventLoop& loop, TreeHost& host, int root, ControlDirectory control)
      : host_(host),
        root_(root),
        control_(std::move(control)),
        protocol_(host, static_cast<std::uint32_t>(known_pid()), loop.clock().now().wall),
        door_(loop, protocol_, {}) {}
  [[nodiscard]] Status open(FdStore& from) {
    Result<UniqueFd> socket = open_socket(control_.directory.get(), std::nullopt, from);
    if (!socket) return socket.error();
    if (Status opened = door_.open(std::move(*socket)); !opened) return opened;
    let_clients_in(door_, control_.directory.get(), from);
    return ok();
  }

  void look_again() noexcept override {
    std::set<DirectoryId> deactivated;
    for (const std::string& name : directory_names(root_, ".")) {
      struct stat st;
      if (::fstatat(root_, name.c_str(), &st, 0) != 0) continue;
      const DirectoryId id{st.st_dev, st.st_ino};
      const bool active = (st.st_mode & S_ISVTX) != 0;
      if (!active) deactivated.insert(id);
      if (active != deactivated_.contains(id)) continue;
      const std::optional<CommandPair> commands = decode_command(active ? 'U' : 'D', 0);
      for (const ControlCommand& command : *commands)
        if (host_.command(id, command, nullptr) == TreeHost::Commanded::Busy) deactivated.erase(id);
    }
    deactivated_ = std::move(deactivated);
  }

 private:
  TreeHost& host_;
  int root_;
  std::set<DirectoryId> deactivated_;
  ControlDirectory control_;
  PerpProtocol protocol_;
  PacketDoor door_;
};

}  // namespace

Result<ControlDirectory> take_control(int base) {
  if (Status made = make_directory(base, kControlDirectory, 0700); !made) return made.error();
  Result<UniqueFd> directory = open_directory(base, kControlDirectory);
  if (!directory) return directory.error();
  UniqueFd lock(::openat(directory->get(), kPidFile,
                         O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) return error_here("open", kPidFile);
  if (Status taken = take_record_lock(lock.get(), kPidFile); !taken) return taken.error();
  if (::ftruncate(lock.get(), 0) != 0) return error_here("truncate", kPidFile);
  if (const int error = write_all(lock.get(), std::to_string(known_pid()) + "\n"); error != 0)
    return Error{error, "write", kPidFile};
  if (::fchmod(lock.get(), 0644) != 0) return error_here("chmod", kPidFile);
  return ControlDirectory{std::move(*directory), std::move(lock)};
}

Result<UniqueFd> open_socket(int control, std::optional<gid_t> group, FdStore& from) {
  if (UniqueFd open = from.take_socket(control, kSocket, FdStore::Socket::Listener)) return open;
  Result<UniqueFd> socket = listen_stream_at(control, kSocket, kWaitingClients);
  if (!socket) return socket;
  if (group && ::fchownat(control, kSocket, static_cast<uid_t>(-1), *group, AT_SYMLINK_NOFOLLOW) != 0)
    return error_here("chown", kSocket);
  if (::fchmodat(control, kSocket, group ? 0770 : 0700, 0) != 0) return error_here("chmod", kSocket);
  return socket;
}

void let_clients_in(PacketDoor& door, int control, FdStore& from) {
  while (UniqueFd client = from.take_socket(control, kSocket, FdStore::Socket::Connection))
    door.let_in(std::move(client));
}

Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root, FdStore& from) {
  Result<ControlDirectory> control = take_control(root);
  if (!control) return control.error();
  auto door = std::make_unique<PerpDoor>(loop, host, root, std::move(*control));
  if (Status opened = door->open(from); !opened) return opened.error();
  return std::unique_ptr<TreeDoor>(std::move(door));
}

}  // namespace kindred::perp
