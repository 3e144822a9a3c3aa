// Changes of descriptors, and what a process is told of itself.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "core/chain/step.h"
#include "core/sys/record_lock.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

/// The line that `act` returns, of a process of its own that has no descriptors but the first three.
std::string in_a_process(const std::function<std::string(ProcessState&)>& act) {
  return test::run_main(
             [&](int, char**) {
               const char* const environment[] = {"A=1", nullptr};
               ProcessState state(environment);
               const std::string told = act(state);
               return write(1, told.data(), told.size()) == static_cast<ssize_t>(told.size()) ? 0 : 1;
             },
             {"test"})
      .out;
}

std::string done(const ChainStep& step, ProcessState& state) {
  const Status status = apply(step, state);
  return status ? "ok" : std::to_string(status.error().code) + " " + status.error().operation;
}

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) != -1; }
bool is_passed_on(int descriptor) { return fcntl(descriptor, F_GETFD) == 0; }
bool blocks(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }

TEST(OpenDescriptor, TakesTheNumberAndIsPassedOn) {
  const test::TestDirectory root;
  root.write("file", "text");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              OpenDescriptor step{7, root.path("file"), O_RDONLY};
              const std::string told = done(step, state);
              return told + (is_passed_on(7) && !is_open(3) && blocks(7) ? " 7" : " none");
            }),
            "ok 7");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              OpenDescriptor step{3, root.path("file"), O_RDONLY | O_NONBLOCK};
              step.changes_blocking = true;
              const std::string told = done(step, state);
              return told + (is_passed_on(3) && blocks(3) ? " blocks" : " does not");
            }),
            "ok blocks");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              const std::string told = done(OpenDescriptor{3, root.path("none"), O_RDONLY}, state);
              return told + (is_open(3) ? " open" : " closed");
            }),
            std::to_string(ENOENT) + " open closed");
}

TEST(OpenDescriptor, MayBeAnyThatIsFreeAndIsTold) {
  const test::TestDirectory root;
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              OpenDescriptor step{std::nullopt, root.path("made"), O_WRONLY | O_CREAT, 0600};
              step.variable = "FD";
              const std::string told = done(step, state);
              return told + " " + std::string(*state.environment.value("FD"));
            }),
            "ok 3");
}

TEST(OpenDescriptor, AFifoNeedsNoReaderWhereThatIsAsked) {
  const test::TestDirectory root;
  ASSERT_EQ(mkfifo(root.path("fifo").c_str(), 0600), 0);
  for (const bool needs_none : {false, true})
    EXPECT_EQ(in_a_process([&](ProcessState& state) {
                OpenDescriptor step{7, root.path("fifo"), O_WRONLY | O_NONBLOCK};
                step.needs_no_reader = needs_none;
                return done(step, state);
              }),
              needs_none ? "ok" : std::to_string(ENXIO) + " open");
}

TEST(MoveDescriptor, ClosesWhatItMovesUnlessItIsKept) {
  const auto moved = [](MoveDescriptor step) {
    return in_a_process([&](ProcessState& state) {
      const std::string told = done(step, state);
      return told + (is_open(step.from) ? " kept" : "") + (is_passed_on(step.to) ? " there" : "");
    });
  };
  EXPECT_EQ(moved({5, 0}), "ok there");
  EXPECT_EQ(moved({5, 0, true}), "ok kept there");
  EXPECT_EQ(moved({0, 0}), "ok kept there");
  EXPECT_EQ(moved({0, 0, true, true}), std::to_string(EINVAL) + " copy descriptor kept there");
  EXPECT_EQ(moved({0, 77}), std::to_string(EBADF) + " copy descriptor there");
}

TEST(SwapDescriptors, ExchangesTwo) {
  const test::TestDirectory root;
  root.write("one", "1");
  root.write("two", "2");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              std::string told = done(OpenDescriptor{4, root.path("one"), O_RDONLY}, state);
              told += done(OpenDescriptor{5, root.path("two"), O_RDONLY}, state);
              told += done(SwapDescriptors{4, 5}, state) + " ";
              for (const int descriptor : {4, 5})
                if (char byte; read(descriptor, &byte, 1) == 1) told += byte;
              return told + (is_open(3) ? " leaks" : "") + (is_passed_on(5) ? "" : " lost");
            }),
            "okokok 21");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              return done(SwapDescriptors{1, 77}, state);
            }),
            std::to_string(EBADF) + " swap descriptors");
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              const std::string told = done(SwapDescriptors{2, 3}, state);
              return told + (is_open(3) ? " open" : "");
            }),
            std::to_string(EBADF) + " swap descriptors")
      << "the next free one is no other than any that is closed";
}

TEST(HoldLock, TheFileTakesNoStandardStreamsPlace) {
  const test::TestDirectory root;
  const auto holds = [&](const ChainStep& step) {
    return in_a_process([&](ProcessState& state) {
      const int told = fcntl(1, F_DUPFD, 10);
      close(0);
      close(1);
      std::string held = done(step, state);
      if (is_open(0) || is_open(1)) held += " in place";
      if (is_passed_on(3)) held += " passed on";
      dup2(told, 1);
      return held;
    });
  };
  EXPECT_EQ(holds(HoldLock{root.path("lock")}), "ok passed on");
  EXPECT_EQ(holds(HoldRecordLock{.path = root.path("other")}), "ok passed on");
}

TEST(HoldRecordLock, IsOnTheDescriptorThatIsAskedFor) {
  const test::TestDirectory root;
  EXPECT_EQ(in_a_process([&](ProcessState& state) {
              const std::string held =
                  done(HoldRecordLock{.path = root.path("lock"), .descriptor = 9}, state);
              const pid_t other = fork();
              if (other == 0) _exit(*is_locked(AT_FDCWD, root.path("lock").c_str()) ? 7 : 0);
              int status = 0;
              waitpid(other, &status, 0);
              return held + (is_passed_on(9) && !is_open(3) ? " passed on" : "") +
                     (WEXITSTATUS(status) == 7 ? " locked" : "");
            }),
            "ok passed on locked");
}

TEST(HoldRecordLock, MayBeSharedOnADirectory) {
  const test::TestDirectory root;
  const auto holds = [&](bool shared) {
    return in_a_process([&](ProcessState& state) {
      return done(HoldRecordLock{.path = root.path("."), .shared = shared}, state);
    });
  };
  EXPECT_EQ(holds(true), "ok");
  EXPECT_EQ(holds(false), std::to_string(EISDIR) + " open");
}

TEST(MoveDescriptor, ToItselfIsNothingAndACopyOfItselfFails) {
  const auto moved = [](const ChainStep& step) {
    return in_a_process([&](ProcessState& state) { return done(step, state) + (is_open(2) ? " open" : ""); });
  };
  EXPECT_EQ(moved(MoveDescriptor{2, 2, false, true}), "ok open");
  EXPECT_EQ(moved(MoveDescriptor{7, 7, false, true}), "ok open") << "it is closed";
  EXPECT_EQ(moved(MoveDescriptor{2, 2, true, true}), std::to_string(EINVAL) + " copy descriptor open");
  EXPECT_EQ(moved(SwapDescriptors{7, 7}), "ok open") << "it is closed";
}

TEST(OpenPipe, HasBothEndsWhereverTheyAreWanted) {
  for (const auto& [reads, writes] : {std::pair(3, 4), std::pair(4, 3), std::pair(9, 3), std::pair(8, 9)})
    EXPECT_EQ(in_a_process([&, reads = reads, writes = writes](ProcessState& state) {
                std::string told = done(OpenPipe{reads, writes}, state);
                char byte = 0;
                if (write(writes, "x", 1) != 1 || read(reads, &byte, 1) != 1 || byte != 'x')
                  told += " broken";
                int open = 0;
                for (int descriptor = 3; descriptor < 20; ++descriptor) open += is_passed_on(descriptor);
                return told + " " + std::to_string(open);
              }),
              "ok 2")
        << reads << " " << writes;
}

TEST(SetBlocking, IsForOneThatIsOpen) {
  EXPECT_EQ(in_a_process([](ProcessState& state) {
              std::string told = done(OpenPipe{3, 4}, state);
              told += done(SetBlocking{3, false}, state);
              told += blocks(3) ? "" : " not";
              told += done(SetBlocking{3, true}, state);
              return told + (blocks(3) ? " again" : "");
            }),
            "okok notok again");
  EXPECT_EQ(in_a_process([](ProcessState& state) {
              return done(SetBlocking{77, true}, state);
            }),
            std::to_string(EBADF) + " change the blocking mode of");
}

TEST(TellFreeDescriptors, OpensNoneAndRefusesMoreThanThereMayBe) {
  EXPECT_EQ(in_a_process([](ProcessState& state) {
              const std::string told = done(TellFreeDescriptors{2}, state);
              return told + " " + std::string(*state.environment.value("FD0")) +
                     std::string(*state.environment.value("FD1")) + (is_open(3) || is_open(4) ? " open" : "");
            }),
            "ok 34");
  EXPECT_EQ(in_a_process([](ProcessState& state) {
              const std::string told = done(TellFreeDescriptors{UINT32_MAX, 9}, state);
              return told + " " + std::to_string(state.failure_code.value_or(0));
            }),
            "0 too many descriptors requested: 9");
}

TEST(TellProcess, OfItselfItsParentAndWhereItIs) {
  using What = TellProcess::What;
  const std::string told = in_a_process([](ProcessState& state) {
    std::string text;
    if (chdir("/") == 0)
      for (const What what : {What::Directory, What::Pid, What::Parent}) {
        text += done(TellProcess{what, "V"}, state);
        const auto value = *state.environment.value("V");
        const bool right = what == What::Directory
                               ? value == "/"
                               : value == std::to_string(what == What::Pid ? getpid() : getppid());
        text += right ? " right " : " wrong ";
      }
    return text;
  });
  EXPECT_EQ(told, "ok right ok right ok right ");
}

}  // namespace
}  // namespace kindred
