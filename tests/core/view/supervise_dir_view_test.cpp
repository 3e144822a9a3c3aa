#include "core/view/supervise_dir_view.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>

#include "core/dialect/registry.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// Type and mode of everything below, by name.
std::map<std::string, mode_t> files_below(const TestDirectory& top) {
  std::map<std::string, mode_t> files;
  for (const auto& each : std::filesystem::recursive_directory_iterator(top.path())) {
    struct stat st {};
    EXPECT_EQ(::lstat(each.path().c_str(), &st), 0);
    files[std::filesystem::relative(each.path(), top.path())] = st.st_mode;
  }
  return files;
}

class MadeAhead : public testing::TestWithParam<mode_t> {
 protected:
  MadeAhead() : before_(::umask(GetParam())) {}
  ~MadeAhead() override { ::umask(before_); }

 private:
  mode_t before_;
};

TEST_P(MadeAhead, IsWhatIsMadeWhenTheDirectoryIsTakenAndMayBeTaken) {
  std::size_t seen = 0;
  for (const Dialect* const dialect : families()) {
    if (dialect->layout.directory == nullptr || dialect->layout.directory_of != nullptr) continue;
    SCOPED_TRACE(dialect->name);
    ++seen;
    const TestDirectory ahead, taken;
    SuperviseDirView first(*dialect, Role::Main, ahead.fd(), ""),
        second(*dialect, Role::Main, taken.fd(), "");
    first.make_ahead([] { return false; });
    ASSERT_TRUE(second.claim() && second.open_control() && second.announce());
    auto expected = files_below(taken);
    if (dialect->layout.tally.name != nullptr) expected.erase(second.path(dialect->layout.tally.name));
    EXPECT_EQ(files_below(ahead), expected);
    EXPECT_TRUE(first.claim() && first.open_control() && first.announce());
    first.make_ahead([] { return true; });
    EXPECT_EQ(files_below(ahead), files_below(taken));
  }
  EXPECT_GT(seen, 3U);
}

TEST_P(MadeAhead, TemporariesBecomeTheRecordWhateverIsInThem) {
  GroupSnapshot down, up;
  up.main.phase = Phase::Running;
  up.main.pid = 7;
  for (const Dialect* const dialect : families()) {
    if (dialect->layout.directory == nullptr || dialect->layout.directory_of != nullptr) continue;
    for (const GroupSnapshot& snapshot : {down, up}) {
      SCOPED_TRACE(dialect->name);
      const TestDirectory ahead, taken;
      SuperviseDirView first(*dialect, Role::Main, ahead.fd(), ""),
          second(*dialect, Role::Main, taken.fd(), "");
      first.make_ahead([] { return true; });
      const std::string temporary = first.path(dialect->status.files[0].name) + ".new";
      const ino_t made = ahead.look(temporary).st_ino;
      first.expect_temporaries();
      const char* failed = nullptr;
      for (SuperviseDirView* view : {&first, &second}) {
        ASSERT_TRUE(view->claim() && view->open_control());
        ASSERT_EQ(view->publish(snapshot, failed), 0);
        ASSERT_TRUE(view->announce());
      }
      EXPECT_EQ(files_below(ahead), files_below(taken));
      EXPECT_EQ(ahead.look(first.path(dialect->status.files[0].name)).st_ino, made);
      for (const StatusFile& file : dialect->status.files)
        EXPECT_EQ(ahead.read(first.path(file.name)), taken.read(second.path(file.name)));
    }
  }
}

TEST(SuperviseDirViewTest, TemporariesAreNotMadeForWhoHasComeToThemOrInADirectoryThatWasThere) {
  const Dialect& dialect = *find_family(families(), "daemontools");
  const TestDirectory late, early;
  SuperviseDirView passed(dialect, Role::Main, late.fd(), ""), there(dialect, Role::Main, early.fd(), "");
  passed.make_ahead([] { return false; });
  EXPECT_FALSE(late.exists("supervise/status.new"));
  ASSERT_TRUE(there.claim());
  there.make_ahead([] { return true; });
  EXPECT_FALSE(early.exists("supervise/status.new"));
}

INSTANTIATE_TEST_SUITE_P(UnderMask, MadeAhead, testing::Values(0U, 022U, 077U));

}  // namespace
}  // namespace kindred
