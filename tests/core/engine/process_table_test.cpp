#include "core/engine/process_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "core/engine/input_pipe.h"
#include "core/sys/files.h"
#include "core/sys/memory.h"
#include "core/sys/process.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// A process that waits to be ended. It has been executed when this is made, as a service's have: until then it
/// would share the lock of the table.
class Sleeper {
 public:
  explicit Sleeper(ProcessTable& table, ProcessTable::Place record, int output = -1,
                   std::optional<uid_t> user = std::nullopt) {
    int executed[2];
    EXPECT_EQ(::pipe2(executed, O_CLOEXEC), 0);
    table.intend(record, Script::Run);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (output >= 0) ::dup2(output, 1);
      if (user && ::setresuid(*user, *user, *user) != 0) ::_exit(111);
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
  void leave(Want want, std::optional<Sleeper>& sleeper, std::optional<uid_t> user = std::nullopt) {
    ProcessTable table;
    ASSERT_TRUE(table.open(tables()));
    const ProcessTable::Place record = table.reserve(service_, Role::Main);
    ASSERT_NE(record, ProcessTable::kNone);
    sleeper.emplace(table, record, -1, user);
    StatusRecord as;
    as.want = want;
    as.pid = sleeper->pid();
    table.settle(record, as);
  }
  [[nodiscard]] std::string only_table() const {
    return std::filesystem::directory_iterator(tables())->path().string();
  }

  /// Writes over a part of the header of the only table.
  void rewrite_header(std::streamoff offset, const std::string& bytes) const {
    std::fstream table(only_table(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(offset);
    table.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  TestDirectory run_;
  ServiceIdentity service_;
};

/// As another user, who may become root again.
class AsOtherUser {
 public:
  explicit AsOtherUser(const std::string& directory) {
    EXPECT_EQ(::chown(directory.c_str(), kOther, kOther), 0);
    EXPECT_EQ(::setresuid(kOther, kOther, 0), 0);
  }
  ~AsOtherUser() { EXPECT_EQ(::setresuid(0, 0, 0), 0); }
  AsOtherUser(const AsOtherUser&) = delete;
  AsOtherUser& operator=(const AsOtherUser&) = delete;
  static constexpr uid_t kOther = 65534;
};

TEST_F(ProcessTableTest, WhatHappenedIsFoundAndGoesOnWithWhoTakesItOn) {
  const auto told = [&] {
    std::string text;
    for (const TraceFound& found : find_traces(tables(), service_))
      for (const TraceEntry& entry : found.trace.read())
        text += std::string(found.role == Role::Log ? "log " : "main ") + std::to_string(entry.milliseconds) +
                "\n";
    return text;
  };
  EXPECT_EQ(told(), "");
  std::optional<Sleeper> sleeper;
  {
    ProcessTable table;
    ASSERT_TRUE(table.open(tables()));
    const ProcessTable::Place log = table.reserve(service_, Role::Log),
                              main = table.reserve(service_, Role::Main);
    table.note_trace(log, {.kind = TraceEntry::Kind::Ready, .milliseconds = 3});
    table.note_trace(main, {.kind = TraceEntry::Kind::Ready, .milliseconds = 5});
    EXPECT_EQ(told(), "main 5\nlog 3\n");
    sleeper.emplace(table, main);
    StatusRecord as;
    as.pid = sleeper->pid();
    table.settle(main, as);
    table.release(log);
    EXPECT_EQ(told(), "main 5\n");
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const ProcessTable::Place main = next.reserve(service_, Role::Main);
  ASSERT_TRUE(next.take(service_, Role::Main, main));
  next.note_trace(main, {.kind = TraceEntry::Kind::TakenOn, .milliseconds = 8});
  EXPECT_EQ(told(), "main 5\nmain 8\n");
  const ServiceIdentity another{service_.directory, service_.made + 1};
  EXPECT_TRUE(find_traces(tables(), another).empty());
}

TEST_F(ProcessTableTest, WhatHappenedIsFoundInATableThatAProcessHolds) {
  const UniqueFd memory = make_memory("kindred-processes");
  ASSERT_TRUE(memory);
  ProcessTable table;
  ASSERT_TRUE(table.open(tables()));
  const ProcessTable::Place main = table.reserve(service_, Role::Main);
  table.note_trace(main, {.kind = TraceEntry::Kind::Ready, .milliseconds = 5});
  const Result<std::string> bytes = read_file(AT_FDCWD, only_table().c_str(), 1 << 20);
  ASSERT_TRUE(bytes);
  ASSERT_EQ(write_all(memory.get(), *bytes), 0);
  std::filesystem::remove(only_table());
  const UniqueFd again(::fcntl(memory.get(), F_DUPFD_CLOEXEC, 0));
  const std::vector<TraceFound> found = find_traces(tables(), service_);
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].trace.read().size(), 1U);
  EXPECT_EQ(found[0].trace.read().front().milliseconds, 5U);
  EXPECT_TRUE(find_traces(tables(), {service_.directory, service_.made + 1}).empty());
}

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

TEST_F(ProcessTableTest, WhatAForeignSupervisorHasIsFoundAsIfItHadBeenOurs) {
  std::optional<Sleeper> sleeper;
  {
    ProcessTable any;
    sleeper.emplace(any, ProcessTable::kNone);
  }
  const std::optional<ProcessFacts> facts = facts_of(sleeper->pid());
  ASSERT_TRUE(facts);
  const ForeignRole role{.service = service_,
                         .pid = sleeper->pid(),
                         .start_ticks = facts->start_ticks,
                         .want = Want::Once,
                         .paused = true,
                         .since = {1000, 7},
                         .pipe = 5,
                         .ready_pipe = 6};
  const Result<std::string> path = leave_foreign(tables(), std::array{role});
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, only_table());
  EXPECT_FALSE(is_taken(*path));
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_FALSE(left->image);
  EXPECT_EQ(left->record.pid, sleeper->pid());
  EXPECT_EQ(left->record.want, Want::Once);
  EXPECT_TRUE(left->record.paused);
  EXPECT_EQ(left->record.since, 1000'000'000'007U);
  EXPECT_EQ(left->record.pipe, 5U);
  EXPECT_EQ(left->record.ready_pipe, 6U);
  EXPECT_TRUE(is_taken(*path));
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
  rewrite_header(8, "another boot id.");
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  EXPECT_FALSE(next.take(service_, Role::Main));
  EXPECT_EQ(count_tables(), 1U) << "its own";
}

TEST_F(ProcessTableTest, ATableOfAnotherVersionIsLeftAndNamedOnce) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  const std::string table = only_table();
  rewrite_header(7, "9");
  {
    ProcessTable next;
    ASSERT_TRUE(next.open(tables()));
    EXPECT_FALSE(next.take_complaint()) << "nobody has looked";
    EXPECT_FALSE(next.take(service_, Role::Main));
    const std::optional<Error> complaint = next.take_complaint();
    ASSERT_TRUE(complaint);
    EXPECT_EQ(complaint->object, table);
    EXPECT_FALSE(next.take(service_, Role::Log));
    EXPECT_FALSE(next.take_complaint());
  }
  EXPECT_TRUE(std::filesystem::exists(table));
}

TEST_F(ProcessTableTest, LongerRecordsOfTheSameVersionAreRead) {
  std::optional<Sleeper> sleeper;
  leave(Want::Once, sleeper);
  {
    std::fstream table(only_table(), std::ios::in | std::ios::out | std::ios::binary);
    ProcessRecord record;
    table.seekg(64);
    table.read(reinterpret_cast<char*>(&record), sizeof record);
    ProcessRecord other = record;
    ++other.inode;
    constexpr std::streamoff kLonger = sizeof record + 8;
    table.seekp(64);
    table.write(reinterpret_cast<const char*>(&other), sizeof other);
    table.seekp(64 + kLonger);
    table.write(reinterpret_cast<const char*>(&record), sizeof record);
    table.seekp(32);
    table.put(static_cast<char>(kLonger));
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_EQ(left->record.want, Want::Once);
  EXPECT_FALSE(next.take_complaint());
}

TEST_F(ProcessTableTest, WhoCannotSeeWhoLivesLeavesATableForWhoCan) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("nothing", "/proc", "tmpfs", 0, nullptr) != 0)
      ::_exit(2);
    ProcessTable blind;
    ::_exit(blind.open(tables()) && !blind.take(service_, Role::Main) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "this process may not hide /proc from another";
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
}

TEST_F(ProcessTableTest, AProcessOfAUserThatItsKeepersServicesCannotHaveIsNotIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "this takes a second user";
  ASSERT_EQ(::chmod(run_.path().c_str(), 0755), 0);
  std::optional<Sleeper> roots, own;
  {
    const AsOtherUser other(tables());
    for (auto* const sleeper : {&roots, &own}) {
      leave(Want::Up, *sleeper, sleeper == &roots ? 0 : AsOtherUser::kOther);
      ProcessTable next;
      ASSERT_TRUE(next.open(tables()));
      const std::optional<LeftBehind> left = next.take(service_, Role::Main);
      ASSERT_TRUE(left);
      EXPECT_EQ(left->alive, sleeper == &own);
    }
  }
}

TEST_F(ProcessTableTest, RootsServicesMayBeAnybodys) {
  if (::geteuid() != 0) GTEST_SKIP() << "this takes a second user";
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper, AsOtherUser::kOther);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
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

TEST_F(ProcessTableTest, AKeeperThatIsAtItsEndIsWaitedFor) {
  int told[2];
  ASSERT_EQ(::pipe2(told, O_CLOEXEC), 0);
  const pid_t keeper = ::fork();
  if (keeper == 0) {
    ProcessTable table;
    if (!table.open(tables())) ::_exit(1);
    const ProcessTable::Place record = table.reserve(service_, Role::Main);
    const Sleeper sleeper(table, record);
    const pid_t pid = sleeper.pid();
    (void)!::write(told[1], &pid, sizeof pid);
    ::poll(nullptr, 0, 200);
    ::_exit(0);
  }
  pid_t pid = 0;
  ASSERT_EQ(::read(told[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  ::close(told[0]);
  ::close(told[1]);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_EQ(left->record.pid, pid);
  EXPECT_EQ(::waitpid(keeper, nullptr, 0), keeper);
}

TEST_F(ProcessTableTest, WhatIsTakenByOneWhoIsKilledAtOnceIsFoundByTheNext) {
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  {
    ProcessTable killed;
    ASSERT_TRUE(killed.open(tables()));
    ASSERT_TRUE(killed.take(service_, Role::Main, killed.reserve(service_, Role::Main)));
  }
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->alive);
  EXPECT_EQ(left->record.pid, sleeper->pid());
}

TEST_F(ProcessTableTest, WhatIsLeftAfterAnotherWasLookedForIsFoundAtOnce) {
  run_.make_directory("other");
  const UniqueFd directory(::open(run_.path("other").c_str(), O_RDONLY | O_DIRECTORY));
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  EXPECT_FALSE(next.take(*service_identity(directory.get()), Role::Main));
  std::optional<Sleeper> sleeper;
  leave(Want::Up, sleeper);
  const std::optional<LeftBehind> left = next.take(service_, Role::Main);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->record.pid, sleeper->pid());
}

TEST_F(ProcessTableTest, WhatNobodyHasTakenYetIsNotForgottenWithTheRest) {
  std::optional<Sleeper> sleeper, other;
  leave(Want::Up, sleeper);
  run_.make_directory("another");
  const ServiceIdentity first = service_;
  service_ = *service_identity(UniqueFd(::open(run_.path("another").c_str(), O_RDONLY | O_DIRECTORY)).get());
  leave(Want::Up, other);
  ProcessTable next;
  ASSERT_TRUE(next.open(tables()));
  ASSERT_TRUE(next.take(first, Role::Main));
  next.forget_taken();
  EXPECT_FALSE(next.is_left(sleeper->pid()));
  EXPECT_TRUE(next.is_left(other->pid()));
  const auto found = next.take(service_, Role::Main);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.pid, other->pid());
  EXPECT_FALSE(next.take(first, Role::Main));
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
