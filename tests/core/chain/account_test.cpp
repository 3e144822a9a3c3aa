#include "core/chain/account.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/chain/step.h"
#include "tests/core/refused_call.h"

namespace kindred {
namespace {

TEST(Account, IsFoundByItsNameAndByNothingElse) {
  const auto root = find_account("root");
  ASSERT_TRUE(root && *root);
  EXPECT_EQ((*root)->name, "root");
  EXPECT_EQ((*root)->user, 0U);
  EXPECT_EQ((*root)->group, 0U);
  for (const char* name : {"no-such-account", "0", ""}) {
    const auto none = find_account(name);
    EXPECT_TRUE(none && !*none) << name;
  }
}

TEST(Account, IsFoundByItsNumber) {
  const auto root = find_account(uid_t{0});
  ASSERT_TRUE(root && *root);
  EXPECT_EQ((*root)->name, "root");
  const auto none = find_account(uid_t{54321});
  EXPECT_TRUE(none && !*none);
}

TEST(Account, AGroupThatIsNotThereIsNamedWhereAnAccountIsMeant) {
  IdentityName name;
  name.account_only = true;
  name.text = name.user = "root";
  name.groups = {"no-such-group"};
  const auto identity = resolve(name);
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().operation, "unknown group");
  EXPECT_EQ(identity.error().object, "no-such-group");
}

/// In a process of its own; the exit code.
template <class Body>
int elsewhere(Body body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Account, BecomingItLeavesNothingOfWhatOneWas) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  EXPECT_EQ(elsewhere([] {
              const gid_t others[] = {4, 5, 6};
              if (setgroups(3, others) != 0) return 1;
              if (!become_account({"somebody", 1234, 4321})) return 2;
              uid_t real_user, user, saved_user;
              gid_t real_group, group, saved_group, left[4];
              if (getresuid(&real_user, &user, &saved_user) != 0) return 3;
              if (getresgid(&real_group, &group, &saved_group) != 0) return 4;
              if (real_user != 1234 || user != 1234 || saved_user != 1234) return 5;
              if (real_group != 4321 || group != 4321 || saved_group != 4321) return 6;
              return getgroups(4, left) == 1 && left[0] == 4321 ? 0 : 7;
            }),
            0);
}

TEST(Account, ItsGroupIsOnceAmongTheGroups) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  EXPECT_EQ(elsewhere([] {
              const char* const none[] = {nullptr};
              ProcessState state(none);
              if (!apply(BecomeNumbers{.user = 1234, .group = 5, .groups = std::vector<gid_t>{7, 5}}, state))
                return 1;
              gid_t groups[4];
              return getgroups(4, groups) == 2 && groups[0] == 5 && groups[1] == 7 ? 0 : 2;
            }),
            0);
}

TEST(Account, WhoMayChangeNothingMayBecomeItself) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can stop being it";
  EXPECT_EQ(elsewhere([] {
              if (!become_account({"somebody", 1234, 4321})) return 1;
              const char* const none[] = {nullptr};
              ProcessState state(none);
              if (!apply(BecomeNumbers{.user = 1234, .group = 4321}, state)) return 2;
              if (apply(BecomeNumbers{.group = 4321, .groups = std::vector<gid_t>{}}, state)) return 3;
              return apply(BecomeNumbers{.user = 1, .group = 4321}, state) ? 4 : 0;
            }),
            0);
}

TEST(Account, ItsEnvironmentIsTold) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  const auto account = find_account("root");
  ASSERT_TRUE(account && *account);
  EXPECT_EQ(elsewhere([&] {
              const char* const others[] = {"HOME=/nowhere", "UID=7", "KEPT=1", nullptr};
              ProcessState state(others);
              Become becomes{account_name("root")};
              becomes.all_groups = becomes.enters_home = becomes.tells_account = true;
              if (!apply(becomes, state)) return 1;
              const auto is = [&](const char* name, const std::string& value) {
                return state.environment.value(name) == value;
              };
              if (!is("HOME", (*account)->home) || !is("SHELL", (*account)->shell)) return 2;
              return is("USER", "root") && is("UID", "0") && is("GID", "0") && is("KEPT", "1") ? 0 : 3;
            }),
            0);
}

TEST(Account, WhoMayNotStaysWhatItIs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can stop being it";
  EXPECT_EQ(elsewhere([] {
              if (!become_account({"somebody", 1234, 4321})) return 1;
              const Status refused = become_account({"root", 0, 0});
              if (refused || refused.error().code != EPERM) return 2;
              return refused.error().object == "root" && getuid() == 1234 ? 0 : 3;
            }),
            0);
}

TEST(Account, ASystemThatSaysYesAndDoesNothingIsNotBelieved) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  for (const unsigned call : {SYS_setgroups, SYS_setresgid, SYS_setresuid})
    EXPECT_EQ(elsewhere([call] {
                const gid_t others[] = {4, 5, 6};
                if (setgroups(3, others) != 0 || !test::refuse_call(call, 0)) return 1;
                const Status refused = become_account({"somebody", 1234, 4321});
                if (refused || refused.error().code != EPERM) return 2;
                const char* const none[] = {nullptr};
                ProcessState state(none);
                return apply(BecomeNumbers{.user = 1, .group = 2}, state) ? 3 : 0;
              }),
              0)
        << call;
}

}  // namespace
}  // namespace kindred
