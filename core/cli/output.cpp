#include "core/cli/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error_text.h"

namespace kindred {
namespace {

std::string join(std::string_view program, std::string_view kind,
                 std::initializer_list<std::string_view> parts) {
  std::string line(program);
  line += kind;
  for (const std::string_view part : parts) line += part;
  return line;
}

}  // namespace

Status write_text(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return error_here("write to", "descriptor " + std::to_string(descriptor));
    }
  }
  return ok();
}

Output::~Output() { (void)flush(); }

Output& Output::add(std::string_view text) {
  text_ += text;
  if (text_.size() >= kFlushAt) (void)flush();
  return *this;
}

Status Output::flush() {
  if (state_ && !text_.empty()) state_ = write_text(descriptor_, text_);
  text_.clear();
  return state_;
}

void print_error(std::initializer_list<std::string_view> parts) {
  std::string line = join({}, {}, parts);
  line += '\n';
  (void)write_text(2, line);
}

void print_warning(std::string_view program, std::initializer_list<std::string_view> parts) {
  print_error({join(program, ": warning: ", parts)});
}

int fatal(std::string_view program, std::initializer_list<std::string_view> parts, int exit_code) {
  print_error({join(program, ": fatal: ", parts)});
  return exit_code;
}

int fatal(std::string_view program, const Error& error, int exit_code) {
  if (error.code == 0) return fatal(program, {"unable to ", error.operation, " ", error.object}, exit_code);
  return fatal(program, {"unable to ", error.operation, " ", error.object, ": ", error_text(error.code)},
               exit_code);
}

}  // namespace kindred
