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
    first.make_ahead();
    ASSERT_TRUE(second.claim() && second.open_control() && second.announce());
    auto expected = files_below(taken);
    if (dialect->layout.tally.name != nullptr) expected.erase(second.path(dialect->layout.tally.name));
    EXPECT_EQ(files_below(ahead), expected);
    EXPECT_TRUE(first.claim() && first.open_control() && first.announce());
    first.make_ahead();
    EXPECT_EQ(files_below(ahead), files_below(taken));
  }
  EXPECT_GT(seen, 3U);
}

INSTANTIATE_TEST_SUITE_P(UnderMask, MadeAhead, testing::Values(0U, 022U, 077U));

}  // namespace
}  // namespace kindred
