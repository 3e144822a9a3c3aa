// What happens on the way of commands and deaths allocates nothing: a lack of memory stops no supervision.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "compat-daemontools/dialect.h"
#include "compat-encore/dialect.h"
#include "compat-perp/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"
#include "core/engine/supervisor.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/turning_loop.h"

namespace {
std::size_t allocations = 0;
}  // namespace

// NOLINTBEGIN: they stand in for the library's own.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND

namespace kindred {
namespace {

using test::TestDirectory;

class AllocationTest : public testing::TestWithParam<const Dialect*> {
 protected:
  AllocationTest() : loop_(clock_), supervisor_(loop_, spawner_) {
    EXPECT_TRUE(signals_.open({SIGCHLD}, {}));
    EXPECT_TRUE(spawner_.open(signals_.inherited_mask()));
    EXPECT_TRUE(loop_.open());
    EXPECT_TRUE(supervisor_.open(signals_, 1024));
  }
  ~AllocationTest() override {
    supervisor_.kill_all();
    supervisor_.shut_down_all();
    EXPECT_TRUE(turning_.until([&] { return supervisor_.empty(); }));
  }

  void tell(ServiceGroup& group, Verb verb) { EXPECT_TRUE(supervisor_.command(group, {.verb = verb})); }
  void turn_until(const std::function<bool()>& condition) { EXPECT_TRUE(turning_.until(condition)); }

  TestDirectory dir_;
  const SystemClock clock_;
  Signals signals_;
  EventLoop loop_;
  SystemSpawner spawner_;
  Supervisor supervisor_;
  test::TurningLoop turning_{loop_, supervisor_};
};

TEST_P(AllocationTest, NothingOnTheWayOfCommandsAndDeathsAllocates) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  dir_.write_script("web/rc.main", "[ $1 = start ] && exec sleep 1000");
  dir_.write("web/notification-fd", "3\n");
  dir_.write("web/timeout-kill", "5000\n");
  dir_.write("web/max-death-tally", "50\n");
  GroupSpec spec;
  spec.name = "web";
  spec.home = GetParam();
  Result<UniqueFd> directory = open_directory(AT_FDCWD, dir_.path("web").c_str());
  ASSERT_TRUE(directory);
  spec.directory = std::move(*directory);
  Result<ServiceGroup*> added = supervisor_.add(std::move(spec));
  ASSERT_TRUE(added);
  for (const Dialect* view : {&s6::dialect(), &runit::dialect()}) {
    dir_.make_directory(view->name);
    Result<UniqueFd> root = open_directory(AT_FDCWD, dir_.path(view->name).c_str());
    ASSERT_TRUE(root);
    ASSERT_TRUE(supervisor_.add_view(*view, std::move(*root)));
  }
  ServiceGroup& web = **added;
  const StatusRecord& record = web.machine().main.record;
  const auto live = [&] {
    turn_until([&] { return record.phase == Phase::Running; });
    tell(web, Verb::Pause);
    tell(web, Verb::Continue);
    tell(web, Verb::Down);
    turn_until([&] { return record.pid == 0; });
    tell(web, Verb::Up);
    turn_until([&] { return record.phase == Phase::Running; });
  };
  // Whatever the C library sets up for itself, it has set up then.
  live();
  const std::size_t before = allocations;
  live();
  EXPECT_EQ(allocations, before);
}

INSTANTIATE_TEST_SUITE_P(Homes, AllocationTest,
                         testing::Values(&daemontools::dialect(), &encore::dialect(), &runit::dialect(),
                                         &s6::dialect(), &perp::dialect()),
                         [](const auto& home) { return std::string(home.param->name); });

}  // namespace
}  // namespace kindred
