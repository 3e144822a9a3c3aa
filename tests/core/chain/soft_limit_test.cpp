#include "core/chain/soft_limit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kindred {
namespace {

TEST(SoftLimit, IsDigitsOrAllThereIs) {
  EXPECT_EQ(parse_soft_limit('o', "20")->value, 20U);
  EXPECT_EQ(parse_soft_limit('o', "0")->value, 0U);
  EXPECT_EQ(parse_soft_limit('o', "")->value, 0U);
  EXPECT_EQ(parse_soft_limit('o', "=")->value, RLIM_INFINITY);
  // One more than fits, and much more: wrapped round they would be 0 and 99.
  EXPECT_EQ(parse_soft_limit('o', "18446744073709551616")->value, RLIM_INFINITY);
  EXPECT_EQ(parse_soft_limit('o', "99999999999999999999999999")->value, RLIM_INFINITY);
  EXPECT_FALSE(parse_soft_limit('o', "18446744073709551616", {.too_great_is_hard = false}));
}

TEST(SoftLimit, AnythingElseIsNone) {
  for (const char* value : {"12x", "-5", "+5", " 5", "5 ", "0x10", "==", "99999999999999999999999999x"})
    EXPECT_FALSE(parse_soft_limit('o', value)) << value;
  EXPECT_FALSE(parse_soft_limit('q', "1"));
}

TEST(SoftLimit, EveryLetterTakesAnArgument) {
  const std::string letters = soft_limit_letters();
  EXPECT_EQ(letters, "a:c:d:f:l:m:o:p:r:s:t:");
  for (std::size_t i = 0; i < letters.size(); i += 2) EXPECT_TRUE(parse_soft_limit(letters[i], "1"));
}

/// In a process of its own, whose limit on open files is (50, 60): what the limits make of it.
rlimit open_files_after(std::initializer_list<SoftLimit> limits) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    rlimit both{50, 60};
    bool good = setrlimit(RLIMIT_NOFILE, &both) == 0;
    for (const SoftLimit& limit : limits) good = apply(limit) && good;
    good = good && getrlimit(RLIMIT_NOFILE, &both) == 0;
    good = good && write(ends[1], &both, sizeof both) == sizeof both;
    _exit(good ? 0 : 1);
  }
  close(ends[1]);
  rlimit both{};
  EXPECT_EQ(read(ends[0], &both, sizeof both), static_cast<ssize_t>(sizeof both));
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  return both;
}

TEST(SoftLimit, TheHardOneStaysAndBoundsIt) {
  const auto expect = [](std::initializer_list<SoftLimit> limits, rlim_t soft) {
    const rlimit both = open_files_after(limits);
    EXPECT_EQ(both.rlim_cur, soft);
    EXPECT_EQ(both.rlim_max, 60U);
  };
  expect({{'o', 20}}, 20);
  expect({{'o', 20}, {'o', 40}}, 40);
  expect({{'o', 100}}, 60);
  expect({{'o', RLIM_INFINITY}}, 60);
}

TEST(SoftLimit, OneLetterLimitsFour) {
  const pid_t pid = fork();
  if (pid == 0) {
    constexpr rlim_t kMuch = rlim_t{1} << 40;
    int wrong = apply(SoftLimit{'m', kMuch}) ? 0 : 1;
    for (const auto resource : {RLIMIT_DATA, RLIMIT_STACK, RLIMIT_AS, RLIMIT_MEMLOCK}) {
      rlimit both{};
      if (getrlimit(resource, &both) != 0 || both.rlim_cur != std::min(kMuch, both.rlim_max)) ++wrong;
    }
    _exit(wrong);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace kindred
