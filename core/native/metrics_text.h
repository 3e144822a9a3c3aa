#pragma once
// Services as numbers, in the exposition formats of Prometheus. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/native/status.h"

namespace kindred {

enum class Exposition : std::uint8_t {
  OpenMetrics,  ///< 1.0.0
  Prometheus,   ///< 0.0.4, which the node exporter's textfile collector reads
};

/// What only whoever looks again and again can tell, by the path of the service and its role.
class RestartCounter {
 public:
  /// Counts the processes that came since the look before, and forgets what is not in the report.
  void look(const StatusReport& report);
  [[nodiscard]] std::uint64_t restarts(const std::string& path, Role role) const;

 private:
  struct Seen {
    std::int32_t pid = 0;
    WallTime changed;
    std::uint64_t restarts = 0;
    std::uint64_t look = 0;  ///< the latest that had it
  };
  void look(const std::string& path, Role role, const ServiceState& state);
  std::map<std::pair<std::string, Role>, Seen> seen_;
  std::uint64_t looks_ = 0;
};

struct MetricsExtra {
  const RestartCounter* restarts = nullptr;  ///< null: deaths are told where their supervisor counts them
  std::map<std::string, std::uint64_t> log_bytes;  ///< by the path of the service
};

/// The metrics are documented in kindred-metrics(1).
[[nodiscard]] std::string render_metrics(const StatusReport& report, Exposition exposition,
                                         const MetricsExtra& extra);

/// The type that HTTP tells.
[[nodiscard]] std::string_view content_type(Exposition exposition);

/// What a client that accepts this is answered with.
[[nodiscard]] Exposition exposition_for(std::string_view accept);

/// An HTTP/1 request's head: its path and what it accepts. `whole`: the head has its end.
struct HttpRequest {
  bool whole = false;
  bool good = false;
  std::string method, path, accept;
};
[[nodiscard]] HttpRequest parse_http_request(std::string_view received);

}  // namespace kindred
