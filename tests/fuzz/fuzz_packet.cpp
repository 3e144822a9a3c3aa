// Any bytes at perpd's door, and any bytes as its reply: reading does no harm, and what was read is the same
// for ever once it has been written.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "compat-perp/control.h"
#include "compat-perp/packet.h"

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

}  // namespace
}  // namespace kindred::perp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<kindred::perp::Packet> packet = kindred::perp::first_packet({data, size});
  if (!packet) return 0;
  kindred::perp::read_request(*packet);
  kindred::perp::read_reply(*packet);
  return 0;
}
