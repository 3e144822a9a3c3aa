#pragma once
// A logger's life: reads standard input in blocks, runs the script over them, writes what came of it, and keeps
// the family's answers to trouble, to signals and to the end of the input.
//
// What is read is written before more is read, and nothing is read for which a log directory has no room: so a
// logger that is told to end while a disk is full has nothing to lose. A logger that is killed loses less than
// kBlock and one unfinished line.

#include <signal.h>

#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/line_program.h"
#include "core/log/log_directory.h"
#include "core/log/log_script.h"
#include "core/log/processor_host.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"

namespace kindred {

/// What a signal does to a logger.
struct LogSignal {
  enum class Act : std::uint8_t {
    FinishLine,        ///< the line that has begun is read to its end, byte by byte, and then no more
    End,               ///< no more is read
    Rotate,            ///< each directory that has something
    RotateAtNextLine,  ///< … before more is written
    Reopen,            ///< the script is made anew: see LogVoice::reopened()
    ReopenFiles,       ///< what was read is written, and each outlet that is a file is opened anew
    Pause,             ///< the process stops itself
  };
  int signal = 0;
  Act act = Act::End;
};

struct LogLoopRules {
  enum class Opening : std::uint8_t {
    RetriesAfterLock,  ///< a directory that cannot be opened or locked is fatal, and so is what stands in the place
                       ///< of a file; other trouble is waited out
    Fatal,             ///< any trouble is
    Skips,             ///< a directory in trouble is left out; none left is fatal
    SkipsUnlocked,  ///< … that cannot be opened or locked; later trouble is waited out
  };
  Opening opening = Opening::RetriesAfterLock;
  std::span<const LogSignal> signals;
  Duration retry{0};                 ///< how long it waits in trouble
  Duration line_patience{0};         ///< how long FinishLine waits for the rest; 0: for ever
  bool waits_for_processors = true;  ///< at the end
  int exit_fatal = 111;
  bool repeats_trouble = true;  ///< says it again when a new try failed in the same way
  int exit_read_error = 0;
  int exit_gave_up = 0;
};

/// The family's words.
class LogVoice {
 public:
  virtual ~LogVoice() = default;
  /// Signals cannot be heard: fatal.
  virtual void no_signals(int error) = 0;
  /// The directory itself cannot be made, opened or entered.
  virtual void no_directory(const std::string& path, int error) = 0;
  /// `fatal`: the logger ends over it.
  virtual void trouble(const std::string& path, const LogTrouble& trouble, bool fatal) = 0;
  virtual void notice(const std::string& path, LogNotice notice, std::string_view name, std::uint64_t bytes) {
    static_cast<void>(path), static_cast<void>(notice), static_cast<void>(name), static_cast<void>(bytes);
  }
  /// No directory is left.
  virtual void nothing_to_write() {}
  virtual void read_error(int error) { static_cast<void>(error); }
  virtual void signalled(LogSignal::Act act) { static_cast<void>(act); }
  virtual void child_ended() {}
  virtual void continued() {}
  /// Told to end twice, it loses so many bytes that could not be written.
  virtual void gave_up(std::uint64_t bytes) = 0;
  virtual void told_in_vain(const Teller& teller, int error) {
    static_cast<void>(teller), static_cast<void>(error);
  }
  /// For Teller::Kind::Voice; `is_rest`: of a line that was longer than the limit.
  virtual void tell(std::string_view line, bool is_rest) {
    static_cast<void>(line), static_cast<void>(is_rest);
  }
  /// A new script for the signal Reopen; nullopt: the old one stays.
  virtual std::optional<LogScript> reopened() { return std::nullopt; }
};

/// Makes a status file that is not there. Errors: an errno value; 0 for none.
[[nodiscard]] int make_status_file(const Teller& teller);

class LogLoop final : public LineListener {
 public:
  /// As much is read at once: with what is held of a line, less than 64 KiB.
  static constexpr std::size_t kBlock = 13 * 4096;

  LogLoop(LogScript script, LogLoopRules rules, LogVoice& voice, const Clock& clock);
  ~LogLoop();

  /// Takes the signals and opens what the script names. nullopt: ready to run; else the exit code.
  [[nodiscard]] std::optional<int> open();
  /// Until the input or a signal ends it; returns the exit code.
  [[nodiscard]] int run();

  void on_tell(const Teller& teller, const LineFormat& format, Stamps& stamps,
               std::string_view line) override;

 private:
  struct Place;
  class PlaceListener;

  [[nodiscard]] int tell_file(const Teller& teller, std::string_view text);
  [[nodiscard]] int tell_address(const Teller& teller, std::string_view text, bool& has_socket);

  [[nodiscard]] std::optional<int> open_places();
  [[nodiscard]] bool open_place(Place& place, bool& fatal);
  void try_at_once();
  void note_signals();
  void take_signals();
  void obey(LogSignal::Act act);
  void reopen();
  [[nodiscard]] bool processing(bool told) const;
  void reopen_files();
  void reap();
  void tend();
  void flush();
  void flush_to(Place& place, OutletBuffer& buffer);
  void flush_to_output(Place& place, OutletBuffer& buffer);
  void flush_to_file(Place& place, OutletBuffer& buffer);
  void be_in_trouble(Place& place, const LogTrouble& trouble);
  [[nodiscard]] bool blocked() const;
  void write_where_possible();
  [[nodiscard]] std::size_t room_to_read();
  void wait_and_read();
  void read_input(std::size_t size);
  void stamp_block();
  [[nodiscard]] bool gives_up() const;
  [[nodiscard]] bool is_out_of_patience() const;
  [[nodiscard]] bool at_end();
  [[nodiscard]] bool close_places();
  [[nodiscard]] std::uint64_t unwritten() const;

  LogScript script_;
  LogLoopRules rules_;
  LogVoice& voice_;
  const Clock& clock_;
  Duration patience_left_;  ///< for the rest of a line
  Signals signals_;
  std::bitset<_NSIG> came_;  ///< and not yet obeyed
  std::unique_ptr<LineProgram> program_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::unique_ptr<Place>> leaving_;  ///< directories that only their processor keeps
  std::optional<LogScript> fresh_;               ///< what Reopen is to put in the script's place
  bool reopens_ = false;

  std::unique_ptr<char[]> input_;
  std::string_view block_;
  Stamps stamps_;
  std::string told_;  ///< scratch

  bool input_ended_ = false, finished_ = false;
  bool finishing_line_ = false, told_to_end_ = false;
  unsigned end_signals_ = 0;
  std::uint64_t lost_ = 0;  ///< bytes that an outlet could not take at the end
  bool rotates_at_next_line_ = false;
  bool output_works_ = true;
  int exit_code_ = 0;
};

}  // namespace kindred
