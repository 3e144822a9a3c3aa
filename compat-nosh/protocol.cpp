#include "compat-nosh/protocol.h"

#include <algorithm>

namespace kindred::nosh {
namespace {

// Names come from whoever may write to the socket, and go into lines of the manager's log.
char printable(std::uint8_t byte) { return byte < 0x20 || byte == 0x7f ? '?' : static_cast<char>(byte); }

}  // namespace

MessageBytes encode_message(Request request, std::string_view name) {
  MessageBytes bytes{};
  bytes[0] = static_cast<std::uint8_t>(request);
  // The last byte stays NUL: readers other than this one look for it.
  std::copy_n(name.begin(), std::min(name.size(), kLongestName - 1), bytes.begin() + 1);
  return bytes;
}

Message decode_message(ByteView in) {
  Message message;
  if (in.empty()) return message;
  message.number = in[0];
  if (in[0] < kRequests) message.request = static_cast<Request>(in[0]);
  if (message.request != Request::Load) return message;
  const ByteView field = in.subspan(1, std::min(in.size() - 1, kLongestName));
  const auto end = std::find(field.begin(), field.end(), 0);
  std::transform(field.begin(), end, std::back_inserter(message.name), printable);
  return message;
}

std::size_t descriptors_of(Request request) {
  switch (request) {
    case Request::Plumb:
    case Request::Load:
      return 2;
    case Request::MakeInputActivated:
    case Request::Unload:
    case Request::MakePipeConnectable:
    case Request::MakeRunOnEmpty:
      return 1;
    case Request::Noop:
    case Request::Unknown:
      break;
  }
  return 0;
}

}  // namespace kindred::nosh
