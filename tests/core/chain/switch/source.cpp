// A source of the name service switch that knows one account and one group, which are in no file.

#include <grp.h>
#include <nss.h>
#include <pwd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

constexpr const char* kAccount = "kindred-elsewhere";
constexpr const char* kGroup = "kindred-members";
constexpr uid_t kUser = 54321;
constexpr gid_t kOwnGroup = 54322, kMembersGroup = 54323;

// Of glibc's own making; none of it is written to.
char* text(const char* constant) { return const_cast<char*>(constant); }

}  // namespace

extern "C" {

nss_status _nss_kindredtest_getpwnam_r(const char* name, passwd* found, char*, size_t, int*) {
  if (std::strcmp(name, kAccount) != 0) return NSS_STATUS_NOTFOUND;
  *found = {text(kAccount), text("x"), kUser, kOwnGroup, text(""), text("/"), text("/bin/sh")};
  return NSS_STATUS_SUCCESS;
}

nss_status _nss_kindredtest_getgrnam_r(const char* name, group* found, char*, size_t, int*) {
  static char* members[] = {text(kAccount), nullptr};
  if (std::strcmp(name, kGroup) != 0) return NSS_STATUS_NOTFOUND;
  *found = {text(kGroup), text("x"), kMembersGroup, members};
  return NSS_STATUS_SUCCESS;
}

nss_status _nss_kindredtest_initgroups_dyn(const char* user, gid_t, long* start, long* size, gid_t** groups,
                                           long limit, int* error) {
  if (std::strcmp(user, kAccount) != 0) return NSS_STATUS_NOTFOUND;
  if (*start == *size) {
    const long more = *size * 2 + 1;
    void* const larger = limit > 0 && *size >= limit
                             ? nullptr
                             : std::realloc(*groups, static_cast<size_t>(more) * sizeof **groups);
    if (larger == nullptr) {
      *error = ENOMEM;
      return NSS_STATUS_TRYAGAIN;
    }
    *groups = static_cast<gid_t*>(larger);
    *size = more;
  }
  (*groups)[(*start)++] = kMembersGroup;
  return NSS_STATUS_SUCCESS;
}
}
