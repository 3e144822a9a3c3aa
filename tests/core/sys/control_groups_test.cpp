#include "core/sys/control_groups.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

constexpr const char* kMounts =
    "24 30 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
    "35 24 0:31 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(ControlGroups, AGroupIsFoundBelowItsMount) {
  EXPECT_EQ(control_group_directory_of("4:cpu:/x\n0::/system.slice/a.service\n", kMounts),
            "/sys/fs/cgroup/system.slice/a.service");
  EXPECT_EQ(control_group_directory_of("0::/\n", kMounts), "/sys/fs/cgroup");
}

TEST(ControlGroups, WhatIsMountedOfAHierarchyIsWhatIsSeenOfIt) {
  const char* const mounts = "35 24 0:31 /docker/a /cg rw - cgroup2 cgroup rw\n";
  EXPECT_EQ(control_group_directory_of("0::/docker/a/b\n", mounts), "/cg/b");
  EXPECT_EQ(control_group_directory_of("0::/docker/a\n", mounts), "/cg");
  EXPECT_FALSE(control_group_directory_of("0::/docker/ab\n", mounts));
  EXPECT_FALSE(control_group_directory_of("0::/\n", mounts));
}

TEST(ControlGroups, WithoutTheNewHierarchyThereIsNone) {
  EXPECT_FALSE(control_group_directory_of("4:cpu:/x\n1:name=systemd:/y\n", kMounts));
  EXPECT_FALSE(control_group_directory_of("0::/a\n", "24 30 0:22 / /sys rw - sysfs sysfs rw\n"));
  EXPECT_FALSE(control_group_directory_of("0::/../a\n", kMounts));
  EXPECT_FALSE(control_group_directory_of("", ""));
  EXPECT_FALSE(control_group_directory_of("0::/a\n", "- cgroup2 \n"));
}

}  // namespace
}  // namespace kindred
