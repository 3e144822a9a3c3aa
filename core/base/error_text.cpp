#include "core/base/error_text.h"

#include <cerrno>
#include <cstring>

namespace kindred {

const char* error_text(int code) noexcept {
  switch (code) {
    case 0:
      return "no error";
    case EINTR:
      return "interrupted system call";
    case ENOMEM:
      return "out of memory";
    case ENOENT:
      return "file does not exist";
    case ETXTBSY:
      return "text busy";
    case EIO:
      return "input/output error";
    case EEXIST:
      return "file already exists";
    case ETIMEDOUT:
      return "timed out";
    case EINPROGRESS:
      return "operation in progress";
    case EAGAIN:
      return "temporary failure";
    case EPIPE:
      return "broken pipe";
    case EPERM:
      return "permission denied";
    case EACCES:
      return "access denied";
    case ENXIO:
      return "device not configured";
    case EPROTO:
      return "protocol error";
    case EISDIR:
      return "is a directory";
    case ESRCH:
      return "no such process";
    case E2BIG:
      return "argument list too long";
    case ENOEXEC:
      return "exec format error";
    case EBADF:
      return "file descriptor not open";
    case ECHILD:
      return "no child processes";
    case EFAULT:
      return "bad address";
    case ENOTBLK:
      return "not a block device";
    case EBUSY:
      return "device busy";
    case EXDEV:
      return "cross-device link";
    case ENODEV:
      return "device does not support operation";
    case ENOTDIR:
      return "not a directory";
    case EINVAL:
      return "invalid argument";
    case ENFILE:
      return "system cannot open more files";
    case EMFILE:
      return "process cannot open more files";
    case ENOTTY:
      return "not a tty";
    case EFBIG:
      return "file too big";
    case ENOSPC:
      return "out of disk space";
    case ESPIPE:
      return "unseekable descriptor";
    case EROFS:
      return "read-only file system";
    case EMLINK:
      return "too many links";
    case ELOOP:
      return "symbolic link loop";
    case ENAMETOOLONG:
      return "file name too long";
    case ENOTEMPTY:
      return "directory not empty";
    case EDQUOT:
      return "disk quota exceeded";
    case ESTALE:
      return "stale file handle";
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
      return "connection reset";
    default:
      return "unknown error";
  }
}

const char* system_error_text(int code) noexcept {
  const char* const text = strerrordesc_np(code);
  return text != nullptr ? text : "Unknown error";
}

}  // namespace kindred
