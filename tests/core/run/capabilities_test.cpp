#include "core/run/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace kindred {
namespace {

constexpr CapabilitySet bit(unsigned number) { return CapabilitySet{1} << number; }

TEST(Capabilities, HaveTheKernelsNumbers) {
  EXPECT_EQ(capability_named("CAP_CHOWN"), bit(CAP_CHOWN));
  EXPECT_EQ(capability_named("cap_net_bind_service"), bit(CAP_NET_BIND_SERVICE));
  EXPECT_EQ(capability_named("CAP_SYS_ADMIN"), bit(CAP_SYS_ADMIN));
  EXPECT_EQ(capability_named("CAP_SETFCAP"), bit(CAP_SETFCAP));
  EXPECT_EQ(capability_named("CAP_AUDIT_READ"), bit(CAP_AUDIT_READ));
  for (const char* const name : {"CHOWN", "CAP_", "CAP_NONE", ""})
    EXPECT_FALSE(capability_named(name)) << name;
}

TEST(Capabilities, AreAddedAndTaken) {
  const CapabilitySet both = bit(CAP_CHOWN) | bit(CAP_KILL);
  EXPECT_EQ(change_capabilities(std::nullopt, "CAP_CHOWN CAP_KILL"), both);
  EXPECT_EQ(change_capabilities(bit(CAP_CHOWN), "CAP_KILL"), both);
  EXPECT_EQ(change_capabilities(both, "~CAP_KILL"), bit(CAP_CHOWN));
  EXPECT_EQ(change_capabilities(std::nullopt, "~CAP_KILL"), kAllCapabilities & ~bit(CAP_KILL));
  EXPECT_EQ(change_capabilities(both, ""), CapabilitySet{0});
  EXPECT_EQ(change_capabilities(both, "~"), kAllCapabilities);
  EXPECT_FALSE(change_capabilities(both, "CAP_CHOWN CAP_X"));
  EXPECT_FALSE(change_capabilities(both, "\"CAP_CHOWN"));
}

}  // namespace
}  // namespace kindred
