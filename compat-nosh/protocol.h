#pragma once
/// What loaders ask the manager, one datagram a request, without a reply.
///
///   offset size field
///        0    1 request
///        1  261 name, padded with NULs; of LOAD only, in all others it is not looked at
///
/// Descriptors travel beside it, in this order:
///
///   0 NOOP
///   1 PLUMB                  supervise directory of the producer, of the consumer
///   2 LOAD                   supervise directory, service directory
///   3 MAKE_INPUT_ACTIVATED   supervise directory
///   4 UNLOAD                 supervise directory
///   5 MAKE_PIPE_CONNECTABLE  supervise directory
///   6 MAKE_RUN_ON_EMPTY      supervise directory
///
/// A shorter datagram is a good one, a longer one is cut; a name ends with its first NUL, or with the
/// datagram.
/// Source: interfaces/nosh.md section 7.2. Errors: none; what is no request is Request::Unknown.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace kindred::nosh {

enum class Request : std::uint8_t {
  Noop,
  Plumb,
  Load,
  MakeInputActivated,
  Unload,
  MakePipeConnectable,
  MakeRunOnEmpty,
  Unknown,  ///< any other number; never sent
};
inline constexpr std::size_t kRequests = 7;

inline constexpr std::size_t kMessageSize = 262;
inline constexpr std::size_t kLongestName = kMessageSize - 1;
/// The most descriptors that one datagram can carry.
inline constexpr std::size_t kMostDescriptors = 253;

inline constexpr const char* kRunDirectory = "/run/service-manager";
inline constexpr const char* kSocketName = "control";

struct Message {
  Request request = Request::Unknown;
  std::uint8_t number = 0;  ///< the request's, as it came
  std::string name;         ///< of LOAD: bounded, and fit for a line of messages
};

using MessageBytes = std::array<std::uint8_t, kMessageSize>;

/// What is longer than a name can be is cut.
[[nodiscard]] MessageBytes encode_message(Request request, std::string_view name = {});
/// Of no bytes it is Unknown.
[[nodiscard]] Message decode_message(ByteView in);

/// How many descriptors a request cannot do without; more are none of its business.
[[nodiscard]] std::size_t descriptors_of(Request request);

}  // namespace kindred::nosh
