#include "core/log/log_loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "core/cli/output.h"
#include "core/log/appended_file.h"
#include "core/sys/memory.h"

namespace kindred {
namespace {

/// No file of ours becomes one of them; what was closed fails when it is used, as before.
void keep_standard_descriptors() {
  for (const int fd : {0, 1, 2})
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY));
}

constexpr WallTime kNoStamp{INT64_MIN, 0};
constexpr std::size_t kLeastRead = 64;
constexpr std::size_t kLongRest = 8192;  ///< of a line
constexpr mode_t kStatusMode = 0600, kReplacedStatusMode = 0666;

/// Something else stands where a file should be: that does not pass by waiting.
bool is_in_the_way(const LogTrouble& trouble) {
  using Operation = LogTrouble::Operation;
  const bool opens = trouble.operation == Operation::Open || trouble.operation == Operation::Create ||
                     trouble.operation == Operation::MakeState;
  return opens && (trouble.error == EISDIR || trouble.error == EINVAL || trouble.error == ENXIO ||
                   trouble.error == ELOOP);
}

}  // namespace

int make_status_file(const Teller& teller) {
  const int fd = ::open(teller.path.c_str(), O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, kStatusMode);
  if (fd == -1) return errno;
  ::close(fd);
  return 0;
}

class LogLoop::PlaceListener final : public LogListener {
 public:
  PlaceListener(LogVoice& voice, const std::string& path) : voice_(voice), path_(path) {}
  void on_notice(LogNotice notice, std::string_view name, std::uint64_t bytes) override {
    voice_.notice(path_, notice, name, bytes);
  }

 private:
  LogVoice& voice_;
  const std::string& path_;
};

/// An outlet and what stands behind it: a directory, a file, or descriptor 1.
struct LogLoop::Place {
  Place(const Outlet& outlet, LogVoice& voice) : path(outlet.path), listener(voice, path) {}

  std::string path;
  PlaceListener listener;
  SystemLogStorage storage;
  std::unique_ptr<SystemProcessorHost> processors;
  std::unique_ptr<LogDirectory> directory;  ///< null: a file, descriptor 1, or left out
  std::unique_ptr<AppendedFile> file;
  bool left_out = false;
  bool reopened = false;  ///< by the new script, which other places still wait for
  bool leaves = false;    ///< its directory is not at its path any more
  bool waits = false;     ///< for its processor, with the next file full
  Instant retry_at = Instant::long_ago();
  bool in_trouble = false;
  std::optional<LogTrouble::Operation> told;  ///< what the trouble is, if it has been told
  std::uint64_t files_begun = 0;
  WallTime last_stamp = kNoStamp;  ///< in the file that is written
};

LogLoop::LogLoop(LogScript script, LogLoopRules rules, LogVoice& voice, const Clock& clock)
    : script_(std::move(script)),
      rules_(rules),
      voice_(voice),
      clock_(clock),
      patience_left_(rules.line_patience),
      input_(std::make_unique_for_overwrite<char[]>(kBlock)) {}
LogLoop::~LogLoop() = default;

// ---- opening

std::optional<int> LogLoop::open() {
  keep_standard_descriptors();
  // A reader that has gone away is an error of the write; so is a file that may grow no more.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  std::vector<int> taken{SIGCHLD};
  for (const LogSignal& signal : rules_.signals) taken.push_back(signal.signal);
  if (const Status opened = signals_.open_list(taken); !opened) {
    voice_.no_signals(opened.error().code);
    return rules_.exit_fatal;
  }
  return open_places();
}

std::optional<int> LogLoop::open_places() {
  program_ = std::make_unique<LineProgram>(script_, *this);
  std::vector<std::unique_ptr<Place>> before = std::move(places_);
  places_.clear();
  bool some = false, asked = false;
  for (std::size_t i = 0; i < script_.outlets.size(); ++i) {
    const Outlet& outlet = script_.outlets[i];
    // One that is at its path still has been opened anew.
    if (i < before.size() && before[i] != nullptr && before[i]->path == outlet.path) {
      places_.push_back(std::move(before[i]));
      some = asked = true;
      continue;
    }
    places_.push_back(std::make_unique<Place>(outlet, voice_));
    if (outlet.path.empty() && !outlet.is_directory) {
      some = true;
      continue;
    }
    asked = true;
    bool fatal = false;
    if (open_place(*places_.back(), fatal)) {
      some = true;
      continue;
    }
    if (fatal) return rules_.exit_fatal;
    places_.back()->left_out = true;
    places_.back()->directory.reset();
  }
  if (asked && !some) {
    voice_.nothing_to_write();
    return rules_.exit_fatal;
  }
  return std::nullopt;
}

bool LogLoop::open_place(Place& place, bool& fatal) {
  const Outlet& outlet = script_.outlets[places_.size() - 1];
  const RotationRules& rules = outlet.rules;
  fatal = rules_.opening != LogLoopRules::Opening::Skips &&
          rules_.opening != LogLoopRules::Opening::SkipsUnlocked;
  if (outlet.is_file) {
    place.file = std::make_unique<AppendedFile>(place.path);
    const int error = place.file->open();
    if (error != 0) voice_.trouble(place.path, {LogTrouble::Operation::Open, {}, {}, error}, fatal);
    return error == 0;
  }
  if (rules.opening.make_directory)
    static_cast<void>(::mkdir(place.path.c_str(), rules.opening.directory_mode));
  if (const int error = place.storage.open(place.path.c_str()); error != 0) {
    voice_.no_directory(place.path, error);
    return false;
  }
  place.processors = std::make_unique<SystemProcessorHost>(place.storage.descriptor());
  place.directory =
      std::make_unique<LogDirectory>(rules, place.storage, *place.processors, clock_, &place.listener);
  while (place.directory->open() == LogDirectory::Progress::Trouble) {
    const LogTrouble& trouble = place.directory->trouble();
    const bool retries =
        trouble.operation != LogTrouble::Operation::Lock &&
        (rules_.opening == LogLoopRules::Opening::SkipsUnlocked ||
         (rules_.opening == LogLoopRules::Opening::RetriesAfterLock && !is_in_the_way(trouble)));
    voice_.trouble(place.path, trouble, !retries && fatal);
    if (!retries) return false;
    const timespec pause{static_cast<time_t>(rules_.retry.count() / 1000000),
                         static_cast<long>(rules_.retry.count() % 1000000 * 1000)};
    pollfd told{signals_.fd(), POLLIN, 0};
    if (::ppoll(&told, 1, &pause, nullptr) > 0) note_signals();
    take_signals();
    if (told_to_end_ || finishing_line_) return false;
  }
  place.files_begun = place.directory->files_begun();
  if (rules.opening.continues_line && place.storage.ends_within_line(place.directory->last_written().c_str()))
    program_->go_on(places_.size() - 1);
  return true;
}

// ---- signals and children

void LogLoop::note_signals() {
  while (const int signal = signals_.next()) came_.set(static_cast<std::size_t>(signal));
}

/// In the order of the rules, whichever came first.
void LogLoop::take_signals() {
  if (came_.none()) return;
  const auto take = [&](int signal) {
    const bool came = came_.test(static_cast<std::size_t>(signal));
    came_.reset(static_cast<std::size_t>(signal));
    return came;
  };
  for (const LogSignal& signal : rules_.signals)
    if (take(signal.signal)) obey(signal.act);
  if (take(SIGCHLD)) reap();
}

void LogLoop::obey(LogSignal::Act act) {
  voice_.signalled(act);
  switch (act) {
    case LogSignal::Act::FinishLine:
      finishing_line_ = true;
      ++end_signals_;
      try_at_once();
      break;
    case LogSignal::Act::End:
      told_to_end_ = true;
      ++end_signals_;
      // A file is tried once more.
      for (const auto& place : places_)
        if (place->file != nullptr) place->retry_at = Instant::long_ago();
      break;
    case LogSignal::Act::Rotate:
      for (const auto& place : places_)
        if (place->directory != nullptr && !place->in_trouble)
          if (place->directory->rotate() == LogDirectory::Progress::Trouble)
            be_in_trouble(*place, place->directory->trouble());
      break;
    case LogSignal::Act::RotateAtNextLine:
      rotates_at_next_line_ = true;
      break;
    case LogSignal::Act::Reopen:
      reopens_ = true;
      break;
    case LogSignal::Act::ReopenFiles:
      reopen_files();
      break;
    case LogSignal::Act::Pause:
      ::raise(SIGSTOP);
      voice_.continued();
      break;
  }
}

/// Directories are closed and opened by the new script, once all that was read is written; what is held of a line
/// goes on in the new one. A processor that runs is not forgotten, nor waited for.
void LogLoop::reopen() {
  if (!block_.empty() || unwritten() != 0) return;
  if (!fresh_) fresh_ = voice_.reopened();
  if (!fresh_) {
    reopens_ = false;
    return;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = *places_[i];
    if (place.in_trouble) return;
    if (place.reopened || place.directory == nullptr) continue;
    const bool stays = i < fresh_->outlets.size() && fresh_->outlets[i].path == place.path &&
                       place.storage.is_at(place.path.c_str());
    const LogDirectory::Progress progress =
        stays ? place.directory->reopen(fresh_->outlets[i].rules) : place.directory->close();
    if (progress == LogDirectory::Progress::Trouble) return be_in_trouble(place, place.directory->trouble());
    place.reopened = true;
    place.leaves = !stays;
    place.waits = progress == LogDirectory::Progress::Waiting;
    place.files_begun = place.directory->files_begun();
  }
  for (auto& place : places_) {
    if (place->leaves && place->directory->processing()) {
      leaving_.push_back(std::move(place));
      continue;
    }
    // What is left out, a file or an output is opened by the new script.
    if (place->leaves || place->directory == nullptr)
      place.reset();
    else
      place->reopened = false;
  }
  reopens_ = false;
  std::unique_ptr<LineProgram> old = std::move(program_);
  script_ = std::move(*fresh_);
  fresh_.reset();
  if (const auto code = open_places()) {
    exit_code_ = *code;
    told_to_end_ = true;
  }
  program_->take_over(*old);
}

/// What an old file has no room for goes to the new one.
void LogLoop::reopen_files() {
  while (!block_.empty() && !blocked()) {
    program_->feed(block_, stamps_);
    flush();
  }
  program_->cut();
  for (const auto& place : places_)
    if (place->file != nullptr) place->in_trouble = false;
  flush();
  for (const auto& place : places_) {
    if (place->file == nullptr) continue;
    place->in_trouble = false;
    if (const int error = place->file->open(); error != 0)
      be_in_trouble(*place, {LogTrouble::Operation::Open, {}, {}, error});
  }
}

void LogLoop::reap() {
  voice_.child_ended();
  for (const auto* const places : {&places_, &leaving_})
    for (const auto& place : *places) {
      if (place->directory == nullptr || place->directory->processor() == 0) continue;
      int status = 0;
      if (::waitpid(place->directory->processor(), &status, WNOHANG) > 0)
        place->directory->processor_ended(status);
    }
}

// ---- writing

bool LogLoop::blocked() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const auto& place) { return place->in_trouble || place->waits; });
}

void LogLoop::be_in_trouble(Place& place, const LogTrouble& trouble) {
  if (rules_.repeats_trouble || place.told != trouble.operation) voice_.trouble(place.path, trouble, false);
  place.told = trouble.operation;
  place.in_trouble = true;
  const bool has_own = place.directory != nullptr && place.directory->rules().retry > Duration::zero();
  place.retry_at = clock_.now().steady + (has_own ? place.directory->rules().retry : rules_.retry);
}

/// Who ends does not wait for another try's time.
void LogLoop::try_at_once() {
  for (const auto& place : places_) place->retry_at = std::min(place->retry_at, clock_.now().steady);
}

/// Goes on with rotations, processors and timers, and tries again what failed, when it is time to.
void LogLoop::tend() {
  std::erase_if(leaving_, [&](const auto& place) {
    if (place->in_trouble && clock_.now().steady < place->retry_at) return false;
    place->in_trouble = false;
    if (place->directory->advance() == LogDirectory::Progress::Trouble)
      be_in_trouble(*place, place->directory->trouble());
    if (const auto failure = place->directory->take_failure()) voice_.trouble(place->path, *failure, false);
    return !place->directory->processing();
  });
  for (const auto& place : places_) {
    if (place->in_trouble && clock_.now().steady < place->retry_at) continue;
    if (place->file != nullptr) {
      place->in_trouble = false;
      if (place->file->is_open()) continue;
      if (const int error = place->file->open(); error != 0)
        be_in_trouble(*place, {LogTrouble::Operation::Open, {}, {}, error});
      else
        place->told.reset();
    }
    if (place->directory == nullptr) continue;
    place->in_trouble = place->waits = false;
    LogDirectory& directory = *place->directory;
    // Whoever gives up loses what the disk has no room for, and nothing for a processor that takes its time.
    if (gives_up() ? directory.rotation_may_wait() : end_signals_ > 0 && directory.processor_failed())
      directory.end_without_processor();
    LogDirectory::Progress progress = directory.advance();
    if (progress == LogDirectory::Progress::Done) progress = directory.rotate_if_due();
    if (progress == LogDirectory::Progress::Trouble) be_in_trouble(*place, directory.trouble());
    place->waits = progress == LogDirectory::Progress::Waiting;
    if (const auto failure = directory.take_failure()) voice_.trouble(place->path, *failure, false);
  }
}

void LogLoop::flush() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    OutletBuffer& buffer = program_->buffers()[i];
    if (buffer.empty()) continue;
    Place& place = *places_[i];
    if (place.left_out)
      buffer.taken(buffer.text().size());
    else if (place.file != nullptr)
      flush_to_file(place, buffer);
    else if (place.directory == nullptr)
      flush_to_output(place, buffer);
    else if (!place.in_trouble && !place.waits)
      flush_to(place, buffer);
  }
}

void LogLoop::flush_to(Place& place, OutletBuffer& buffer) {
  std::string_view text = buffer.text();
  const std::size_t before = text.size();
  const LogDirectory::Progress progress = place.directory->write(text);
  buffer.taken(before - text.size());
  if (place.files_begun != place.directory->files_begun()) {
    place.files_begun = place.directory->files_begun();
    place.last_stamp = kNoStamp;
  } else {
    place.last_stamp = stamps_.at();
  }
  if (progress == LogDirectory::Progress::Trouble)
    be_in_trouble(place, place.directory->trouble());
  else
    place.told.reset();
  place.waits = progress == LogDirectory::Progress::Waiting;
  if (const auto failure = place.directory->take_failure()) voice_.trouble(place.path, *failure, false);
}

void LogLoop::flush_to_file(Place& place, OutletBuffer& buffer) {
  if (place.in_trouble || !place.file->is_open()) return;
  std::string_view text = buffer.text();
  const std::size_t before = text.size();
  const int error = place.file->append(text);
  buffer.taken(before - text.size());
  if (error != 0) return be_in_trouble(place, {LogTrouble::Operation::Write, {}, {}, error});
  place.told.reset();
  place.last_stamp = stamps_.at();
}

/// As much as goes without waiting: a pipe that is writable takes PIPE_BUF bytes at once.
void LogLoop::flush_to_output(Place& place, OutletBuffer& buffer) {
  place.waits = false;
  while (!buffer.empty() && output_works_) {
    pollfd output{1, POLLOUT, 0};
    if (::poll(&output, 1, 0) != 1) {
      place.waits = true;
      return;
    }
    constexpr std::size_t kAtOnce = 4096;
    const ssize_t written = ::write(1, buffer.text().data(), std::min(buffer.text().size(), kAtOnce));
    if (written == -1 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written == -1) {
      output_works_ = false;
      voice_.trouble({}, {LogTrouble::Operation::Write, {}, {}, errno}, false);
      // The reader shall see the end, and no file of ours become descriptor 1.
      if (const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nothing != -1) {
        ::dup2(nothing, 1);
        ::close(nothing);
      }
      break;
    }
    buffer.taken(static_cast<std::size_t>(written));
  }
  if (!output_works_) buffer.taken(buffer.text().size());
}

/// What was read, to those that take it; the others' part is lost.
void LogLoop::write_where_possible() {
  while (!block_.empty()) {
    for (std::size_t i = 0; program_->full() && i < places_.size(); ++i) {
      OutletBuffer& buffer = program_->buffers()[i];
      lost_ += buffer.text().size();
      buffer.taken(buffer.text().size());
    }
    program_->feed(block_, stamps_);
    flush();
  }
}

std::uint64_t LogLoop::unwritten() const {
  std::uint64_t bytes = lost_ + block_.size();
  for (const OutletBuffer& buffer : program_->buffers()) bytes += buffer.text().size();
  return bytes;
}

// ---- lines that go one by one

void LogLoop::on_tell(const Teller& teller, const LineFormat& format, Stamps& stamps, std::string_view line) {
  if (teller.kind == Teller::Kind::Voice) return voice_.tell(line, program_->is_rest());
  told_.assign(teller.intro);
  for (const StampKind kind : format.stamps) told_ += stamps.text(kind);
  told_ += format.prefix;
  const bool is_long = teller.cut_from != 0 && line.size() >= teller.cut_from;
  told_ += is_long ? line.substr(0, teller.limit) : line;
  if (is_long && teller.kind != Teller::Kind::StatusFile) told_ += kCutMark;
  int error = 0;
  bool has_socket = false;
  switch (teller.kind) {
    case Teller::Kind::StandardError:
      told_ += '\n';
      static_cast<void>(write_text(2, told_));
      return;
    case Teller::Kind::StatusFile:
      error = tell_file(teller, told_);
      break;
    case Teller::Kind::Datagram:
      told_ += '\n';
      error = tell_address(teller, told_, has_socket);
      if (error == 0 || teller.outlet >= program_->buffers().size()) break;
      program_->buffers()[teller.outlet].add(has_socket ? teller.not_sent : teller.no_socket);
      program_->buffers()[teller.outlet].add(told_);
      break;
    case Teller::Kind::Voice:
      break;
  }
  if (error != 0) voice_.told_in_vain(teller, error);
}

int LogLoop::tell_file(const Teller& teller, std::string_view text) {
  std::string content(text.substr(0, teller.size == 0 ? text.size() : std::min(text.size(), teller.size)));
  if (teller.size == 0)
    content += '\n';
  else
    content.resize(teller.size, '\n');
  const std::string path = teller.replaced ? teller.path + ".new" : teller.path;
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | (teller.replaced ? O_TRUNC : 0),
             teller.replaced ? kReplacedStatusMode : kStatusMode);
  if (fd == -1) return errno;
  const ssize_t written = ::write(fd, content.data(), content.size());
  const int error = written == static_cast<ssize_t>(content.size()) ? 0 : written == -1 ? errno : ENOSPC;
  ::close(fd);
  if (error == 0 && teller.replaced && ::rename(path.c_str(), teller.path.c_str()) == -1) return errno;
  return error;
}

int LogLoop::tell_address(const Teller& teller, std::string_view text, bool& has_socket) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  has_socket = fd != -1;
  if (!has_socket) return errno;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(teller.port);
  address.sin_addr.s_addr = htonl(teller.address);
  const ssize_t sent =
      ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = sent == -1 ? errno : 0;
  ::close(fd);
  return error;
}

// ---- reading

/// How much may be read so that all that comes of it can be written. 0: nothing, for now.
std::size_t LogLoop::room_to_read() {
  std::size_t size = finishing_line_ ? 1 : kBlock;
  // Whoever is told to end on a full disk can end the line that it is within.
  const std::size_t rest = finishing_line_ ? 0 : kLongRest;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = *places_[i];
    if (place.directory == nullptr) continue;
    int error = place.directory->make_room(program_->most_output(i, size, rest));
    while (error != 0 && size > kLeastRead) {
      size /= 2;
      error = place.directory->make_room(program_->most_output(i, size, rest));
    }
    // Old files go only for what there is no doing without.
    if (error != 0) error = place.directory->make_room(program_->most_output(i, size, rest), true);
    if (error == 0) continue;
    be_in_trouble(place, {LogTrouble::Operation::Write, "current", {}, error});
    return 0;
  }
  return size;
}

void LogLoop::wait_and_read() {
  // What a full disk keeps from being opened anew waits for that before more is read.
  const bool ending =
      reopens_ || told_to_end_ || input_ended_ || (finishing_line_ && !program_->within_line());
  const std::size_t size = ending || blocked() || !block_.empty() ? 0 : room_to_read();
  // The time that a disk or a processor takes is not the writer's.
  const bool patient = finishing_line_ && program_->within_line() &&
                       rules_.line_patience > Duration::zero() && (unwritten() == 0 || gives_up());
  const Instant began = patient ? clock_.now().steady : Instant::never();
  Instant wake = patient ? began + patience_left_ : Instant::never();
  bool output_waits = false;
  for (const auto& place : places_) {
    output_waits = output_waits || (place->waits && place->directory == nullptr && place->file == nullptr);
    // What is due meanwhile is looked at when the trouble or the processor has passed.
    if (place->in_trouble) {
      wake = std::min(wake, place->retry_at);
      continue;
    }
    if (place->directory == nullptr) continue;
    if (place->directory->processor_failed()) wake = std::min(wake, place->directory->retry_at());
    if (!place->waits) wake = std::min(wake, place->directory->rotation_due());
  }
  for (const auto& place : leaving_) {
    if (place->in_trouble)
      wake = std::min(wake, place->retry_at);
    else if (place->directory->processor_failed())
      wake = std::min(wake, place->directory->retry_at());
  }
  // They are looked at in this order: a signal that came before a line is seen with it, and heard before it.
  std::array<pollfd, 3> ready{
      {{size != 0 ? 0 : -1, POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {output_waits ? 1 : -1, POLLOUT, 0}}};
  timespec timeout{};
  if (wake != Instant::never()) {
    const Duration left = std::max(wake - clock_.now().steady, Duration::zero());
    timeout = {static_cast<time_t>(left.count() / 1000000), static_cast<long>(left.count() % 1000000 * 1000)};
  }
  const int count = ::ppoll(ready.data(), output_waits ? ready.size() : 2,
                            wake == Instant::never() ? nullptr : &timeout, nullptr);
  if (patient) patience_left_ -= clock_.now().steady - began;
  if (count <= 0) return;
  if (ready[1].revents != 0)
    note_signals();
  else if (ready[0].revents != 0)
    read_input(size);
}

void LogLoop::read_input(std::size_t size) {
  const ssize_t got = ::read(0, input_.get(), size);
  if (got == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (got == -1) {
    voice_.read_error(errno);
    exit_code_ = rules_.exit_read_error;
  }
  if (got <= 0) {
    input_ended_ = true;
    return;
  }
  if (rotates_at_next_line_) {
    rotates_at_next_line_ = false;
    obey(LogSignal::Act::Rotate);
  }
  block_ = {input_.get(), static_cast<std::size_t>(got)};
  stamp_block();
}

/// A clock that was set back does not make a file's stamps go back.
void LogLoop::stamp_block() {
  WallTime at = clock_.now().wall;
  for (const auto& place : places_) at = std::max(at, place->last_stamp);
  stamps_.set(at);
}

// ---- the end

/// Who is told to end once waits for room for what was read; who is told twice leaves what cannot be written.
bool LogLoop::gives_up() const { return end_signals_ >= 2; }

bool LogLoop::is_out_of_patience() const {
  return rules_.line_patience > Duration::zero() && patience_left_ <= Duration::zero();
}

/// Whether all has been read and written that will be.
bool LogLoop::at_end() {
  if (!block_.empty()) return false;
  if (input_ended_ || told_to_end_ ||
      (finishing_line_ && (!program_->within_line() || is_out_of_patience()))) {
    if (!finished_) {
      program_->finish();
      finished_ = true;
      flush();
    }
    return true;
  }
  return false;
}

bool LogLoop::close_places() {
  bool closed = true;
  for (const auto& place : places_) {
    if (place->directory == nullptr) continue;
    if (place->in_trouble && clock_.now().steady < place->retry_at) {
      closed = false;
      continue;
    }
    if (place->directory->close() == LogDirectory::Progress::Trouble) {
      be_in_trouble(*place, place->directory->trouble());
      closed = false;
    }
  }
  return closed;
}

/// Whether the end waits for a processor. One that fails is tried again for as long as nobody asked for an end.
bool LogLoop::processing(bool told) const {
  if (!rules_.waits_for_processors) return false;
  for (const auto* const places : {&places_, &leaving_})
    for (const auto& place : *places)
      if (place->directory != nullptr && place->directory->processing() &&
          !(told && place->directory->processor_failed()))
        return true;
  return false;
}

int LogLoop::run() {
  // A host has as many loggers as services, and they wait most of the time.
  release_start_up_pages();
  while (true) {
    take_signals();
    tend();
    flush();
    if (reopens_) reopen();
    if (!blocked() && !block_.empty()) {
      program_->feed(block_, stamps_);
      flush();
      if (!block_.empty() || blocked()) continue;
    }
    if (gives_up()) write_where_possible();
    if (at_end()) {
      const bool told = end_signals_ > 0;
      const bool written = unwritten() == 0;
      if (told)
        for (const auto* const places : {&places_, &leaving_})
          for (const auto& place : *places)
            if (place->directory != nullptr) place->directory->process_no_more();
      if (gives_up() && !written) {
        voice_.gave_up(unwritten());
        exit_code_ = rules_.exit_gave_up;
      }
      if (gives_up() || (written && !processing(told))) {
        if (close_places() || gives_up()) return exit_code_;
      }
    }
    wait_and_read();
  }
}

}  // namespace kindred
