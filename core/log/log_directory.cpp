#include "core/log/log_directory.h"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

namespace kindred {
namespace {

using Operation = LogTrouble::Operation;
constexpr mode_t kOwnerExecute = 0100;
constexpr mode_t kSecret = 0600;
constexpr const char* kCurrent = "current";
constexpr const char* kPrevious = "previous";
constexpr const char* kProcessed = "processed";
constexpr const char* kState = "state";
constexpr const char* kNewState = "newstate";
constexpr const char* kZipped = "zipped";
constexpr std::string_view kZippedSuffix = ".Z";

/// How far ahead room is made sure of: often enough that little lies idle, seldom enough to cost nothing.
constexpr std::uint64_t kLeastAhead = 256 * 1024;
constexpr std::uint64_t kMostAhead = 4 * 1024 * 1024;

constexpr WallTime kNoName{INT64_MIN, 0};

bool is_complete(const LogFileFacts& facts) { return (facts.mode & kOwnerExecute) != 0; }

WallTime just_after(WallTime at) {
  constexpr std::uint32_t kLast = 999'999'999;
  return at.nanos == kLast ? WallTime{at.seconds + 1, 0} : WallTime{at.seconds, at.nanos + 1};
}

/// A file system without hard links.
bool cannot_link(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK;
}

}  // namespace

LogDirectory::LogDirectory(RotationRules rules, LogStorage& storage, ProcessorHost& processors,
                           const Clock& clock, LogListener* listener)
    : rules_(std::move(rules)),
      storage_(storage),
      processors_(processors),
      clock_(clock),
      listener_(listener) {}

void LogDirectory::notify(LogNotice notice, std::string_view name, std::uint64_t bytes) {
  if (listener_ != nullptr) listener_->on_notice(notice, name, bytes);
}

LogDirectory::Progress LogDirectory::fail(Operation operation, std::string_view name, int error,
                                          std::string_view new_name) {
  trouble_ = {operation, std::string(name), std::string(new_name), error};
  return Progress::Trouble;
}

/// Of two files that this logger names, the later one has the greater name, even where the clock stands still.
std::string LogDirectory::fresh_name(const std::string& suffix) {
  WallTime at = clock_.now().wall;
  if (at <= last_name_) at = just_after(last_name_);
  // The name tells microseconds only.
  if (rules_.name == ArchiveName::Date && at.nanos / 1000 == last_name_.nanos / 1000 &&
      at.seconds == last_name_.seconds)
    at.nanos += 1000;
  if (at.nanos > 999'999'999) at = {at.seconds + 1, 0};
  last_name_ = at;
  return archive_name(rules_.name, rules_.offset, at, suffix);
}

// ---- opening

LogDirectory::Progress LogDirectory::open() {
  if (!locked_) {
    const OpeningRule& opening = rules_.opening;
    if (const int error = storage_.lock(opening.lock_name, opening.lock_mode, opening.lock); error != 0)
      return fail(Operation::Lock, opening.lock_name, error);
    locked_ = true;
  }
  if (const Progress progress = take_up(); progress != Progress::Done) return progress;
  if (rules_.every > Duration::zero()) rotation_due_ = clock_.now().steady + rules_.every;
  if (rules_.opening.rotates_oversize && rules_.size.max != 0 && size_ + rules_.size.slack >= rules_.size.max)
    begin_rotation();
  return advance();
}

LogDirectory::Progress LogDirectory::take_up() {
  std::optional<LogFileFacts> facts;
  if (current_ != LogFile::None) return Progress::Done;
  if (opening_step_ == 0) {
    if (rules_.processor.files == ProcessorRule::Files::Zip)
      if (const Progress progress = settle_zipped(); progress != Progress::Done) return progress;
    if (const int error = storage_.look(kCurrent, facts); error != 0)
      return fail(Operation::Look, kCurrent, error);
    const bool continued = facts &&
                           (is_complete(*facts) || (rules_.opening.empty_is_complete && facts->size == 0)) &&
                           !(rules_.opening.rotates_complete && facts->size != 0);
    if (continued || (!facts && !rules_.opening.settles_previous)) {
      if (const Progress progress = open_current(!facts); progress != Progress::Done) return progress;
      notify(facts ? LogNotice::Continued : LogNotice::Begun, kCurrent);
      if (rules_.opening.prunes_always) return prune();
      return Progress::Done;
    }
    opening_step_ = 1;
  }
  if (opening_step_ == 1) {
    if (rules_.opening.settles_previous)
      if (const Progress progress = settle_earlier_life(); progress != Progress::Done) return progress;
    opening_step_ = 2;
  }
  if (opening_step_ == 2) {
    if (const int error = storage_.look(kCurrent, facts); error != 0)
      return fail(Operation::Look, kCurrent, error);
    if (facts) {
      const std::string& suffix = is_complete(*facts) ? rules_.finished : rules_.unfinished;
      const bool by_link = rules_.opening.settles_previous;
      const Progress progress =
          by_link ? archive(kCurrent, suffix, true) : rename_to_archive(kCurrent, suffix);
      if (progress != Progress::Done) return progress;
      notify(LogNotice::Recovering, archive_);
    }
    opening_step_ = 3;
  }
  if (opening_step_ == 3) {
    const bool recovered = last_name_ != kNoName;
    if ((recovered && rules_.opening.prunes_recovered) || rules_.opening.prunes_always)
      if (const Progress progress = prune(); progress != Progress::Done) return progress;
    opening_step_ = 4;
  }
  const Progress progress = open_current(true);
  if (progress == Progress::Done) notify(LogNotice::Begun, kCurrent);
  return progress;
}

/// What a rotation or a processor was at when its logger died: a processed file that is complete stands for
/// previous, else previous stands for itself. The memory of the processor is void.
LogDirectory::Progress LogDirectory::settle_earlier_life() {
  std::optional<LogFileFacts> facts;
  if (rules_.processor.files == ProcessorRule::Files::Zip) return archive(kPrevious, rules_.unfinished, true);
  // What cannot go is emptied before it is used.
  for (const char* name : {kState, kNewState}) static_cast<void>(storage_.remove(name));
  if (const int error = storage_.look(kProcessed, facts); error != 0)
    return fail(Operation::Look, kProcessed, error);
  if (facts && is_complete(*facts)) {
    if (const int error = storage_.remove(kPrevious); error != 0 && error != ENOENT)
      return fail(Operation::Remove, kPrevious, error);
    return archive(kProcessed, rules_.finished, true);
  }
  if (const int error = storage_.remove(kProcessed); error != 0 && error != ENOENT)
    return fail(Operation::Remove, kProcessed, error);
  return archive(kPrevious, rules_.unfinished, true);
}

/// Half a compressed file is nothing; where a whole one has its place, its source has not gone yet.
LogDirectory::Progress LogDirectory::settle_zipped() {
  if (const int error = storage_.remove(kZipped); error != 0 && error != ENOENT)
    return fail(Operation::Remove, kZipped, error);
  std::vector<std::string> names;
  if (const int error = storage_.list(names); error != 0) return fail(Operation::List, ".", error);
  for (const std::string& name : names) {
    if (!is_old_file(rules_.keep.names, name) || !name.ends_with(kZippedSuffix)) continue;
    const std::string source = name.substr(0, name.size() - kZippedSuffix.size());
    if (const int error = storage_.remove(source.c_str()); error != 0 && error != ENOENT)
      return fail(Operation::Remove, source, error);
  }
  return Progress::Done;
}

LogDirectory::Progress LogDirectory::open_current(bool fresh) {
  if (fresh && rules_.opening.makes_state)
    if (const int error = storage_.make_empty(kState, rules_.open_mode); error != 0)
      return fail(Operation::MakeState, kState, error);
  LogFile file = LogFile::None;
  if (const int error = storage_.open_append(kCurrent, kSecret, file); error != 0)
    return fail(fresh ? Operation::Create : Operation::Open, kCurrent, error);
  // Until its mode says so, nobody takes it for complete.
  if (const int error = storage_.set_mode(file, rules_.open_mode); error != 0) {
    storage_.close(file);
    return fail(Operation::SetMode, kCurrent, error);
  }
  std::optional<LogFileFacts> facts;
  if (const int error = storage_.look(kCurrent, facts); error != 0 || !facts) {
    storage_.close(file);
    return fail(Operation::Look, kCurrent, error != 0 ? error : ENOENT);
  }
  current_ = file;
  size_ = facts->size;
  reserved_ = size_;
  ++files_begun_;
  if (!fresh) storage_.release(current_, size_);
  return Progress::Done;
}

// ---- writing

int LogDirectory::make_room(std::size_t bytes, bool reclaims) {
  if (current_ == LogFile::None) return 0;
  // Each file that a rotation ends may take a block more than its bytes do. None ends before its half: see SizeRule.
  const SizeRule& rule = rules_.size;
  const std::uint64_t half = std::max<std::uint64_t>((rule.max - std::min(rule.slack, rule.max)) / 2, 1);
  const std::uint64_t rotations = rule.max == 0 ? 0 : (size_ + bytes) / half;
  const std::uint64_t need = size_ + bytes + rotations * (storage_.block_size() - 1);
  if (need <= reserved_) return 0;
  const std::uint64_t wish = need + std::clamp(size_, kLeastAhead, kMostAhead);
  int error = storage_.reserve(current_, wish);
  if (error == 0) {
    reserved_ = wish;
    return 0;
  }
  do error = storage_.reserve(current_, need);
  while (error != 0 && reclaims && reclaim());
  if (error == 0) reserved_ = need;
  return error;
}

LogDirectory::Progress LogDirectory::write(std::string_view& text) {
  if (const Progress progress = advance(); rotating_) return progress;
  while (!text.empty()) {
    const Portion portion =
        ends_unprocessed_ ? Portion{text.size(), false} : portion_for(rules_.size, size_, text);
    std::string_view part = text.substr(0, portion.bytes);
    while (!part.empty()) {
      std::size_t written = 0;
      const int error = storage_.append(current_, part, written);
      size_ += written;
      text.remove_prefix(written);
      part.remove_prefix(written);
      if (error == ENOSPC && reclaim()) continue;
      if (error != 0) return fail(Operation::Write, kCurrent, error);
    }
    if (!portion.then_rotate) continue;
    begin_rotation();
    // A processor that has not ended, or failed, does not stop the input before the next file is full.
    if (const Progress progress = advance(); rotating_) return progress;
  }
  return Progress::Done;
}

std::string LogDirectory::last_written() const {
  std::vector<std::string> names;
  if (size_ != 0 || storage_.list(names) != 0) return kCurrent;
  std::erase_if(names, [&](const std::string& name) { return !is_old_file(rules_.keep.names, name); });
  std::sort(names.begin(), names.end(), std::greater<>());
  // What was rotated when it was empty says nothing.
  for (std::string& name : names) {
    std::optional<LogFileFacts> facts;
    if (storage_.look(name.c_str(), facts) == 0 && facts && facts->size != 0) return std::move(name);
  }
  return kCurrent;
}

// ---- rotating

void LogDirectory::begin_rotation() {
  rotating_ = true;
  step_ = 0;
}

LogDirectory::Progress LogDirectory::rotate() {
  if (!rotating_ && (size_ != 0 || rules_.rotates_empty)) begin_rotation();
  return advance();
}

LogDirectory::Progress LogDirectory::rotate_if_due() {
  if (rotation_due_ == Instant::never() || clock_.now().steady < rotation_due_) return Progress::Done;
  rotation_due_ = clock_.now().steady + rules_.every;
  return rotate();
}

LogDirectory::Progress LogDirectory::advance() {
  if (processing_ == Processing::Succeeded)
    if (const Progress progress = settle_processed(); progress != Progress::Done) return progress;
  if (processing_ == Processing::None && !unprocessed_.empty()) take_next_to_process();
  if (processing_ == Processing::Wanted ||
      (processing_ == Processing::Failed && !ends_unprocessed_ && clock_.now().steady >= retry_at_))
    start_processor();
  if (!rotating_) return Progress::Done;
  // One file at a time is processed; the next waits, and so does the input then, unless it is an old file already.
  if (step_ == 0 && processing_ != Processing::None && rotation_may_wait()) return Progress::Waiting;
  while (step_ < rules_.steps.size()) {
    if (const Progress progress = perform(rules_.steps[step_]); progress != Progress::Done) return progress;
    ++step_;
  }
  rotating_ = false;
  if (processing_ == Processing::None && !unprocessed_.empty()) take_next_to_process();
  if (processing_ == Processing::Wanted) start_processor();
  return Progress::Done;
}

LogDirectory::Progress LogDirectory::perform(RotationStep step) {
  const bool processes_archive =
      rules_.processor.there() && rules_.processor.files == ProcessorRule::Files::Archive;
  const bool processes_previous =
      rules_.processor.there() && rules_.processor.files == ProcessorRule::Files::Previous;
  switch (step) {
    case RotationStep::SettlePrevious:
      return settle_previous();
    case RotationStep::Sync:
      storage_.release(current_, size_);
      reserved_ = size_;
      if (const int error = storage_.sync(current_); error != 0)
        return fail(Operation::Sync, kCurrent, error);
      return Progress::Done;
    case RotationStep::MarkCurrent:
      if (const int error = storage_.set_mode(current_, rules_.complete_mode); error != 0)
        return fail(Operation::SetMode, kCurrent, error);
      return Progress::Done;
    case RotationStep::Close:
      if (current_ != LogFile::None) storage_.close(current_);
      current_ = LogFile::None;
      closed_size_ = std::exchange(size_, 0);
      reserved_ = 0;
      return Progress::Done;
    case RotationStep::ToPrevious:
      if (const int error = storage_.rename(kCurrent, kPrevious); error != 0)
        return fail(Operation::Rename, kCurrent, error, kPrevious);
      return Progress::Done;
    case RotationStep::ToArchive: {
      const Progress progress =
          rename_to_archive(kCurrent, processes_archive ? rules_.unfinished : rules_.finished);
      if (progress == Progress::Done) notify(LogNotice::Archived, archive_, closed_size_);
      if (progress == Progress::Done && processes_archive) {
        processed_ = archive_;
        processing_ = Processing::Wanted;
      }
      return progress;
    }
    case RotationStep::ToUnfinished: {
      const Progress progress = rename_to_archive(kCurrent, rules_.unfinished);
      if (progress == Progress::Done) notify(LogNotice::Flushing, archive_);
      return progress;
    }
    case RotationStep::FinishUnfinished: {
      std::string finished = archive_.substr(0, archive_.size() - rules_.unfinished.size()) + rules_.finished;
      if (const int error = storage_.rename(archive_.c_str(), finished.c_str()); error != 0)
        return fail(Operation::Rename, archive_, error, finished);
      archive_ = std::move(finished);
      notify(LogNotice::Closed, archive_);
      return Progress::Done;
    }
    case RotationStep::OpenFresh:
      if (current_ != LogFile::None) storage_.close(current_);
      current_ = LogFile::None;
      size_ = reserved_ = 0;
      return open_current(false);
    case RotationStep::MarkPrevious:
      if (const int error = storage_.set_mode_name(kPrevious, rules_.complete_mode); error != 0)
        return fail(Operation::SetMode, kPrevious, error);
      return Progress::Done;
    case RotationStep::ArchivePrevious:
      if (processes_previous) {
        processed_ = kPrevious;
        processing_ = Processing::Wanted;
        return Progress::Done;
      }
      if (const Progress progress = archive(kPrevious, rules_.finished, true); progress != Progress::Done)
        return progress;
      if (rules_.processor.there()) {
        unprocessed_.push_back(archive_);
        take_next_to_process();
      }
      return Progress::Done;
    case RotationStep::Prune:
      return prune();
  }
  return Progress::Done;
}

/// A rename would replace it, and its lines were gone.
LogDirectory::Progress LogDirectory::settle_previous() {
  std::optional<LogFileFacts> facts;
  if (const int error = storage_.look(kPrevious, facts); error != 0)
    return fail(Operation::Look, kPrevious, error);
  if (!facts) return Progress::Done;
  return archive(kPrevious,
                 is_complete(*facts) && !rules_.processor.there() ? rules_.finished : rules_.unfinished,
                 true);
}

/// A name for an old file. Where its processor will rename it, that name must be free, too: an earlier life, by a
/// clock that has been set back since, may have taken it.
LogDirectory::Progress LogDirectory::find_name(const std::string& suffix) {
  const ProcessorRule& processor = rules_.processor;
  std::optional<LogFileFacts> taken;
  do {
    archive_ = fresh_name(suffix);
    if (processor.files == ProcessorRule::Files::Previous) break;
    const bool zip = processor.files == ProcessorRule::Files::Zip;
    const std::string later = zip ? archive_ + std::string(kZippedSuffix)
                                  : archive_.substr(0, archive_.size() - suffix.size()) + rules_.finished;
    if (const int error = storage_.look(later.c_str(), taken); error != 0)
      return fail(Operation::Look, later, error);
  } while (taken);
  return Progress::Done;
}

/// Links it to its new name and removes the old one: a crash between the two leaves a file of two names, which
/// only loses one the next time.
LogDirectory::Progress LogDirectory::archive(const char* from, const std::string& suffix, bool gone_is_fine) {
  std::optional<LogFileFacts> facts;
  if (const int error = storage_.look(from, facts); error != 0) return fail(Operation::Look, from, error);
  if (!facts) return gone_is_fine ? Progress::Done : fail(Operation::Look, from, ENOENT);
  if (facts->links == 1 && (rules_.archives_empty || facts->size != 0)) {
    int error;
    do {
      if (const Progress progress = find_name(suffix); progress != Progress::Done) return progress;
      error = storage_.link(from, archive_.c_str());
    } while (error == EEXIST);
    if (cannot_link(error)) return rename_to_archive(from, suffix);
    if (error != 0) return fail(Operation::Link, from, error, archive_);
  }
  if (const int error = storage_.remove(from); error != 0) return fail(Operation::Remove, from, error);
  return Progress::Done;
}

LogDirectory::Progress LogDirectory::rename_to_archive(const char* from, const std::string& suffix) {
  std::optional<LogFileFacts> taken;
  do {
    if (const Progress progress = find_name(suffix); progress != Progress::Done) return progress;
    if (const int error = storage_.look(archive_.c_str(), taken); error != 0)
      return fail(Operation::Look, archive_, error);
  } while (taken);
  if (const int error = storage_.rename(from, archive_.c_str()); error != 0)
    return fail(Operation::Rename, from, error, archive_);
  return Progress::Done;
}

/// An old file that cannot go stops nothing: it is named and stays.
LogDirectory::Progress LogDirectory::prune() {
  std::vector<std::string> names;
  if (const int error = storage_.list(names); error != 0) return fail(Operation::List, ".", error);
  std::vector<OldFile> files;
  const KeepRule& keep = rules_.keep;
  for (std::string& name : names) {
    if (!is_old_file(keep.names, name)) continue;
    std::optional<LogFileFacts> facts;
    if (keep.total != 0)
      if (const int error = storage_.look(name.c_str(), facts); error != 0 || !facts) continue;
    files.push_back({std::move(name), facts ? facts->size : 0});
  }
  for (const OldFile& file : surplus(keep, std::move(files), size_)) {
    const std::string& name = file.name;
    // What is being processed belongs to nobody else.
    if (processing_ != Processing::None && (name == processed_ || name == output_name())) continue;
    const int error = storage_.remove(name.c_str());
    if (error == 0)
      notify(LogNotice::Removed, name, file.size);
    else if (error != ENOENT)
      notify(LogNotice::NotRemoved, name, static_cast<std::uint64_t>(error));
  }
  return Progress::Done;
}

/// Whether an old file could be given up for the room that it takes.
bool LogDirectory::reclaim() {
  const KeepRule& keep = rules_.keep;
  if (keep.spared_when_full == UINT64_MAX) return false;
  std::vector<std::string> names;
  if (storage_.list(names) != 0) return false;
  std::erase_if(names, [&](const std::string& name) { return !is_old_file(keep.names, name); });
  if (names.size() <= keep.spared_when_full) return false;
  std::erase_if(names, [&](const std::string& name) {
    return processing_ != Processing::None && (name == processed_ || name == output_name());
  });
  if (names.empty()) return false;
  const std::string& oldest = *std::min_element(names.begin(), names.end());
  if (storage_.remove(oldest.c_str()) != 0) return false;
  notify(LogNotice::Reclaimed, oldest);
  return true;
}

// ---- processing

void LogDirectory::end_without_processor() {
  ends_unprocessed_ = true;
  retry_at_ = Instant::never();
  if (step_ == 0) rotating_ = false;
}

void LogDirectory::take_next_to_process() {
  while (processing_ == Processing::None && !unprocessed_.empty()) {
    processed_ = std::move(unprocessed_.front());
    unprocessed_.erase(unprocessed_.begin());
    std::optional<LogFileFacts> facts;
    if (storage_.look(processed_.c_str(), facts) == 0 && facts) processing_ = Processing::Wanted;
  }
}

void LogDirectory::start_processor() {
  ProcessorPlan plan;
  plan.rule = &rules_.processor;
  plan.input = processed_.c_str();
  const std::string output = output_name();
  plan.output = output.c_str();
  plan.output_mode = rules_.processor.files == ProcessorRule::Files::Zip ? kSecret : rules_.open_mode;
  if (rules_.processor.files != ProcessorRule::Files::Zip) {
    plan.state = kState;
    plan.new_state = kNewState;
  }
  // A processor of an earlier life that runs on shall not write into this one's.
  static_cast<void>(storage_.remove(plan.output));
  if (const int error = processors_.start(plan, processor_); error != 0) {
    processor_did_not_work(Operation::Fork, error);
    return;
  }
  processing_ = Processing::Running;
  notify(LogNotice::Processing, processed_);
}

void LogDirectory::processor_ended(int wait_status) {
  processor_ = 0;
  const bool exited = WIFEXITED(wait_status);
  if (exited ? WEXITSTATUS(wait_status) == 0 : rules_.processor.signal_is_success) {
    processing_ = Processing::Succeeded;
    settle_step_ = 0;
    return;
  }
  // Of a processor that reads on in a file of its own only the input counts.
  if (rules_.processor.files != ProcessorRule::Files::Previous)
    static_cast<void>(storage_.remove(output_name().c_str()));
  processor_did_not_work(exited ? Operation::ProcessorFailed : Operation::ProcessorCrashed,
                         exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status));
}

void LogDirectory::processor_did_not_work(Operation operation, int error) {
  failure_ = LogTrouble{operation, processed_, {}, error};
  const bool again = rules_.processor.there() && rules_.processor.retry >= Duration::zero();
  processing_ = again ? Processing::Failed : Processing::None;
  retry_at_ = clock_.now().steady + rules_.processor.retry;
}

std::string LogDirectory::output_name() const {
  switch (rules_.processor.files) {
    case ProcessorRule::Files::Previous:
      break;
    case ProcessorRule::Files::Archive:
      return processed_.substr(0, processed_.size() - 1) + "t";
    case ProcessorRule::Files::Zip:
      return kZipped;
  }
  return kProcessed;
}

/// After the result is safe on the disk its input goes; the order is that in which a crash loses nothing.
LogDirectory::Progress LogDirectory::settle_processed() {
  const bool previous = rules_.processor.files == ProcessorRule::Files::Previous;
  const bool zip = rules_.processor.files == ProcessorRule::Files::Zip;
  const std::string output = output_name();
  for (; settle_step_ < 6; ++settle_step_) {
    int error = 0;
    std::string from = output, to;
    Operation operation = Operation::Rename;
    switch (settle_step_) {
      case 0:
        operation = Operation::Sync;
        error = storage_.sync_name(output.c_str());
        break;
      case 1:
        operation = Operation::SetMode;
        error = storage_.set_mode_name(output.c_str(), zip ? rules_.open_mode : rules_.complete_mode);
        break;
      case 2:
        if (zip) continue;
        operation = Operation::Sync;
        from = kNewState;
        error = storage_.sync_name(kNewState);
        break;
      case 3:
        // The result takes the input's place in one operation: there is never both, nor neither.
        to = zip ? processed_ + std::string(kZippedSuffix) : processed_;
        if (previous) {
          operation = Operation::Remove;
          from = kPrevious;
          error = storage_.remove(kPrevious);
        } else {
          error = storage_.rename(output.c_str(), to.c_str());
        }
        break;
      case 4:
        if (zip) {
          operation = Operation::Remove;
          from = processed_;
          error = storage_.remove(processed_.c_str());
        } else {
          from = kNewState;
          to = kState;
          error = storage_.rename(kNewState, kState);
        }
        break;
      case 5:
        if (previous) {
          if (const Progress progress = archive(kProcessed, rules_.finished, true);
              progress != Progress::Done)
            return progress;
        } else if (!zip) {
          from = processed_;
          to = processed_.substr(0, processed_.size() - rules_.unfinished.size()) + rules_.finished;
          error = storage_.rename(from.c_str(), to.c_str());
        }
        break;
      default:
        break;
    }
    // What is gone already went in an earlier try.
    if (error != 0 && error != ENOENT) return fail(operation, from, error, to);
  }
  processing_ = Processing::None;
  if (!zip && !previous)
    notify(LogNotice::Processed,
           processed_.substr(0, processed_.size() - rules_.unfinished.size()) + rules_.finished);
  return prune();
}

// ---- the end

LogDirectory::Progress LogDirectory::reopen(const RotationRules& rules) {
  if (rotating_ && step_ > 0)
    if (const Progress progress = advance(); rotating_) return progress;
  if (current_ != LogFile::None) {
    // A rotation that waits for the processor is asked for again if it is still due.
    rotating_ = false;
    if (const Progress progress = close(); progress != Progress::Done) return progress;
    opening_step_ = 0;
  }
  rules_ = rules;
  rotation_due_ = Instant::never();
  if (!rules_.processor.there() && (processing_ == Processing::Wanted || processing_ == Processing::Failed))
    processing_ = Processing::None;
  return open();
}

LogDirectory::Progress LogDirectory::close() {
  if (current_ == LogFile::None) return Progress::Done;
  storage_.release(current_, size_);
  if (rules_.syncs_at_end)
    if (const int error = storage_.sync(current_); error != 0) return fail(Operation::Sync, kCurrent, error);
  const bool waits =
      processing_ != Processing::None && rules_.processor.files == ProcessorRule::Files::Previous;
  if (!waits && !rotating_)
    if (const int error = storage_.set_mode(current_, rules_.complete_mode); error != 0)
      return fail(Operation::SetMode, kCurrent, error);
  storage_.close(current_);
  current_ = LogFile::None;
  notify(LogNotice::Left, {});
  return Progress::Done;
}

}  // namespace kindred
