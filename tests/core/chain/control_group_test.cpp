#include "core/chain/control_group.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

std::string place(std::string_view text, bool has_unified) {
  const auto found = control_group_place(text, has_unified);
  return found ? found->root + " " + found->path : "none";
}

TEST(ControlGroup, IsInTheNewHierarchyWhereThereIsOne) {
  constexpr std::string_view kBoth = "9:name=systemd:/old/a\n1:cpu:/x\n0::/new/a\n";
  EXPECT_EQ(place(kBoth, true), "/sys/fs/cgroup /new/a");
  EXPECT_EQ(place(kBoth, false), "/sys/fs/cgroup/systemd /old/a");
  EXPECT_EQ(place("0::/\n", true), "/sys/fs/cgroup ");
  for (const std::string_view none : {"", "1:cpu:/x\n", "0:cpu:/\n", "nonsense", ":"})
    EXPECT_EQ(place(none, true), "none") << none;
}

TEST(ControlGroup, NamesLeadNowhereAboveTheRoot) {
  const ControlGroupPlace own{"/sys/fs/cgroup", "/a/b"};
  EXPECT_EQ(control_group_directory(own, "../c.service"), "/sys/fs/cgroup/a/c.service");
  EXPECT_EQ(control_group_directory(own, "d"), "/sys/fs/cgroup/a/b/d");
  EXPECT_EQ(control_group_directory(own, "/c/./d//e"), "/sys/fs/cgroup/c/d/e");
  EXPECT_EQ(control_group_directory(own, "../../../../etc"), "/sys/fs/cgroup/etc");
  EXPECT_EQ(control_group_directory({"/sys/fs/cgroup", ""}, "../web.service"), "/sys/fs/cgroup/web.service");
  EXPECT_EQ(control_group_directory(own, "."), "/sys/fs/cgroup/a/b");
}

}  // namespace
}  // namespace kindred
