#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

TEST(StatusLong, TellsAllThatIsKnown) {
  setenv("TZ", "UTC", 1);
  tzset();
  ServiceState state = live(Phase::Running, 7, 3700);
  state.record->exit_of(Script::Run) = ExitStatus::signaled(11, true);
  state.record->run_ended = before_now(3701);
  state.tells_ready = state.record->ready = true;
  state.deaths = Deaths{.count = 2, .oldest = before_now(86400), .lately = 1};
  state.usage = ProcessUsage{.memory = 2048, .cpu_seconds = 61, .processes = 1};
  ServiceRow service = row("web", state, live(Phase::Running, 8));
  service.written_for = "perp";
  service.by_hand = "sv start|stop|restart {path}";
  const HostProcesses processes = HostProcesses::of({{7, 1, "nginx", 0, 0}});
  const LongStyle style{.color = false, .processes = &processes, .log_tail = [](const ServiceRow&) {
                          return std::vector<std::string>{"a line"};
                        }};
  EXPECT_EQ(render_long(std::vector{service}, kNow, style),
            "web\n"
            "  Directory sv/web\n"
            "  Family    supervised as runit, written for perp\n"
            "  State     run, pid 7, ready, for 1h 1m (since 2023-11-14 21:11:40)\n"
            "  Wanted    up, normally up\n"
            "  Last exit run was killed by SEGV and left a core, 1h 1m ago\n"
            "  Deaths    2 in 1d, 1 in the last minute\n"
            "  Uses      2.0K of memory, 1m 1s of CPU, 1 process\n"
            "  Log       run, pid 8, for 12s (since 2023-11-14 22:13:08)\n"
            "  Control   kindred start|stop|restart web; sv start|stop|restart sv/web\n"
            "    7 nginx\n"
            "  | a line\n");
}

TEST(StatusLong, AStaleRecordIsNamedAsThat) {
  const std::string text = render_long(std::vector{row("web", stale(Phase::Running, 7, true))}, kNow, {});
  EXPECT_NE(text.find("  State     stale: run is what its supervisor said last, and the pid is alive, pid 7"),
            std::string::npos)
      << text;
  EXPECT_NE(render_long(std::vector{row("web", unsupervised())}, kNow, {}).find("nobody supervises it"),
            std::string::npos);
}

TEST(StatusLong, WithoutADeathNoEndIsTold) {
  ServiceState state = live(Phase::Running, 7);
  state.record->exit_of(Script::Run) = ExitStatus::exited(0);
  EXPECT_NE(render_long(std::vector{row("web", state)}, kNow, {}).find("Last exit"), std::string::npos);
  state.deaths.emplace();
  EXPECT_EQ(render_long(std::vector{row("web", state)}, kNow, {}).find("Last exit"), std::string::npos);
}

TEST(StatusLong, NamesCannotSteerTheTerminal) {
  EXPECT_EQ(render_long(std::vector{row("\033[2J", live(Phase::Running, 7))}, kNow, {}).find('\033'),
            std::string::npos);
}

}  // namespace
}  // namespace kindred
