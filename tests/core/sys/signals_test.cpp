#include "core/sys/signals.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

TEST(SignalsDeathTest, ALimitOnTheSizeOfFilesIsTheWritersErrorAndNobodysEnd) {
  const test::TestDirectory directory;
  const auto write_fails = [&] {
    Signals signals;
    const rlimit nothing{0, RLIM_INFINITY};
    const UniqueFd file(::open(directory.path("file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return signals.open({SIGTERM}, {}) && ::setrlimit(RLIMIT_FSIZE, &nothing) == 0 &&
           ::write(file.get(), "x", 1) < 0 && errno == EFBIG;
  };
  EXPECT_EXIT(_exit(write_fails() ? 0 : 1), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace kindred
