#include "compat-s6/death_tally.h"

#include "core/base/tai64n.h"

namespace kindred::s6 {
namespace {
constexpr std::size_t kCode = 12, kSignal = 13;
constexpr int kSignalBase = 128;
}  // namespace

void put_death(ByteSpan out, std::size_t offset, const Death& death) {
  put_tai64n(out, offset, death.at, TaiOffset::LeapTable);
  const bool signaled = death.how.kind == ExitStatus::Kind::Signaled;
  out[offset + kCode] = static_cast<std::uint8_t>(signaled ? kSignalBase + death.how.value : death.how.value);
  out[offset + kSignal] = signaled ? death.how.value : 0;
}

Death get_death(ByteView in, std::size_t offset) {
  const std::uint8_t signal = in[offset + kSignal];
  return Death{get_tai64n(in, offset, TaiOffset::LeapTable),
               signal != 0 ? ExitStatus::signaled(signal) : ExitStatus::exited(in[offset + kCode])};
}

}  // namespace kindred::s6
