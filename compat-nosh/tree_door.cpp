#include "compat-nosh/tree_door.h"

#include <sys/stat.h>

#include <map>
#include <string>

#include "compat-nosh/manager_socket.h"
#include "compat-nosh/manager_words.h"
#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred::nosh {
namespace {

// Before others have their turn.
constexpr int kRequestsPerTurn = 16;

/// One process of the tree, as loaders name it.
struct Place {
  std::string service;
  Role role = Role::Main;

  [[nodiscard]] std::string name() const { return role == Role::Log ? service + "/log" : service; }
};

/// Which process a supervise directory is of.
class Places {
 public:
  explicit Places(int root) : root_(root) {}

  [[nodiscard]] std::optional<Place> find(const DirectoryId& id) {
    if (std::optional<Place> known = look_up(id)) return known;
    if (!fresh_) learn();
    return look_up(id);
  }
  /// The tree may have changed.
  void begin_turn() { fresh_ = false; }

 private:
  [[nodiscard]] std::optional<DirectoryId> supervise_directory_of(const Place& place) const {
    struct stat st;
    if (::fstatat(root_, (place.name() + "/supervise").c_str(), &st, 0) != 0) return std::nullopt;
    return DirectoryId{st.st_dev, st.st_ino};
  }

  /// Services come and go, and inodes with them.
  [[nodiscard]] std::optional<Place> look_up(const DirectoryId& id) const {
    const auto found = known_.find(id);
    if (found == known_.end() || supervise_directory_of(found->second) != id) return std::nullopt;
    return found->second;
  }

  void learn() {
    fresh_ = true;
    known_.clear();
    for (const std::string& name : directory_names(root_, "."))
      for (const Role role : {Role::Main, Role::Log}) {
        const Place place{name, role};
        if (const std::optional<DirectoryId> id = supervise_directory_of(place)) known_[*id] = place;
      }
  }

  int root_;
  std::map<DirectoryId, Place> known_;
  bool fresh_ = false;  ///< learnt in this turn
};

class ManagerDoor final : public TreeDoor, private ReadyHandler, private RequestHandler {
 public:
  ManagerDoor(EventLoop& loop, TreeHost& host, int root) : loop_(loop), host_(host), places_(root) {}
  [[nodiscard]] Status open(int root, FdStore& from) {
    if (Status made = make_directory(root, kDoorDirectory, 0755); !made) return made;
    Result<UniqueFd> directory = open_directory(root, kDoorDirectory);
    if (!directory) return directory.error();
    socket_ = from.take_socket(directory->get(), kSocketName, FdStore::Socket::Datagrams);
    if (!socket_) {
      Result<UniqueFd> socket = bind_datagrams_at(directory->get(), kSocketName);
      if (!socket) return socket.error();
      socket_ = std::move(*socket);
    }
    if (Status prepared = prepare_socket(socket_.get()); !prepared) return prepared;
    Result<Watch> watched = loop_.watch(socket_.get(), *this);
    if (!watched) return watched.error();
    watch_ = std::move(*watched);
    // The socket is known by it.
    directory_ = std::move(*directory);
    return ok();
  }

 private:
  void on_ready() noexcept override {
    places_.begin_turn();
    read_requests(socket_.get(), kRequestsPerTurn, *this);
  }

  [[nodiscard]] std::optional<Place> place_of(const UniqueFd& supervise_directory) {
    const Result<DirectoryId> id = identify(supervise_directory.get());
    return id ? places_.find(*id) : std::nullopt;
  }

  static void refuse(const std::string& name, std::string_view what) {
    tell("ERROR", name, ": ", what, ": the directory that is scanned says so");
  }

  void obey(Datagram& datagram) noexcept override {
    const Request request = datagram.message.request;
    const std::optional<Place> place = place_of(datagram.descriptors[0]);
    if (!place) {
      if (request == Request::Load) refuse(datagram.message.name, "is not loaded by request");
      return;
    }
    const std::optional<TreeService> service = host_.find(place->service);
    if (!service) return;
    switch (request) {
      case Request::Plumb:
        plumb(*place, datagram.descriptors[1]);
        break;
      case Request::MakeInputActivated:
        refuse(place->name(), "is not activated by its input");
        break;
      case Request::Unload:
        (void)host_.command(service->id, {.verb = Verb::Exit, .role = place->role}, nullptr);
        break;
      case Request::MakePipeConnectable:
        // A log has its pipe from the beginning.
        if (place->role == Role::Main) refuse(place->name(), "gets no other input");
        break;
      case Request::MakeRunOnEmpty:
        if (host_.let_be_empty(service->id, place->role))
          tell("DEBUG", "run-on-empty set for ", place->name());
        else
          tell("ERROR", place->name(), ": cannot be up without a process: its family knows no way down then");
        break;
      case Request::Load:
      case Request::Noop:
      case Request::Unknown:
        break;
    }
  }

  void plumb(const Place& producer, const UniqueFd& consumer_directory) {
    const std::optional<Place> consumer = place_of(consumer_directory);
    if (!consumer) return;
    const bool its_log =
        producer.role == Role::Main && consumer->role == Role::Log && producer.service == consumer->service;
    if (its_log)
      tell("DEBUG", "plumb ", producer.name(), " to ", consumer->name());
    else
      refuse(producer.name(), "is not plumbed to " + consumer->name());
  }

  EventLoop& loop_;
  TreeHost& host_;
  Places places_;
  UniqueFd directory_, socket_;
  Watch watch_;
};

}  // namespace

Result<std::unique_ptr<TreeDoor>> open_door(EventLoop& loop, TreeHost& host, int root, FdStore& from) {
  auto door = std::make_unique<ManagerDoor>(loop, host, root);
  if (Status opened = door->open(root, from); !opened) return opened.error();
  return std::unique_ptr<TreeDoor>(std::move(door));
}

}  // namespace kindred::nosh
