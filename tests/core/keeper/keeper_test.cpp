#include "core/keeper/keeper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "tests/core/refused_call.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// What the keeper's process ends with. It is made in a child: whoever keeps becomes a reaper for good.
template <class Act>
int in_a_process(const Act& act) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(act());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

void note(const TestDirectory& directory, const char* line) {
  const UniqueFd file(
      ::open(directory.path("said").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  (void)!::write(file.get(), line, std::string(line).size());
}

/// A core tells its keeper that it has looked at what is open.
void begin() {
  constexpr Ended kBegun{};
  (void)::send(kept()->link, &kBegun, sizeof kBegun, 0);
}

TEST(Keeper, EndsAsItsCoreEnds) {
  EXPECT_EQ(WEXITSTATUS(in_a_process([] {
              return keep({.signals = {}, .title = ""}, [] {
                begin();
                return 42;
              });
            })),
            42);
}

TEST(Keeper, ReplacesACoreThatIsKilledAndTheNextHasItsDescriptors) {
  const TestDirectory directory;
  const int status = in_a_process([&] {
    return keep({.signals = {}, .title = ""}, [&] {
      begin();
      note(directory, "core\n");
      const int number = 200;
      if (::fcntl(number, F_GETFD) >= 0) return 7;
      const UniqueFd opened(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      ::dup3(opened.get(), number, O_CLOEXEC);
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(directory.read("said"), "core\ncore\n");
}

TEST(Keeper, TellsTheNextCoreHowAnOrphanEnded) {
  const TestDirectory directory;
  const int status = in_a_process([&] {
    return keep({.signals = {}, .title = ""}, [&] {
      begin();
      if (directory.read("said").empty()) {
        note(directory, "first\n");
        // It ends when the core that made it has gone.
        const pid_t maker = ::getpid();
        if (::fork() == 0) {
          while (::getppid() == maker) ::poll(nullptr, 0, 1);
          ::_exit(9);
        }
        ::kill(::getpid(), SIGKILL);
      }
      Ended ended;
      pollfd waiting{kept()->link, POLLIN, 0};
      ::poll(&waiting, 1, -1);
      if (::recv(kept()->link, &ended, sizeof ended, 0) != static_cast<ssize_t>(sizeof ended)) return 1;
      return WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : 2;
    });
  });
  EXPECT_EQ(WEXITSTATUS(status), 9);
}

/// The exit code of a core that is sent a signal by way of its keeper.
int hear_by_way_of_the_keeper() {
  constexpr int kSignals[] = {SIGTERM};
  return keep({.signals = kSignals, .title = ""}, [] {
    if (kept() == nullptr) return 7;
    begin();
    ::kill(::getppid(), SIGTERM);
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    int heard = 0;
    ::sigwait(&term, &heard);
    return heard == SIGTERM ? 5 : 6;
  });
}

TEST(Keeper, PassesSignalsOn) { EXPECT_EQ(WEXITSTATUS(in_a_process(hear_by_way_of_the_keeper)), 5); }

#ifdef SYS_poll
TEST(Keeper, PassesSignalsOnByWhicheverWaitIsPermitted) {
  for (const unsigned refused : {SYS_poll, SYS_ppoll})
    EXPECT_EQ(WEXITSTATUS(in_a_process(
                  [&] { return test::refuse_call(refused, EPERM) ? hear_by_way_of_the_keeper() : 1; })),
              5)
        << refused;
}

TEST(Keeper, IsNoneWhereItCouldNotWait) {
  EXPECT_EQ(WEXITSTATUS(in_a_process([] {
              return test::refuse_call(SYS_poll, EPERM) && test::refuse_call(SYS_ppoll, ENOSYS)
                         ? hear_by_way_of_the_keeper()
                         : 1;
            })),
            7);
}
#endif

TEST(Keeper, IsNoneWhereNobodyWantsOne) {
  ::setenv("KINDRED_KEEPER", "none", 1);
  EXPECT_EQ(keep({.signals = {}, .title = ""}, [] { return kept() == nullptr ? 3 : 4; }), 3);
  EXPECT_EQ(known_pid(), ::getpid());
  ::unsetenv("KINDRED_KEEPER");
}

TEST(Keeper, LetsACoreThatIsKilledAllTheTimeWait) {
  Keeper keeper;
  Instant now{1'000'000'000};
  for (int i = 0; i < 32; ++i) EXPECT_EQ(keeper.replace_at(now), now);
  EXPECT_EQ(keeper.replace_at(now), now + std::chrono::seconds(1));
  now = now + std::chrono::seconds(60);
  EXPECT_EQ(keeper.replace_at(now), now);
}

}  // namespace
}  // namespace kindred
