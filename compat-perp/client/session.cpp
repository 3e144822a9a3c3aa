#include "compat-perp/client/session.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "compat-perp/words.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred::perp {
namespace {

/// Those that show themselves in service directories: perpd has been asked already.
const KnownFamilies& known() {
  static const std::vector<const Dialect*> kOthers = [] {
    std::vector<const Dialect*> others;
    for (const Dialect* family : families())
      if (family->layout.door == nullptr) others.push_back(family);
    return others;
  }();
  static const KnownFamilies kKnown{no_family(), kOthers};
  return kKnown;
}

/// A directory that a living supervisor of a family that can be recognised looks after.
struct Foreign {
  ServiceDirectory directory;
  const Dialect* family;
};
std::optional<Foreign> find_foreign(Result<ServiceDirectory> directory) {
  if (!directory) return std::nullopt;
  const Dialect* family = directory->supervisor(known());
  if (family == &known().home) return std::nullopt;
  const Result<bool> supervised = directory->supervised(family->layout);
  if (!supervised || !*supervised) return std::nullopt;
  return Foreign{std::move(*directory), family};
}

std::optional<Foreign> find_foreign(const char* path) {
  return find_foreign(ServiceDirectory::open(AT_FDCWD, path));
}

/// Its log, where that has a supervisor of its own.
std::optional<Foreign> find_log(const Foreign& service) {
  return find_foreign(service.directory.open_log(service.family->layout));
}

/// As perp would tell it: its one stamp is that of the latest change.
StatusRecord as_half(StatusRecord record) {
  if (record.pid == 0) record.run_ended = record.pid_changed;
  record.once = record.once || record.want == Want::Once;
  return record;
}

Answer ask_foreign(const Foreign& foreign) {
  const Result<Observation> seen = foreign.directory.observe(known());
  if (!seen) return {Trouble::Read, seen.error().code, std::nullopt, foreign.family};
  ServiceStatus status;
  status.active = true;
  status.snapshot = seen->status.snapshot;
  status.snapshot.main = as_half(status.snapshot.main);
  if (status.snapshot.log) {
    status.snapshot.log = as_half(*status.snapshot.log);
  } else if (const auto log = find_log(foreign)) {
    if (const Result<Observation> of_log = log->directory.observe(known()))
      status.snapshot.log = as_half(of_log->status.snapshot.main);
  }
  return {Trouble::None, 0, status, foreign.family};
}

Trouble send(const Foreign& to, const ControlCommand& command, int& code) {
  const ControlBytes bytes = to.family->control.encode(command);
  if (bytes.empty()) return Trouble::Inexpressible;
  if (to.directory.lacks_group(known(), {&command, 1})) {
    code = ESRCH;
    return Trouble::Refused;
  }
  Result<ControlChannel> channel = ControlChannel::open(to.directory, to.family->layout);
  Status sent = channel ? channel->send({bytes.begin(), bytes.size()}, ControlChannel::WhenFull::Wait)
                        : Status(channel.error());
  if (sent) return Trouble::None;
  code = sent.error().code;
  return Trouble::Write;
}

/// Whether it has the log besides, as the family may: there may still be one with a supervisor of its own.
bool main_tells_of_log(const Foreign& foreign) {
  if (!foreign.family->layout.log_with_main) return false;
  const Result<Observation> seen = foreign.directory.observe(known());
  return seen && seen->status.snapshot.log;
}

Answer command_foreign(const Foreign& foreign, const CommandPair& commands) {
  Answer answer;
  answer.foreign = foreign.family;
  for (ControlCommand command : commands) {
    if (command.role == Role::Main || main_tells_of_log(foreign)) {
      answer.trouble = send(foreign, command, answer.code);
    } else if (const auto log = find_log(foreign)) {
      command.role = Role::Main;
      answer.trouble = send(*log, command, answer.code);
    }
    if (answer.trouble != Trouble::None) break;
  }
  return answer;
}

}  // namespace

Result<Session> Session::open(const std::string& base) {
  if (::chdir(base.c_str()) != 0) return error_here("chdir to", base);
  const std::string path = base + "/" + kControlDirectory + "/" + kSocket;
  const Result<UniqueFd> control = open_directory(AT_FDCWD, kControlDirectory);
  if (!control) return Session(path, UniqueFd(), control.error().code);
  Result<UniqueFd> socket = connect_stream(control->get(), kSocket);
  if (!socket) return Session(path, UniqueFd(), socket.error().code);
  return Session(path, std::move(*socket), 0);
}

std::string Session::no_connection() const {
  return (unreachable_ == ECONNREFUSED ? "perpd not running on control socket "
                                       : "failure connecting to perpd control socket ") +
         socket_path_;
}

const Dialect* Session::foreign(const char* service) const {
  const std::optional<Foreign> found = find_foreign(service);
  return found ? found->family : nullptr;
}

bool Session::serves_any(std::span<char* const> services) const {
  if (unreachable_ == 0) return true;
  for (const char* service : services)
    if (find_foreign(service)) return true;
  return false;
}

Answer Session::exchange(const PacketRequest& request, PacketType expected) {
  const PacketBytes asked = encode_request(request);
  ssize_t sent;
  do sent = ::send(socket_.get(), asked.begin(), asked.size(), MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return {Trouble::Write, errno, std::nullopt, nullptr};
  std::array<std::uint8_t, kMaxPacket> buffer;
  std::size_t size = 0;
  std::optional<Packet> packet;
  while (!packet) {
    const ssize_t got = ::recv(socket_.get(), buffer.data() + size, buffer.size() - size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return {Trouble::Read,
              got == 0          ? ECONNRESET
              : errno == EAGAIN ? ETIMEDOUT
                                : errno,
              std::nullopt, nullptr};
    size += static_cast<std::size_t>(got);
    packet = first_packet(ByteView(buffer).first(size));
  }
  if (packet->protocol != kProtocol) return {Trouble::Protocol, EPROTO, std::nullopt, nullptr};
  const std::optional<PacketReply> reply = decode_reply(*packet);
  if (!reply) return {Trouble::Type, EPROTO, std::nullopt, nullptr};
  if (const auto* error = std::get_if<ErrorReply>(&*reply)) {
    if (error->code == 0 && expected == PacketType::Error) return {};
    return {Trouble::Refused, error->code, std::nullopt, nullptr};
  }
  if (expected != PacketType::Status) return {Trouble::Type, EPROTO, std::nullopt, nullptr};
  return {Trouble::None, 0, std::get<ServiceStatus>(*reply), nullptr};
}

template <class Make, class Elsewhere>
Answer Session::talk(const char* service, const Make& make, const Elsewhere& elsewhere) {
  struct stat st;
  if (::stat(service, &st) != 0) return {Trouble::Missing, errno, std::nullopt, nullptr};
  if (!S_ISDIR(st.st_mode)) return {Trouble::NotDirectory, ENOTDIR, std::nullopt, nullptr};
  Answer answer;
  if ((st.st_mode & S_ISVTX) == 0)
    answer.trouble = Trouble::NotActivated;
  else if (unreachable_ != 0)
    answer = {Trouble::Unreachable, unreachable_, std::nullopt, nullptr};
  else
    answer = make(DirectoryId{st.st_dev, st.st_ino});
  const bool unknown = answer.trouble == Trouble::NotActivated || answer.trouble == Trouble::Unreachable ||
                       (answer.trouble == Trouble::Refused && answer.code != EBUSY && answer.code != ESRCH);
  if (!unknown) return answer;
  const std::optional<Foreign> foreign = find_foreign(service);
  return foreign ? elsewhere(*foreign) : answer;
}

Answer Session::ask(const char* service) {
  return talk(
      service, [&](const DirectoryId& id) { return exchange(Query{id}, PacketType::Status); }, ask_foreign);
}

Answer Session::command(const char* service, char command, std::uint8_t flags) {
  return talk(
      service,
      [&](const DirectoryId& id) {
        return exchange(Control{id, command, flags}, PacketType::Error);
      },
      [&](const Foreign& foreign) {
        const std::optional<CommandPair> commands = decode_command(command, flags);
        return commands ? command_foreign(foreign, *commands)
                        : Answer{Trouble::Refused, EPROTO, std::nullopt, foreign.family};
      });
}

}  // namespace kindred::perp
