#include "core/base/error_text.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

namespace kindred {
namespace {

TEST(ErrorText, IsTheFamilysNotLibcs) {
  // Source: interfaces/daemontools.md section 11, runit.md section 1.3.
  const std::pair<int, std::string_view> kPhrases[] = {
      {ENOENT, "file does not exist"},
      {EACCES, "access denied"},
      {EPERM, "permission denied"},
      {EAGAIN, "temporary failure"},
      {EWOULDBLOCK, "temporary failure"},
      {ENXIO, "device not configured"},
      {EEXIST, "file already exists"},
      {EISDIR, "is a directory"},
      {ENOTDIR, "not a directory"},
      {ELOOP, "symbolic link loop"},
      {ENOSPC, "out of disk space"},
      {EIO, "input/output error"},
      {EINTR, "interrupted system call"},
      {ENOMEM, "out of memory"},
      {EPIPE, "broken pipe"},
      {ETXTBSY, "text busy"},
      {ENOEXEC, "exec format error"},
      {EBADF, "file descriptor not open"},
      {ENOTEMPTY, "directory not empty"},
      {EROFS, "read-only file system"},
      {EMFILE, "process cannot open more files"},
      {ENFILE, "system cannot open more files"},
      {ENAMETOOLONG, "file name too long"},
      {EINVAL, "invalid argument"},
      {EDQUOT, "disk quota exceeded"},
      {EFBIG, "file too big"},
      {EXDEV, "cross-device link"},
      {ESRCH, "no such process"},
      {E2BIG, "argument list too long"},
      {EBUSY, "device busy"},
      {ENOSYS, "system call not available"},
      {EOPNOTSUPP, "operation not supported"},
      {EADDRINUSE, "address already used"},
      {ENOLCK, "no locks available"},
      {ESTALE, "stale NFS file handle"},
      {0, "no error"},
  };
  for (const auto& [code, phrase] : kPhrases) EXPECT_EQ(error_text(code), phrase) << code;
}

TEST(ErrorText, OfAnythingElseIsUnknownError) {
  EXPECT_EQ(error_text(-1), std::string_view("unknown error"));
  EXPECT_EQ(error_text(99999), std::string_view("unknown error"));
  for (int code = -10; code < 4096; ++code) EXPECT_NE(std::string_view(error_text(code)), "") << code;
}

TEST(SystemErrorText, IsLibcs) {
  EXPECT_EQ(system_error_text(ENOENT), std::string_view("No such file or directory"));
  EXPECT_EQ(system_error_text(-1), std::string_view("Unknown error"));
}

}  // namespace
}  // namespace kindred
