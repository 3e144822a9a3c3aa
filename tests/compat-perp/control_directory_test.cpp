// The sticky bit of a directory in a view tree, as `perpctl A` and `X` set and clear it before they ask for a
// scan.

#include "compat-perp/control_directory.h"

#include <sys/stat.h>

#include "tests/core/one_service.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

class StickyBit : public ::testing::Test {
 protected:
  FdStore none_;  ///< nothing is taken up

  StickyBit() {
    dir_.make_directory("web");
    set_mode(01755);
    const struct stat st = dir_.look("web");
    tree_.service.id = {st.st_dev, st.st_ino};
    EXPECT_TRUE(loop_.open());
    Result<std::unique_ptr<TreeDoor>> door = open_door(loop_, tree_, dir_.fd(), none_);
    EXPECT_TRUE(door);
    door_ = std::move(*door);
  }

  void set_mode(mode_t mode) const { ASSERT_EQ(chmod(dir_.path("web").c_str(), mode), 0); }
  /// What the service is told when somebody asks for a scan.
  std::vector<Verb> told() {
    tree_.commands.clear();
    door_->look_again();
    std::vector<Verb> verbs;
    for (const ControlCommand& command : tree_.commands) verbs.push_back(command.verb);
    return verbs;
  }

  test::TestDirectory dir_;
  SystemClock clock_;
  EventLoop loop_{clock_};
  test::OneService tree_{DirectoryId{}};
  std::unique_ptr<TreeDoor> door_;
};

TEST_F(StickyBit, GoneStopsMainAndLogOnce) {
  EXPECT_TRUE(told().empty());
  set_mode(0755);
  EXPECT_EQ(told(), (std::vector{Verb::Down, Verb::Down}));
  EXPECT_EQ(tree_.commands[1].role, Role::Log);
  EXPECT_TRUE(told().empty());
}

TEST_F(StickyBit, GivenBackStartsThemAgain) {
  set_mode(0755);
  EXPECT_EQ(told().size(), 2U);
  set_mode(01755);
  EXPECT_EQ(told(), (std::vector{Verb::Up, Verb::Up}));
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace kindred::perp
