#include "core/engine/process_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "core/engine/input_pipe.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// A process that waits to be ended. It has been executed when this is made, as a service's have: until then it
/// would share the lock of the table.
class Sleeper {
 public:
  explicit Sleeper(ProcessTable& table, ProcessTable::Place record, int output = -1) {
    int executed[2];
    EXPECT_EQ(::pipe2(executed, O_CLOEXEC), 0);
    table.intend(record, Script::Run);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (output >= 0) ::dup2(output, 1);
      ::execl("/bin/sleep", "sleep", "1000", nullptr);
      ::_exit(111);
    }
    table.note_process(record, pid_);
    ::close(executed[1]);
    char byte;
    EXPECT_EQ(::read(executed[0], &byte, 1), 0);
    ::close(executed[0]);
  }
  ~Sleeper() { end(); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

class ProcessTableTest : public ::testing::Test {
 protected:
  ProcessTableTest() {
    run_.make_directory("service");
    run_.make_directory("run");
    ::chmod(run_.path("run").c_str(), 0700);
    const UniqueFd directory(::open(run_.path("service").c_str(), O_RDONLY | O_DIRECTORY));
    service_ = *service_identity(directory.get());
  }

  [[nodiscard]] std::string tables() const { return run_.path("run"); }
  [[nodiscard]] std::size_t count_tables() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(tables())) {
      (void)entry;
      ++count;
    }
    return count;
  }
  /// What is left of the service, by a keeper that does not release it.
  void leave(Want want, std::optional<Sleeper>& sleeper) {
    ProcessTable table;
    ASSERT_TRUE(table.open(tables()));
    const ProcessTable::Place record = table.reserve(service_, Role::Main);
    ASSERT_NE(record, ProcessTable::kNone);
    sleeper.emplace(table, record);
    StatusRecord as;
    as.want = want;
    as.pid = sleeper->pid();
    table.settle(record, as);
  }
  [[nodiscard]] std::string only_table() const {
    return std::filesystem::directory_iterator(tables())->path().string();
  }

  TestDirectory run_;
  ServiceIdentity service_;
};

TEST_F(ProcessTableTest, AProcessThatIsLeftIsFoundOnce) {
  std::optional<Sleeper> sleeper;
  leave(Want::Once, sleeper);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_EQ(left->record.pid, sleeper->pid());
  EXPECT_EQ(left->record.want, Want::Once);
  EXPECT_FALSE(next.take(service_, Role::Log));
  ProcessTable third;
  ASSERT_TRUE(third.open(tables()));
  EXPECT_FALSE(third.take(service_, Role::Main)) << "it is the second one's";
}

TEST_F(ProcessTableTest, OneThatHasEndedMeanwhileIsToldAsThat) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  sleeper->end();
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->alive);
}

TEST_F(ProcessTableTest, AnotherProcessOfThatNumberIsNotIt) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  {
    // As if the record were older by a minute than the process that has its number now.
    std::fstream table(only_table(), std::ios::in | std::ios::out | std::ios::binary);
    ProcessRecord record;
    table.seekg(64);
    table.read(reinterpret_cast<char*>(&record), sizeof record);
    constexpr std::uint64_t kMinute = 60'000'000'000;
    record.intended -= kMinute;
    table.seekp(64);
    table.write(reinterpret_cast<const char*>(&record), sizeof record);
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->alive);
  EXPECT_FALSE(left->process);
}

TEST_F(ProcessTableTest, ADirectoryMadeLaterUnderThatNumberIsAnotherService) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  if (service_.made == 0) GTEST_SKIP() << "the file system does not tell when a directory was made";
  ServiceIdentity later = service_;
  later.made += 1;
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  EXPECT_FALSE(next.take(later, Role::Main));
  EXPECT_TRUE(next.take(service_, Role::Main));
}

TEST_F(ProcessTableTest, ATableOfAnotherBootIsTakenAway) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  {
    std::fstream table(only_table(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(8);
    table.write("another boot id.", 16);
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  EXPECT_FALSE(next.take(service_, Role::Main));
  EXPECT_EQ(count_tables(), 1U) << "its own";
}

TEST_F(ProcessTableTest, ATableThatOthersMayReadOrThatIsSomebodyElsesIsNotBelieved) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  const std::string table = only_table();
  ASSERT_EQ(::chmod(table.c_str(), 0666), 0);
  {
    ProcessTable next;
    ASSERT_TRUE(next.open(tables()));
    EXPECT_FALSE(next.take(service_, Role::Main));
  }
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chmod(table.c_str(), 0600), 0);
  ASSERT_EQ(::chown(table.c_str(), 65534, 65534), 0);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  EXPECT_FALSE(next.take(service_, Role::Main));
}

TEST_F(ProcessTableTest, ATableThatIsKeptIsNobodyElses) {
  ProcessTable kept;
  ASSERT_TRUE(kept.open(tables()));
  const ProcessTable::Place record = kept.reserve(service_, Role::Main);
  Sleeper sleeper(kept, record);
  ProcessTable other;
  ASSERT_TRUE(other.open(tables()));
  EXPECT_FALSE(other.take(service_, Role::Main));
}

TEST_F(ProcessTableTest, WhatIsReleasedWithoutAProcessLeavesNothing) {
  {
    ProcessTable table;
    ASSERT_TRUE(table.open(tables()));
    table.release(table.reserve(service_, Role::Main));
    EXPECT_EQ(count_tables(), 1U);
  }
  EXPECT_EQ(count_tables(), 0U);
}

TEST_F(ProcessTableTest, WhatIsReleasedWithItsProcessIsFoundByTheSameKeeper) {
  ProcessTable table;
  ASSERT_TRUE(table.open(tables()));
  const ProcessTable::Place record = table.reserve(service_, Role::Main);
  Sleeper sleeper(table, record);
  StatusRecord as;
  as.pid = sleeper.pid();
  table.settle(record, as);
  table.release(record);
  const std::optional<LeftBehind> left = table.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_FALSE(table.take(service_, Role::Main));
}

TEST_F(ProcessTableTest, ThereIsRoomForThousands) {
  ProcessTable table;
  ASSERT_TRUE(table.open(tables()));
  ProcessTable::Place last = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    last = table.reserve({{1, i}, 1}, Role::Main);
    ASSERT_NE(last, ProcessTable::kNone);
  }
  EXPECT_EQ(last, 4999U);
  table.release(17);
  EXPECT_EQ(table.reserve({{1, 1}, 1}, Role::Log), 17U);
  for (ProcessTable::Place i = 0; i < 5000; ++i) table.release(i);
}

TEST_F(ProcessTableTest, APipeIsFoundByItsNumberAndNoOtherIs) {
  Result<InputPipe> pipe = InputPipe::make();
  Result<InputPipe> other = InputPipe::make();
  ASSERT_TRUE(pipe && other);
  std::optional<Sleeper> sleeper;
  {
    ProcessTable table;
    ASSERT_TRUE(table.open(tables()));
    const ProcessTable::Place record = table.reserve(service_, Role::Main);
    table.set_pipe(record, pipe->inode());
    sleeper.emplace(table, record, pipe->write_end());
    StatusRecord as;
    as.pid = sleeper->pid();
    table.settle(record, as);
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  ASSERT_TRUE(next.take(service_, Role::Main));
  EXPECT_FALSE(next.open_left_pipe(other->inode()));
  const UniqueFd found = next.open_left_pipe(pipe->inode());
  ASSERT_TRUE(found);
  struct stat st;
  ASSERT_EQ(::fstat(found.get(), &st), 0);
  EXPECT_EQ(st.st_ino, pipe->inode());
}

}  // namespace
}  // namespace kindred
