// dumblog [-c] FILE: appends its standard input to a file, which may be renamed away at any time.
// Source: interfaces/freedt.md sections 3.5 and 6.4.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>

#include "compat-freedt/log/pending_lines.h"
#include "compat-freedt/log/programs.h"
#include "compat-freedt/voice.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"
#include "core/sys/unique_fd.h"

namespace kindred::freedt {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);

/// As ctime(3) has it, in local time, and what separates it from the line.
std::string stamp_of(std::time_t moment) {
  std::tm local{};
  localtime_r(&moment, &local);
  std::array<char, 64> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y: ", &local)};
}

class Dumblog {
 public:
  Dumblog(const char* path, bool stamped) : path_(path), stamped_(stamped), pending_(stamped) {}
  int run();

 private:
  [[nodiscard]] bool open_file();
  void write_due();
  void wait();
  void obey(int signal);
  void read_input();
  void be_in_trouble(std::string_view operation);
  int leave();

  const char* path_;
  bool stamped_;
  PendingLines pending_;
  UniqueFd file_;
  Signals signals_;
  SystemClock clock_;
  std::array<char, PendingLines::kLongestPiece> buffer_;
  bool input_ended_ = false;
  bool told_to_end_ = false;
  int read_error_ = 0;

  /// Nothing is read while there is, so nothing that was read is lost.
  struct Trouble {
    std::string_view operation;
    int error;
    Instant again;
  };
  std::optional<Trouble> trouble_;
};

bool Dumblog::open_file() {
  constexpr mode_t kMode = 0666;
  file_.reset(open(path_, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, kMode));
  return static_cast<bool>(file_);
}

void Dumblog::be_in_trouble(std::string_view operation) {
  const int error = errno;
  if (!trouble_ || trouble_->operation != operation)
    print_warning("dumblog", {"unable to ", operation, " ", path_, ", pausing: ", error_text(error)});
  trouble_ = {operation, error, clock_.now().steady + kPause};
}

/// A burst of lines goes out in one write: those of two writers do not mix.
void Dumblog::write_due() {
  if (!file_ && !open_file()) return be_in_trouble("open");
  while (!pending_.due().empty()) {
    const ssize_t size = write(file_.get(), pending_.due().data(), pending_.due().size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return be_in_trouble("write to");
    pending_.written(static_cast<std::size_t>(size));
  }
  trouble_.reset();
}

void Dumblog::obey(int signal) {
  if (signal == SIGTERM) {
    told_to_end_ = true;
    return;
  }
  pending_.cut();
  write_due();
  // What the old file had no room for goes to the new one.
  if (!open_file())
    be_in_trouble("open");
  else if (trouble_)
    write_due();
}

void Dumblog::wait() {
  std::array<pollfd, 2> ready{{{signals_.fd(), POLLIN, 0}, {trouble_ || input_ended_ ? -1 : 0, POLLIN, 0}}};
  int milliseconds = -1;
  if (trouble_) {
    const Duration left = std::max(trouble_->again - clock_.now().steady, Duration::zero());
    milliseconds = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  }
  if (poll(ready.data(), ready.size(), milliseconds) == -1) return;
  while (const int signal = signals_.next()) obey(signal);
  if (!told_to_end_ && ready[1].revents != 0) read_input();
  if (trouble_ && clock_.now().steady >= trouble_->again) write_due();
}

void Dumblog::read_input() {
  const ssize_t size = read(0, buffer_.data(), buffer_.size());
  if (size == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (size == -1) read_error_ = errno;
  input_ended_ = size <= 0;
  if (input_ended_)
    pending_.finish();
  else
    pending_.add({buffer_.data(), static_cast<std::size_t>(size)},
                 stamped_ ? stamp_of(clock_.now().wall.seconds) : "");
  write_due();
}

int Dumblog::leave() {
  if (told_to_end_ && !input_ended_) pending_.finish();
  write_due();
  if (trouble_)
    return fatal("dumblog", {"unable to write ", std::to_string(pending_.due().size()), " bytes to ", path_,
                             ": ", error_text(trouble_->error)});
  if (read_error_ != 0) return fatal("dumblog", {"unable to read standard input: ", error_text(read_error_)});
  return 0;
}

int Dumblog::run() {
  // A file that may not grow any more is trouble like a full disk.
  signal(SIGXFSZ, SIG_IGN);
  if (const Status taken = signals_.open({SIGHUP, SIGTERM}, {}); !taken)
    return fatal("dumblog", taken.error());
  if (!open_file()) return fatal("dumblog", error_here("open", path_));
  // At the end of input only TERM ends what cannot be written.
  while (!told_to_end_ && !(input_ended_ && !trouble_)) wait();
  return leave();
}

}  // namespace

int dumblog_main(int argc, char** argv) {
  constexpr const char* kUsage = "dumblog: usage: dumblog [ -c ] file";
  if (const auto code = answered(argc, argv, "dumblog", kUsage)) return *code;
  bool stamped = false;
  Options options(argc, argv, "c");
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return misused(kUsage);
    stamped = true;
  }
  const auto operands = options.operands();
  if (operands.size() != 1) return misused(kUsage);
  return Dumblog(operands[0], stamped).run();
}

}  // namespace kindred::freedt
