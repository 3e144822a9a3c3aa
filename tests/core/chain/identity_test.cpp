#include <gtest/gtest.h>

#include "core/chain/account.h"

namespace kindred {
namespace {

TEST(ParseAccount, ReadsALineOfPasswd) {
  const auto account = parse_account("www:x:33:34:Web,,,:/var/www:/bin/sh");
  ASSERT_TRUE(account);
  EXPECT_EQ(account->name, "www");
  EXPECT_EQ(account->user, 33U);
  EXPECT_EQ(account->group, 34U);
  EXPECT_EQ(account->home, "/var/www");
  EXPECT_EQ(account->shell, "/bin/sh");
}

TEST(ParseAccount, RefusesWhatIsNoAccount) {
  for (const char* line :
       {"", ":x:1:1:::", "a", "a:x::1:::", "a:x:1:-1:::", "a:x:99999999999:1:::", "+::::::"})
    EXPECT_FALSE(parse_account(line)) << line;
}

TEST(ParseGroup, ReadsNumberAndMembers) {
  const auto group = parse_group("adm:x:4:www,nobody");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->group, 4U);
  EXPECT_EQ(group->members, "www,nobody");
  EXPECT_FALSE(parse_group("adm:x:"));
}

TEST(IdentityName, IsANameWithGroupsOrNumbers) {
  EXPECT_TRUE(parse_identity_name("www").groups.empty());
  const IdentityName name = parse_identity_name("www:a:b");
  EXPECT_FALSE(name.numeric);
  EXPECT_EQ(name.user, "www");
  EXPECT_EQ(name.groups, (std::vector<std::string>{"a", "b"}));
  const IdentityName numbers = parse_identity_name(":77:88");
  EXPECT_TRUE(numbers.numeric);
  EXPECT_EQ(numbers.text, "77:88");
  EXPECT_EQ(parse_identity_name("www:").groups, std::vector<std::string>{""});
}

TEST(Resolve, TakesNumbersAsTheyAre) {
  const auto identity = resolve(parse_identity_name(":77:88:99"));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user, 77U);
  EXPECT_EQ(identity->groups, (std::vector<gid_t>{88, 99}));
}

TEST(Resolve, NamesWhatThereIsNot) {
  const auto what = [](const char* text) {
    const auto identity = resolve(parse_identity_name(text));
    return identity ? std::string("is there") : identity.error().operation + ": " + identity.error().object;
  };
  EXPECT_EQ(what("no-such-user"), "unknown user/group: no-such-user");
  EXPECT_EQ(what("root:no-such-group"), "unknown user/group: root:no-such-group");
  EXPECT_EQ(what("root:"), "unknown user/group: root:");
  EXPECT_EQ(what(""), "unknown user/group: ");
  for (const char* text : {":12", ":12:x", ":x:12", ":", ":-1:1", ":1:4294967296"})
    EXPECT_EQ(what(text), std::string("invalid uid/gids") + ": " + (text + 1)) << text;
}

}  // namespace
}  // namespace kindred
