// Any bytes as a request to nosh's manager: reading does no harm, a name is bounded, and what was read can be
// sent again. And as what a core of it has left for the next.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compat-nosh/protocol.h"
#include "compat-nosh/supervise/ledger.h"

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred::nosh;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_ledger(text);
  (void)parse_ledger(std::string(kLedgerBeginning).append(text));
  const Message message = decode_message({data, size});
  if (message.name.size() > kLongestName) fail("a name longer than a datagram");
  for (const char c : message.name)
    if (c == '\n' || c == '\0') fail("a name that is no part of a line");
  if (message.request == Request::Unknown) return 0;
  const Message again = decode_message(encode_message(message.request, message.name));
  if (again.request != message.request) fail("a request that changes when it is sent");
  if (message.name.size() < kLongestName && again.name != message.name)
    fail("a name that changes when it is sent");
  return 0;
}
