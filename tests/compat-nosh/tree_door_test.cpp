// The manager's socket in a view tree: what loaders may ask, and what nobody can do to it.

#include "compat-nosh/tree_door.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "compat-nosh/protocol.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

constexpr DirectoryId kWeb{1, 1}, kMail{1, 2};

/// A tree of two services, which writes down what it is told.
class TwoServices final : public TreeHost {
 public:
  std::optional<TreeService> find(std::string_view name) const noexcept override {
    if (name != "web" && name != "mail") return std::nullopt;
    TreeService service;
    service.name = name;
    service.id = name == "web" ? kWeb : kMail;
    return service;
  }
  std::optional<TreeService> find(const DirectoryId&) const noexcept override { return std::nullopt; }
  std::optional<TreeService> at(std::size_t) const noexcept override { return std::nullopt; }
  Commanded command(const DirectoryId& id, const ControlCommand& command, const Dialect*) noexcept override {
    told += id == kWeb ? "web" : "mail";
    told += command.role == Role::Log ? "/log" : "";
    told += command.verb == Verb::Exit ? " exit," : " ?,";
    return Commanded::Done;
  }
  bool let_be_empty(const DirectoryId& id, Role) noexcept override {
    told += id == kWeb ? "web empty," : "mail not,";
    return id == kWeb;
  }
  void rescan() noexcept override {}
  void shut_down() noexcept override {}

  std::string told;
};

class Door : public ::testing::Test {
 protected:
  FdStore none_;  ///< nothing is taken up

  Door() {
    for (const char* path : {"web", "web/supervise", "web/log", "web/log/supervise", "mail", "mail/supervise",
                             "elsewhere", "elsewhere/supervise"})
      tree_.make_directory(path);
    EXPECT_TRUE(loop_.open());
    Result<std::unique_ptr<TreeDoor>> door = open_door(loop_, host_, tree_.fd(), none_);
    EXPECT_TRUE(door);
    if (door) door_ = std::move(*door);
  }

  [[nodiscard]] UniqueFd client() const {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    tree_.path(".service-manager/control").copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
  }

  /// False where the door has too much to do.
  static bool send(int socket, ByteView bytes, std::span<const int> descriptors) {
    iovec data{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostDescriptors)]{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    return ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
  }

  [[nodiscard]] UniqueFd directory(const std::string& path) const {
    Result<UniqueFd> fd = open_directory(tree_.fd(), path.c_str());
    EXPECT_TRUE(fd) << path;
    return fd ? std::move(*fd) : UniqueFd();
  }

  /// What the host is told, and what is said, of one request about these directories.
  std::string ask(Request request, const std::vector<std::string>& paths, std::string_view name = {}) {
    std::vector<UniqueFd> owned;
    std::vector<int> descriptors;
    for (const std::string& path : paths) {
      owned.push_back(directory(path));
      descriptors.push_back(owned.back().get());
    }
    host_.told.clear();
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(send(client().get(), encode_message(request, name), descriptors));
    loop_.turn();
    return host_.told + ::testing::internal::GetCapturedStderr();
  }

  static std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
  }

  test::TestDirectory tree_;
  TwoServices host_;
  SystemClock clock_;
  EventLoop loop_{clock_};
  std::unique_ptr<TreeDoor> door_;
};

TEST_F(Door, KnowsServicesByTheirSuperviseDirectories) {
  EXPECT_EQ(ask(Request::Unload, {"web/supervise"}), "web exit,");
  EXPECT_EQ(ask(Request::Unload, {"web/log/supervise"}), "web/log exit,");
  EXPECT_EQ(ask(Request::Unload, {"mail/supervise", "web", "web"}), "mail exit,");
  // A service directory is none, and neither is that of a service which nobody supervises.
  EXPECT_EQ(ask(Request::Unload, {"web"}), "");
  EXPECT_EQ(ask(Request::Unload, {"elsewhere/supervise"}), "");
  // One that is made anew is met all the same.
  std::filesystem::remove(tree_.path("mail/supervise"));
  tree_.make_directory("mail/other");
  tree_.make_directory("mail/supervise");
  EXPECT_EQ(ask(Request::Unload, {"mail/supervise"}), "mail exit,");
}

TEST_F(Door, RefusesByNameWhatATreeCannotDo) {
  const std::string so = ": the directory that is scanned says so\n";
  EXPECT_EQ(ask(Request::Load, {"elsewhere", "elsewhere"}, "new"),
            "service-manager: ERROR: new: is not loaded by request" + so);
  EXPECT_EQ(ask(Request::Plumb, {"web/supervise", "mail/supervise"}),
            "service-manager: ERROR: web: is not plumbed to mail" + so);
  EXPECT_EQ(ask(Request::MakeInputActivated, {"web/log/supervise"}),
            "service-manager: ERROR: web/log: is not activated by its input" + so);
  EXPECT_EQ(ask(Request::MakePipeConnectable, {"web/supervise"}),
            "service-manager: ERROR: web: gets no other input" + so);
  EXPECT_EQ(ask(Request::MakeRunOnEmpty, {"mail/supervise"}),
            "mail not,service-manager: ERROR: mail: cannot be up without a process: its family knows no way "
            "down then\n");
  EXPECT_EQ(ask(Request::Noop, {"web/supervise"}),
            "service-manager: WARNING: unknown control message command 0 with 1 file descriptors\n");
}

TEST_F(Door, TakesWhatIsSoAlreadyAsDone) {
  EXPECT_EQ(ask(Request::Load, {"web/supervise", "web"}, "web"), "");
  EXPECT_EQ(ask(Request::Plumb, {"web/supervise", "web/log/supervise"}),
            "service-manager: DEBUG: plumb web to web/log\n");
  EXPECT_EQ(ask(Request::MakePipeConnectable, {"web/log/supervise"}), "");
  EXPECT_EQ(ask(Request::MakeRunOnEmpty, {"web/supervise"}),
            "web empty,service-manager: DEBUG: run-on-empty set for web\n");
}

TEST_F(Door, SurvivesManyClientsAtOnceAndKeepsNoneOfTheirDescriptors) {
  std::vector<UniqueFd> clients(20);
  for (UniqueFd& fd : clients) fd = client();
  const UniqueFd web = directory("web/supervise"), nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<int> flood(kMostDescriptors, nothing.get());
  const std::vector<std::uint8_t> oversized(9000, 2);
  const std::size_t before = open_descriptors();
  ::testing::internal::CaptureStderr();
  for (std::uint8_t round = 0; round < 50; ++round)
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const int socket = clients[i].get();
      const std::uint8_t byte = static_cast<std::uint8_t>(round % 8);
      switch (i % 4) {
        case 0:
          (void)send(socket, {&byte, 1}, flood);
          break;
        case 1:
          (void)send(socket, oversized, {});
          break;
        case 2:
          (void)send(socket, {}, std::array{nothing.get()});
          break;
        default:
          // One that sends the beginning of a request, and never the rest.
          (void)send(socket, {&byte, 1}, std::array{web.get()});
          break;
      }
      if (i % 3 == 0) loop_.turn();
    }
  clients.clear();
  // What was sent last is still there.
  loop_.turn();
  (void)::testing::internal::GetCapturedStderr();
  EXPECT_EQ(ask(Request::Unload, {"mail/supervise"}), "mail exit,");
  EXPECT_EQ(open_descriptors(), before - 20);
}

TEST_F(Door, IsItsOwnersOnly) {
  EXPECT_EQ(tree_.look(".service-manager/control").st_mode & 07777, 0700U);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  ::chmod(tree_.path().c_str(), 0755);
  ::chmod(tree_.path(".service-manager/control").c_str(), 0777);
  const UniqueFd web = directory("web/supervise");
  ::testing::internal::CaptureStderr();
  const pid_t other = ::fork();
  if (other == 0) {
    const bool sent =
        ::setuid(65'534) == 0 && send(client().get(), encode_message(Request::Unload), std::array{web.get()});
    ::_exit(sent ? 0 : 1);
  }
  int status = 1;
  EXPECT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  loop_.turn();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "service-manager: WARNING: refused a request of user 65534\n");
  EXPECT_EQ(host_.told, "");
}

}  // namespace
}  // namespace kindred::nosh
