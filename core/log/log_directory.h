#pragma once
// One log directory: `current` is written, rotated when it is big enough, given to the processor, and old files
// are kept to their number. Every operation on the disk is a step that may fail and is tried again from just
// there; a crash between any two leaves what the next open() takes up without a line lost or twice.
//
// Which steps, names, modes and sizes: RotationRules. Nothing here waits, and nothing reads the input.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/log/log_storage.h"
#include "core/log/rotation_rules.h"
#include "core/sys/clock.h"

namespace kindred {

/// What a log directory could not do.
struct LogTrouble {
  enum class Operation : std::uint8_t {
    Lock,
    Open,
    Create,
    Write,
    Sync,
    SetMode,
    Rename,
    Link,
    Remove,
    Look,
    List,
    MakeState,
    Fork,              ///< the processor could not be started
    ProcessorFailed,   ///< it ended with another code than 0: `error` is the code
    ProcessorCrashed,  ///< a signal ended it: `error` is the signal
  };
  Operation operation = Operation::Write;
  std::string name;      ///< the file in the directory
  std::string new_name;  ///< of Rename and Link
  int error = 0;
};

/// What a family may want to say.
enum class LogNotice : std::uint8_t {
  Recovering,  ///< a current of an earlier life became the old file NAME
  Flushing,    ///< current is now the unfinished old file NAME
  Closed,      ///< NAME is complete
  Removed,     ///< the old file NAME went; `bytes` had to be reclaimed
  NotRemoved,  ///< … could not; `bytes` is the errno
  Processing,  ///< the processor runs
  Begun,       ///< NAME is new
  Continued,   ///< NAME is appended to
  Archived,    ///< current, of `bytes`, became the old file NAME
  Processed,   ///< the processor has made the old file NAME
  Reclaimed,   ///< the old file NAME went, since the disk is full
  Left,        ///< the directory is closed
};
class LogListener {
 public:
  virtual void on_notice(LogNotice, std::string_view name, std::uint64_t bytes) {
    static_cast<void>(name);
    static_cast<void>(bytes);
  }

 protected:
  ~LogListener() = default;
};

/// What a processor is started with, in the log directory.
struct ProcessorPlan {
  const ProcessorRule* rule = nullptr;
  const char* input = nullptr;   ///< descriptor 0
  const char* output = nullptr;  ///< descriptor 1, emptied
  mode_t output_mode = 0644;
  const char* state = nullptr;      ///< descriptor 4, for reading; made where it is missing
  const char* new_state = nullptr;  ///< descriptor 5, emptied
};
class ProcessorHost {
 public:
  /// Errors: an errno value; 0 for none.
  [[nodiscard]] virtual int start(const ProcessorPlan& plan, pid_t& pid) = 0;

 protected:
  ~ProcessorHost() = default;
};

class LogDirectory {
 public:
  enum class Progress : std::uint8_t {
    Done,
    Waiting,  ///< for the processor
    Trouble,  ///< see trouble(); call again later
  };

  LogDirectory(RotationRules rules, LogStorage& storage, ProcessorHost& processors, const Clock& clock,
               LogListener* listener = nullptr);

  /// Takes the lock and what is there; not to be called again once it is Done.
  [[nodiscard]] Progress open();
  /// Appends, and rotates where the rules say so; takes what it has written off the front of `text`.
  [[nodiscard]] Progress write(std::string_view& text);
  /// Rotates now (an empty file only if the rules say so).
  [[nodiscard]] Progress rotate();
  /// Goes on with a rotation that is under way, and with what follows a processor's end.
  [[nodiscard]] Progress advance();
  /// Rotates if it is time to; see rotation_due().
  [[nodiscard]] Progress rotate_if_due();
  /// Closes current and takes up what is there by other rules, with the lock kept and the processor running on.
  /// To be called again until it is Done.
  [[nodiscard]] Progress reopen(const RotationRules& rules);
  /// current is complete, synced and closed. Where a file still waits for the processor, current is not marked
  /// complete: so no logger takes the waiting file for its own.
  [[nodiscard]] Progress close();

  /// The child that start() made has ended so.
  void processor_ended(int wait_status);
  [[nodiscard]] pid_t processor() const { return processing_ == Processing::Running ? processor_ : 0; }
  /// Whether a file waits for its processor, or the processor's result for its place.
  [[nodiscard]] bool processing() const { return processing_ != Processing::None || !unprocessed_.empty(); }
  /// Whether a rotation may have to wait until the processor has ended with the file of the one before.
  [[nodiscard]] bool rotation_may_wait() const {
    return rules_.processor.files != ProcessorRule::Files::Zip &&
           (rules_.processor.there() || processing_ != Processing::None);
  }
  /// From here on there is no rotation that would wait for a processor, and no new try of one that has failed: what
  /// is written is appended to current, and the next life finds the file that the processor did not take.
  void end_without_processor();
  /// Old files that need no processor stay as they are, but for the one that it is at.
  void process_no_more() { unprocessed_.clear(); }
  /// … which has failed and is to run again at retry_at().
  [[nodiscard]] bool processor_failed() const { return processing_ == Processing::Failed; }
  [[nodiscard]] Instant retry_at() const { return retry_at_; }
  /// never(): no rotation by time.
  [[nodiscard]] Instant rotation_due() const { return rotation_due_; }

  /// Makes sure that this much more can be appended to current; `reclaims`: if need be by giving up old files, as
  /// far as the rules allow. Errors: an errno value; 0 for none.
  [[nodiscard]] int make_room(std::size_t bytes, bool reclaims = false);

  /// The file that holds the latest byte, however long ago it was written: current, or the latest old file that
  /// is not empty where current is. Not to be asked where a processor may have changed that one.
  [[nodiscard]] std::string last_written() const;

  [[nodiscard]] const LogTrouble& trouble() const { return trouble_; }
  /// What the processor did wrong, once: it stops nothing but the rotation after its own.
  [[nodiscard]] std::optional<LogTrouble> take_failure() { return std::exchange(failure_, std::nullopt); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const RotationRules& rules() const { return rules_; }
  /// How many fresh files were begun.
  [[nodiscard]] std::uint64_t files_begun() const { return files_begun_; }

 private:
  enum class Processing : std::uint8_t { None, Wanted, Running, Succeeded, Failed };

  Progress fail(LogTrouble::Operation operation, std::string_view name, int error,
                std::string_view new_name = {});
  Progress take_up();
  Progress settle_earlier_life();
  Progress open_current(bool fresh);
  Progress perform(RotationStep step);
  Progress archive(const char* from, const std::string& suffix, bool gone_is_fine);
  Progress rename_to_archive(const char* from, const std::string& suffix);
  Progress settle_previous();
  Progress prune();
  Progress settle_zipped();
  [[nodiscard]] bool reclaim();
  void take_next_to_process();
  void start_processor();
  void processor_did_not_work(LogTrouble::Operation operation, int error);
  Progress settle_processed();
  [[nodiscard]] std::string output_name() const;
  Progress find_name(const std::string& suffix);
  [[nodiscard]] std::string fresh_name(const std::string& suffix);
  void begin_rotation();
  void notify(LogNotice notice, std::string_view name, std::uint64_t bytes = 0);

  RotationRules rules_;
  LogStorage& storage_;
  ProcessorHost& processors_;
  const Clock& clock_;
  LogListener* listener_;

  LogFile current_ = LogFile::None;
  std::uint64_t size_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t closed_size_ = 0;  ///< of the file that a rotation has closed
  std::uint64_t files_begun_ = 0;
  bool locked_ = false;
  unsigned opening_step_ = 0;

  bool rotating_ = false;
  bool ends_unprocessed_ = false;
  std::size_t step_ = 0;
  std::string archive_;  ///< the old file that this rotation makes, or the processor's input
  WallTime last_name_{INT64_MIN, 0};
  Instant rotation_due_ = Instant::never();

  Processing processing_ = Processing::None;
  unsigned settle_step_ = 0;
  std::string processed_;  ///< the processor's input where that has a name of its own
  std::vector<std::string>
      unprocessed_;  ///< old files that wait for their turn, and may be removed meanwhile
  pid_t processor_ = 0;
  Instant retry_at_ = Instant::long_ago();

  LogTrouble trouble_;
  std::optional<LogTrouble> failure_;
};

}  // namespace kindred
