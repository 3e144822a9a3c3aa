#include "core/engine/stop_timeout.h"

#include "core/sys/line.h"

namespace kindred {
namespace {
constexpr int kRoundsForMains = 4, kRounds = 10;
constexpr Duration kKillAgain = std::chrono::milliseconds(200);
}  // namespace

StopTimeout::StopTimeout(EventLoop& loop, ScanDirectory& scan, const char* scanner)
    : loop_(loop), scan_(scan), scanner_(scanner) {
  loop_.timers().reserve_besides(1);
}

StopTimeout::~StopTimeout() { loop_.timers().disarm(*this); }

void StopTimeout::arm(Duration limit) noexcept {
  loop_.timers().arm(*this, loop_.clock().now().steady + limit);
}

void StopTimeout::on_timer() noexcept {
  if (rounds_ == 0) warn("killing what has not ended in time");
  if (rounds_ == kRounds) {
    over_ = true;
    warn("leaving what cannot be killed");
    return;
  }
  scan_.kill(rounds_ < kRoundsForMains ? EndLogs::AfterMain : EndLogs::AtOnce);
  ++rounds_;
  arm(kKillAgain);
}

void StopTimeout::warn(const char* text) const noexcept { say(Line(scanner_).add(": warning: ").add(text)); }

}  // namespace kindred
