// Any bytes at perpd's door, and any bytes as its reply: reading does no harm, and what was read is the same
// for ever once it has been written.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "compat-perp/control.h"
#include "compat-perp/packet.h"
#include "compat-perp/protocol.h"

namespace kindred::perp {
namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

ByteView view(const PacketBytes& bytes) { return {bytes.begin(), bytes.size()}; }

bool same(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void read_request(const Packet& packet) {
  const std::optional<PacketRequest> request = decode_request(packet);
  if (!request) return;
  const PacketBytes once = encode_request(*request);
  const std::optional<Packet> again = first_packet(view(once));
  if (!again || decode_request(*again) != request) fail("a request that changes when it is read and written");
  const auto* control = std::get_if<Control>(&*request);
  if (control == nullptr) return;
  const std::optional<CommandPair> commands = decode_command(control->command, control->flags);
  if (!commands || commands->size() != 1) return;
  const std::optional<Spelling> spelling = encode_command((*commands)[0]);
  if (!spelling || spelling->command != control->command) fail("a command that changes");
}

void read_reply(const Packet& packet) {
  const std::optional<PacketReply> reply = decode_reply(packet);
  if (!reply) return;
  const PacketBytes once = encode_reply(*reply);
  const std::optional<Packet> again = first_packet(view(once));
  const std::optional<PacketReply> told = again ? decode_reply(*again) : std::nullopt;
  if (!told) fail("a reply that its own decoder refuses");
  if (!same(view(encode_reply(*told)), view(once))) fail("a reply that changes when it is read and written");
}

/// A tree of one service, in a state that the bytes do not choose.
class OneService final : public TreeHost {
 public:
  std::optional<TreeService> find(std::string_view) const noexcept override { return std::nullopt; }
  std::optional<TreeService> find(const DirectoryId& id) const noexcept override {
    if ((id.inode & 1) != 0) return std::nullopt;
    TreeService service;
    service.snapshot.main.exiting = (id.inode & 2) != 0;
    return service;
  }
  std::optional<TreeService> at(std::size_t) const noexcept override { return std::nullopt; }
  Commanded command(const DirectoryId&, const ControlCommand&, const Dialect*) noexcept override {
    return Commanded::Done;
  }
  bool let_be_empty(const DirectoryId&, Role) noexcept override { return false; }
  void rescan() noexcept override {}
  void shut_down() noexcept override {}
};

void at_the_door(ByteView received) {
  OneService tree;
  PerpProtocol protocol(tree, 1, {});
  std::uint8_t reply[PacketProtocol::kLongest];
  const PacketProtocol::Answer answer = protocol.answer(received, Peer{}, reply);
  if (answer.next != PacketProtocol::Answer::Next::Reply) return;
  const std::optional<Packet> packet = first_packet({reply, answer.size});
  if (!packet || !decode_reply(*packet)) fail("an answer that is no reply");
}

}  // namespace
}  // namespace kindred::perp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= kindred::PacketProtocol::kLongest) kindred::perp::at_the_door({data, size});
  const std::optional<kindred::perp::Packet> packet = kindred::perp::first_packet({data, size});
  if (!packet) return 0;
  kindred::perp::read_request(*packet);
  kindred::perp::read_reply(*packet);
  return 0;
}
