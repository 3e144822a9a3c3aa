#include "core/cli/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tests/core/cli/run_main.h"

namespace kindred {
namespace {

TEST(Output, WritesWhenFlushedAndNotBefore) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK), 0);
  Output out(ends[1]);
  out.add("pid ").add(77).add(" ").add(std::uint64_t{18446744073709551615U});
  std::array<char, 64> buffer;
  EXPECT_EQ(read(ends[0], buffer.data(), buffer.size()), -1);
  ASSERT_TRUE(out.flush());
  const ssize_t size = read(ends[0], buffer.data(), buffer.size());
  EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(size)), "pid 77 18446744073709551615");
  close(ends[0]);
  close(ends[1]);
}

TEST(Output, WaitsForADescriptorThatSomebodyMadeNonBlocking) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK), 0);
  const std::string much(300'000, 'x');  // more than a pipe holds
  std::size_t seen = 0;
  std::thread reader([&] {
    std::array<char, 8192> buffer;
    while (seen < much.size()) {
      const ssize_t size = read(ends[0], buffer.data(), buffer.size());
      if (size > 0) seen += static_cast<std::size_t>(size);
    }
  });
  EXPECT_TRUE(write_text(ends[1], much));
  reader.join();
  EXPECT_EQ(seen, much.size());
  close(ends[0]);
  close(ends[1]);
}

TEST(Output, AFailureIsToldByEachFlush) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Output out(full);
  out.add("lost");
  const Status first = out.flush();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ENOSPC);
  EXPECT_FALSE(out.flush());
  close(full);
}

TEST(Fatal, NamesProgramOperationObjectAndReason) {
  const test::Ran ran = test::run_main(
      [](int, char**) {
        return fatal("svok", Error{ENOTDIR, "chdir to", "web"});
      },
      {"svok"});
  EXPECT_EQ(ran.err, "svok: fatal: unable to chdir to web: not a directory\n");
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.out, "");
}

TEST(Fatal, TakesTheExitCodeOfTheFamily) {
  EXPECT_EQ(test::run_main([](int, char**) { return fatal("sv", {"no"}, 100); }, {"sv"}).code, 100);
}

TEST(Warning, IsALine) {
  EXPECT_EQ(test::run_main(
                [](int, char**) {
                  return print_warning("svc", {"a", "b"}), 0;
                },
                {"svc"})
                .err,
            "svc: warning: ab\n");
}

}  // namespace
}  // namespace kindred
