// Log directories on a simulated disk: rotation by the rules of each family, processors, full disks, and the end
// of the logger after every single operation.

#include "core/log/log_directory.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/log/line_program.h"
#include "core/log/multilog.h"
#include "tests/core/log/simulated_storage.h"

namespace kindred {
namespace {

using test::Killed;
using test::SimulatedClock;
using test::SimulatedDisk;
using test::SimulatedProcessorHost;
using test::SimulatedStorage;
using Progress = LogDirectory::Progress;

constexpr std::uint64_t kMax = 300;

RotationRules multilog_rules() {
  std::array<char, 8> word{"./log"};
  std::array<char*, 1> words{word.data()};
  RotationRules rules = parse_multilog(words, {}).outlets[0].rules;
  rules.size.max = kMax;
  rules.size.slack = 100;
  rules.keep.count = 1000;
  return rules;
}

// interfaces/s6.md section 12.2
RotationRules s6_rules() {
  RotationRules rules = multilog_rules();
  rules.size.cut = SizeRule::Cut::AfterLine;
  rules.keep.names = KeepRule::Names::Label27;
  rules.opening.lock = LogLock::Record;
  rules.offset = TaiOffset::LeapTable;
  return rules;
}

// interfaces/runit.md sections 10.2 and 10.6
constexpr std::array kArchiveSteps = {RotationStep::Sync,      RotationStep::MarkCurrent,
                                      RotationStep::Close,     RotationStep::ToArchive,
                                      RotationStep::OpenFresh, RotationStep::Prune};
RotationRules archive_rules() {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLineOrAtMax, kMax, 100};
  rules.keep.names = KeepRule::Names::At27;
  rules.keep.count = 1000;
  rules.keep.swept = 't';
  rules.opening.empty_is_complete = true;
  rules.processor.files = ProcessorRule::Files::Archive;
  rules.processor.signal_is_success = true;
  rules.steps = kArchiveSteps;
  return rules;
}

// interfaces/perp.md section 11
constexpr std::array kZipSteps = {
    RotationStep::SettlePrevious,  RotationStep::Sync,  RotationStep::Close,    RotationStep::ToPrevious,
    RotationStep::ArchivePrevious, RotationStep::Prune, RotationStep::OpenFresh};
RotationRules zip_rules() {
  RotationRules rules;
  rules.size = {SizeRule::Cut::BeforeLine, kMax, 0};
  rules.keep.names = KeepRule::Names::UnderscoreT;
  rules.keep.count = 1000;
  rules.name = ArchiveName::Date;
  rules.opening.settles_previous = true;
  rules.processor.files = ProcessorRule::Files::Zip;
  rules.processor.retry = Duration{-1};
  rules.syncs_at_end = false;
  rules.steps = kZipSteps;
  return rules;
}

// interfaces/nosh.md section 15
constexpr std::array kUnfinishedSteps = {
    RotationStep::ToUnfinished,     RotationStep::Sync,  RotationStep::MarkCurrent, RotationStep::Close,
    RotationStep::FinishUnfinished, RotationStep::Prune, RotationStep::OpenFresh};
RotationRules unfinished_rules() {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLineOrAtMax, kMax, 100};
  rules.keep.names = KeepRule::Names::Label27;
  rules.keep.by_count = false;
  rules.keep.total_with_current = true;
  rules.offset = TaiOffset::LeapTable;
  rules.rotates_empty = true;
  rules.steps = kUnfinishedSteps;
  return rules;
}

struct Style {
  const char* name;
  RotationRules rules;
  bool processes = false;
};

RotationRules with_processor(RotationRules rules) {
  rules.processor.argv = {"/bin/sh", "-c", "tr a-z A-Z"};
  return rules;
}

std::vector<Style> styles() {
  return {
      {"Previous", multilog_rules()},
      {"PreviousProcessed", with_processor(multilog_rules()), true},
      {"PreviousWholeLines", s6_rules()},
      {"PreviousWholeLinesProcessed", with_processor(s6_rules()), true},
      {"Archive", archive_rules()},
      {"ArchiveProcessed", with_processor(archive_rules()), true},
      {"Zip", zip_rules()},
      {"ZipProcessed", with_processor(zip_rules()), true},
      {"Unfinished", unfinished_rules()},
  };
}

/// Numbered lines of several lengths.
std::string stream(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    const std::string number = std::to_string(i);
    text += "line " + std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number;
    text += std::string(i % 7 * 6, 'x') + "\n";
  }
  return text;
}

/// A logger's life with one directory.
class Life {
 public:
  Life(SimulatedDisk& disk, const SimulatedClock& clock, RotationRules rules)
      : disk_(disk),
        clock_(const_cast<SimulatedClock&>(clock)),
        storage_(disk),
        host_(disk),
        directory_(std::move(rules), storage_, host_, clock) {}

  LogDirectory& directory() { return directory_; }
  SimulatedProcessorHost& host() { return host_; }
  /// The processor works only while the directory waits for it.
  void be_slow() { slow_ = true; }

  void open() {
    until_done([&] { return directory_.open(); });
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      settle(directory_.write(text));
      if (!slow_) work();
    }
  }
  /// Writes what of `text` is not on the disk yet, in pieces of several sizes.
  void write_rest(const std::string& text) {
    std::size_t turn = 0;
    while (disk_.taken.size() < text.size()) {
      const std::size_t piece = 1 + 37 * (turn++ % 5);
      std::size_t size = std::min(piece, text.size() - disk_.taken.size());
      if (directory_.rules().size.cut != SizeRule::Cut::AfterLineOrAtMax) {
        // Whole lines, as a script gives them.
        const std::size_t end = text.find('\n', disk_.taken.size() + size - 1);
        size = (end == std::string::npos ? text.size() : end + 1) - disk_.taken.size();
      }
      while (directory_.make_room(size) != 0) pause();
      write(text.substr(disk_.taken.size(), size));
    }
  }
  void rotate() {
    until_done([&] { return directory_.rotate(); });
  }
  void finish() {
    while (directory_.processing()) {
      work();
      settle(directory_.advance());
    }
    until_done([&] { return directory_.close(); });
  }

  std::vector<LogTrouble> troubles;

 private:
  template <class Act>
  void until_done(Act act) {
    for (int tries = 0; tries < 1000; ++tries) {
      const Progress progress = act();
      if (progress == Progress::Done) return;
      settle(progress);
    }
    FAIL() << "it never ends";
  }
  void settle(Progress progress) {
    if (progress == Progress::Trouble) {
      troubles.push_back(directory_.trouble());
      pause();
    }
    if (progress == Progress::Waiting) work();
    if (const auto failure = directory_.take_failure()) troubles.push_back(*failure);
  }
  void pause() { clock_.advance(std::chrono::seconds(5)); }
  void work() {
    if (!host_.running()) return pause();
    if (const auto status = host_.work()) directory_.processor_ended(*status);
  }

  SimulatedDisk& disk_;
  SimulatedClock& clock_;
  SimulatedStorage storage_;
  SimulatedProcessorHost host_;
  LogDirectory directory_;
  bool slow_ = false;
};

/// Everything that the directory has, in order, in small letters; a stray file but those `left` is a failure.
std::string gathered(const SimulatedDisk& disk, const RotationRules& rules,
                     const std::vector<std::string_view>& left = {}) {
  std::string text;
  for (const auto& [name, inode] : disk.names) {
    if (name == "lock" || name == "state" || name == "current") continue;
    if (std::find(left.begin(), left.end(), name) != left.end()) continue;
    EXPECT_TRUE(is_old_file(rules.keep.names, name)) << "left over: " << name;
    EXPECT_TRUE(name.ends_with(".s") || name.ends_with(".u") || name.ends_with(".Z")) << name;
    EXPECT_EQ(inode->links, 1U) << name;
    text += inode->data;
  }
  if (const auto current = disk.find("current")) text += current->data;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char byte) { return static_cast<char>(std::tolower(static_cast<unsigned char>(byte))); });
  return text;
}

/// What a mark says is true: the file is complete and outlives the machine.
void check_marks(const SimulatedDisk& disk, const RotationRules& rules) {
  if (!rules.syncs_at_end) return;
  for (const auto& [name, inode] : disk.names)
    if ((inode->mode & 0100) != 0) {
      EXPECT_EQ(inode->synced, inode->data.size()) << name << " is marked, not synced";
    }
}

class LogDirectoryStyles : public testing::TestWithParam<Style> {
 protected:
  const RotationRules& rules() const { return GetParam().rules; }
  SimulatedDisk disk_;
  SimulatedClock clock_;
};

TEST_P(LogDirectoryStyles, KeepsEveryLineInOrder) {
  const std::string text = stream(100);
  Life life(disk_, clock_, rules());
  life.open();
  life.write_rest(text);
  life.finish();
  EXPECT_EQ(gathered(disk_, rules()), text);
  EXPECT_GT(disk_.names.size(), 8U);
  EXPECT_TRUE(life.troubles.empty());
  EXPECT_EQ(life.host().started > 0, GetParam().processes);
  EXPECT_NE(disk_.find("current")->mode & 0100, 0U);
  for (const auto& [name, inode] : disk_.names)
    if (is_old_file(rules().keep.names, name)) {
      EXPECT_LE(inode->data.size(), kMax + 50) << name;
    }
}

TEST_P(LogDirectoryStyles, GoesOnWithWhatAnEarlierLifeClosed) {
  const std::string text = stream(40);
  for (std::size_t lives = 0; disk_.taken.size() < text.size(); ++lives) {
    Life life(disk_, clock_, rules());
    life.open();
    life.write_rest(text.substr(0, std::min(text.size(), disk_.taken.size() + 50)));
    life.finish();
  }
  EXPECT_EQ(gathered(disk_, rules()), text);
  for (const auto& [name, inode] : disk_.names) EXPECT_FALSE(name.ends_with(".u")) << name;
}

/// Where a clock does not go on between two lives, the names do not tell their order; nothing else is lost.
std::string sorted(std::string text) {
  std::sort(text.begin(), text.end());
  return text;
}

/// One life that is killed after `cut` operations, and one more after `second` of its own, then one in peace.
void live_through(const Style& style, std::size_t cut, std::size_t second, bool slow, bool halves,
                  Duration tick, bool& was_cut) {
  const std::string text = stream(45);
  SimulatedDisk disk;
  disk.cut_halves_append = halves;
  SimulatedClock clock(tick);
  was_cut = false;
  for (const std::size_t after : {cut, second}) {
    disk.cut_after = after == SIZE_MAX ? after : disk.operations + after;
    Life life(disk, clock, style.rules);
    if (slow) life.be_slow();
    try {
      life.open();
      life.write_rest(text);
      life.finish();
    } catch (const Killed&) {
      was_cut = true;
    }
    check_marks(disk, style.rules);
  }
  disk.cut_after = SIZE_MAX;
  Life life(disk, clock, style.rules);
  life.open();
  life.write_rest(text + stream(30));
  life.finish();
  const std::string kept = gathered(disk, style.rules);
  if (tick > Duration::zero())
    EXPECT_EQ(kept, text + stream(30)) << disk.list();
  else
    EXPECT_EQ(sorted(kept), sorted(text + stream(30))) << disk.list();
  check_marks(disk, style.rules);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

TEST_P(LogDirectoryStyles, LosesNothingWhereverItIsKilled) {
  for (const bool slow : {false, true}) {
    for (const bool halves : {false, true}) {
      bool was_cut = true;
      for (std::size_t cut = 0; was_cut && !HasFailure(); ++cut) {
        live_through(GetParam(), cut, SIZE_MAX, slow, halves, Duration{1}, was_cut);
        EXPECT_FALSE(HasFailure()) << "killed after operation " << cut << (slow ? ", slow" : "");
      }
    }
  }
}

TEST_P(LogDirectoryStyles, LosesNothingKilledAgainWhileItTakesUp) {
  bool was_cut = true;
  // A sanitizer is to see each operation, not every pair of them.
  constexpr std::size_t kTakingUp = kSanitized ? 1 : 24;
  for (std::size_t cut = 0; was_cut && !HasFailure(); ++cut) {
    for (std::size_t second = 0; second < kTakingUp && !HasFailure(); ++second) {
      bool ignored = false;
      live_through(GetParam(), cut, second, true, false, Duration{1}, ignored);
      EXPECT_FALSE(HasFailure()) << "killed after operation " << cut << ", again after " << second;
    }
    live_through(GetParam(), cut, SIZE_MAX, true, false, Duration{1}, was_cut);
  }
}

TEST_P(LogDirectoryStyles, LosesNothingWhereTheClockStandsStill) {
  bool was_cut = true;
  for (std::size_t cut = 0; was_cut && !HasFailure(); cut += 3) {
    live_through(GetParam(), cut, SIZE_MAX, false, false, Duration{0}, was_cut);
    EXPECT_FALSE(HasFailure()) << "killed after operation " << cut;
  }
}

TEST_P(LogDirectoryStyles, GoesOnFromWhateverOperationFailed) {
  const std::string text = stream(45);
  for (const int error : {ENOSPC, EIO}) {
    for (const std::size_t times : {1U, 3U}) {
      for (std::size_t failing = 0; !HasFailure(); ++failing) {
        SimulatedDisk disk;
        SimulatedClock clock;
        std::size_t seen = 0, failed = 0;
        std::string what;
        disk.refuse = [&](std::string_view operation, std::string_view name) {
          // What has no answer cannot fail; a lock that fails is the caller's end.
          if (operation == "release" || operation == "close" || operation == "work" || operation == "lock")
            return 0;
          if (seen++ < failing || failed == times) return 0;
          ++failed;
          what = std::string(operation) + " " + std::string(name);
          return error;
        };
        Life life(disk, clock, GetParam().rules);
        life.open();
        life.write_rest(text);
        life.finish();
        if (failed == 0) break;
        EXPECT_EQ(gathered(disk, GetParam().rules), text) << disk.list();
        EXPECT_FALSE(HasFailure()) << "operation " << failing << ", " << what << ", failed " << times
                                   << " times";
      }
    }
  }
}

TEST_P(LogDirectoryStyles, AFullDiskIsWaitedForAndLosesNothing) {
  const std::string text = stream(120);
  for (const bool reserves : {false, true}) {
    SimulatedDisk disk;
    SimulatedClock clock;
    disk.capacity = 700;
    std::size_t refused = 0;
    disk.refuse = [&](std::string_view operation, std::string_view) {
      if (operation == "reserve" && !reserves) return EOPNOTSUPP;
      return 0;
    };
    RotationRules rules = GetParam().rules;
    rules.processor.argv.clear();  // the simulated ones know no full disk
    Life life(disk, clock, rules);
    life.open();
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t line = rest.find('\n') + 1;
      if (reserves && life.directory().make_room(line) != 0) {
        ++refused;
        EXPECT_LT(disk.free_bytes(), line);
        disk.capacity += 100;
        continue;
      }
      std::string_view piece = rest.substr(0, line);
      if (life.directory().write(piece) == Progress::Trouble) {
        EXPECT_FALSE(reserves) << "there was room";
        EXPECT_EQ(life.directory().trouble().error, ENOSPC);
        ++refused;
        disk.capacity += 13;
      }
      rest.remove_prefix(line - piece.size());
    }
    life.finish();
    EXPECT_GT(refused, 5U);
    EXPECT_EQ(gathered(disk, rules), text);
  }
}

TEST_P(LogDirectoryStyles, WithoutRoomForAFileItWaits) {
  const std::string text = stream(60);
  disk_.most_files = 5;
  RotationRules rules = GetParam().rules;
  rules.processor.argv.clear();
  Life life(disk_, clock_, rules);
  life.open();
  std::string_view rest = text;
  std::size_t refused = 0;
  while (!rest.empty()) {
    std::string_view piece = rest.substr(0, rest.find('\n') + 1);
    const std::size_t size = piece.size();
    if (life.directory().write(piece) == Progress::Trouble && ++refused % 3 == 0) ++disk_.most_files;
    rest.remove_prefix(size - piece.size());
  }
  life.finish();
  EXPECT_GT(refused, 5U);
  EXPECT_EQ(gathered(disk_, rules), text);
}

TEST_P(LogDirectoryStyles, LinksAreNotNeeded) {
  const std::string text = stream(60);
  disk_.can_link = false;
  Life life(disk_, clock_, rules());
  life.open();
  life.write_rest(text);
  life.finish();
  EXPECT_EQ(gathered(disk_, rules()), text);
}

TEST_P(LogDirectoryStyles, AClockSetBackOverwritesNoOldFile) {
  const std::string text = stream(100);
  Life life(disk_, clock_, rules());
  life.open();
  life.write_rest(text.substr(0, text.size() / 2));
  clock_.set_ahead(-std::chrono::seconds(3600));
  life.write_rest(text);
  life.finish();
  EXPECT_EQ(gathered(disk_, rules()), text) << "and names go on upwards within a life";
}

TEST_P(LogDirectoryStyles, RotatesWhenAsked) {
  Life life(disk_, clock_, rules());
  life.open();
  life.write("one\n");
  life.rotate();
  life.write("two\n");
  life.finish();
  EXPECT_EQ(gathered(disk_, rules()), "one\ntwo\n");
  EXPECT_EQ(disk_.find("current")->data, "two\n");
}

TEST_P(LogDirectoryStyles, AnEmptyFileIsRotatedOnlyWhereTheRulesSaySo) {
  Life life(disk_, clock_, rules());
  life.open();
  const std::size_t before = disk_.names.size();
  life.rotate();
  life.finish();
  EXPECT_EQ(disk_.names.size() - before, rules().rotates_empty ? 1U : 0U);
}

TEST_P(LogDirectoryStyles, ClosedInTheMidstOfTroubleItLosesNothing) {
  // A full disk, then the end without patience: close() with a rotation under way and a processor wanted.
  const std::string text = stream(60);
  for (std::size_t failing = 0; failing < 200 && !HasFailure(); ++failing) {
    SimulatedDisk disk;
    SimulatedClock clock;
    {
      std::size_t seen = 0;
      disk.refuse = [&](std::string_view operation, std::string_view) {
        if (operation == "release" || operation == "close" || operation == "work" || operation == "lock")
          return 0;
        return seen++ < failing ? 0 : ENOSPC;
      };
      Life life(disk, clock, GetParam().rules);
      life.be_slow();
      if (life.directory().open() == Progress::Done) {
        std::string_view rest = text;
        while (!rest.empty()) {
          const std::size_t size = rest.find('\n') + 1;
          std::string_view line = rest.substr(0, size);
          const Progress progress = life.directory().write(line);
          rest.remove_prefix(size - line.size());
          if (progress == Progress::Trouble) break;
          if (progress == Progress::Waiting || life.host().running())
            if (const auto status = life.host().running() ? life.host().work() : std::nullopt)
              life.directory().processor_ended(*status);
        }
        disk.refuse = nullptr;
        static_cast<void>(life.directory().close());
      }
    }
    disk.refuse = nullptr;
    Life life(disk, clock, GetParam().rules);
    life.open();
    life.write_rest(text);
    // What an earlier life's processor was at goes with the next rotation.
    life.write("\n");
    life.rotate();
    life.finish();
    const bool keeps_state = GetParam().rules.processor.files == ProcessorRule::Files::Archive;
    EXPECT_EQ(gathered(disk, GetParam().rules, {keeps_state ? "newstate" : ""}), text + "\n") << disk.list();
    EXPECT_FALSE(HasFailure()) << "from operation " << failing;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, LogDirectoryStyles, testing::ValuesIn(styles()),
                         [](const auto& style) { return std::string(style.param.name); });

// ---- names, modes, pruning

TEST(LogDirectory, NamesAndModesAreTheRules) {
  SimulatedDisk disk;
  SimulatedClock clock(Duration{0});
  Life life(disk, clock, multilog_rules());
  life.open();
  EXPECT_EQ(disk.list(), "current lock state ");
  EXPECT_EQ(disk.find("current")->mode, 0644U);
  EXPECT_EQ(disk.find("state")->mode, 0644U);
  EXPECT_EQ(disk.find("lock")->mode, 0600U);
  life.write(std::string(199, 'a') + "\n");
  EXPECT_EQ(disk.list(), "@400000003b9aca0a00000000.s current lock state ");
  EXPECT_EQ(disk.find("@400000003b9aca0a00000000.s")->mode, 0744U);
  life.finish();
  EXPECT_EQ(disk.find("current")->mode, 0744U);
}

TEST(LogDirectory, OldFilesStayWithinTheirNumber) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = multilog_rules();
  rules.keep.count = 3;
  Life life(disk, clock, rules);
  life.open();
  const std::string text = stream(100);
  life.write_rest(text);
  life.finish();
  EXPECT_EQ(disk.names.size(), 3U + 3U);
  EXPECT_TRUE(text.ends_with(gathered(disk, rules)));
}

TEST(LogDirectory, OldFilesStayWithinTheirBytes) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = unfinished_rules();
  rules.keep.total = 1000;
  Life life(disk, clock, rules);
  life.open();
  const std::string text = stream(200);
  life.write_rest(text);
  life.finish();
  const std::string kept = gathered(disk, rules);
  EXPECT_TRUE(text.ends_with(kept));
  EXPECT_LE(kept.size(), 1000U + kMax);
  EXPECT_GE(kept.size(), 600U);
}

TEST(LogDirectory, AnOldFileThatCannotGoIsNamedAndStopsNothing) {
  struct Names final : LogListener {
    std::vector<std::string> stuck;
    void on_notice(LogNotice notice, std::string_view name, std::uint64_t) override {
      if (notice == LogNotice::NotRemoved) stuck.emplace_back(name);
    }
  } listener;
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.refuse = [](std::string_view operation, std::string_view name) {
    return operation == "remove" && name.starts_with("@0") ? EISDIR : 0;
  };
  disk.make("@00000000000000000000000000.s", 0755);
  RotationRules rules = multilog_rules();
  rules.keep.count = 1;
  SimulatedStorage storage(disk);
  SimulatedProcessorHost host(disk);
  LogDirectory directory(rules, storage, host, clock, &listener);
  ASSERT_EQ(directory.open(), Progress::Done);
  std::string text = stream(30);
  std::string_view rest = text;
  EXPECT_EQ(directory.write(rest), Progress::Done);
  EXPECT_TRUE(rest.empty());
  ASSERT_FALSE(listener.stuck.empty());
  EXPECT_EQ(listener.stuck[0], "@00000000000000000000000000.s");
}

TEST(LogDirectory, ACurrentWithoutItsMarkBecomesAnOldFile) {
  SimulatedDisk disk;
  SimulatedClock clock(Duration{0});
  disk.make("current", 0644)->data = "half a li";
  Life life(disk, clock, multilog_rules());
  life.open();
  EXPECT_EQ(disk.list(), "@400000003b9aca0a00000000.u current lock state ");
  EXPECT_EQ(disk.find("@400000003b9aca0a00000000.u")->mode, 0644U);
}

TEST(LogDirectory, KnowsWhereTheLatestByteIs) {
  SimulatedDisk disk;
  SimulatedClock clock;
  Life life(disk, clock, unfinished_rules());
  life.open();
  EXPECT_EQ(life.directory().last_written(), "current") << "there is none";
  life.write("one\n");
  life.rotate();
  life.write("tw");
  EXPECT_EQ(life.directory().last_written(), "current");
  life.rotate();
  EXPECT_EQ(disk.find(life.directory().last_written())->data, "tw");
  life.rotate();
  EXPECT_EQ(disk.find(life.directory().last_written())->data, "tw") << "the latest old file is empty";
}

TEST(LogDirectory, AStateThatCannotGoIsEmptied) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.make("state", 0644)->data = "old";
  disk.refuse = [](std::string_view operation, std::string_view name) {
    return operation == "remove" && name == "state" ? EPERM : 0;
  };
  Life life(disk, clock, multilog_rules());
  life.open();
  EXPECT_EQ(disk.find("state")->data, "");
  EXPECT_TRUE(life.troubles.empty());
}

TEST(LogDirectory, WithACompleteCurrentNothingElseIsTouched) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.make("current", 0744)->data = "one\n";
  disk.make("previous", 0644)->data = "zero\n";
  disk.make("newstate", 0644);
  Life life(disk, clock, multilog_rules());
  life.open();
  EXPECT_EQ(disk.list(), "current lock newstate previous ");
  life.write("two\n");
  EXPECT_EQ(disk.find("current")->data, "one\ntwo\n");
  life.rotate();
  EXPECT_EQ(disk.find("previous"), nullptr) << "and no rename goes over it";
  EXPECT_EQ(gathered(disk, multilog_rules(), {"newstate"}), "zero\none\ntwo\n");
}

TEST(LogDirectory, ACompleteProcessedFileStandsForPrevious) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.make("current", 0644)->data = "two\n";
  disk.make("previous", 0744)->data = "one\n";
  disk.make("processed", 0744)->data = "ONE\n";
  disk.make("state", 0644)->data = "old";
  Life life(disk, clock, with_processor(multilog_rules()));
  life.open();
  EXPECT_EQ(gathered(disk, multilog_rules()), "one\ntwo\n");
  EXPECT_EQ(disk.find("state")->data, "");
}

TEST(LogDirectory, AFileOfTwoNamesLosesTheOldOne) {
  SimulatedDisk disk;
  SimulatedClock clock;
  const auto inode = disk.make("previous", 0744);
  inode->data = "one\n";
  inode->links = 2;
  disk.names["@400000003b9aca0900000000.s"] = inode;
  disk.make("current", 0644)->data = "two\n";
  Life life(disk, clock, multilog_rules());
  life.open();
  EXPECT_EQ(disk.find("previous"), nullptr);
  EXPECT_EQ(gathered(disk, multilog_rules()), "one\ntwo\n");
}

TEST(LogDirectory, ALockThatIsHeldIsNamed) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.refuse = [](std::string_view operation, std::string_view) { return operation == "lock" ? EAGAIN : 0; };
  SimulatedStorage storage(disk);
  SimulatedProcessorHost host(disk);
  LogDirectory directory(multilog_rules(), storage, host, clock);
  EXPECT_EQ(directory.open(), Progress::Trouble);
  EXPECT_EQ(directory.trouble().operation, LogTrouble::Operation::Lock);
  EXPECT_TRUE(disk.names.empty());
}

TEST(LogDirectory, RoomIsMadeAheadAndGivenBack) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.capacity = 10'000'000;
  RotationRules rules = multilog_rules();
  rules.size.max = 1'000'000;
  Life life(disk, clock, rules);
  life.open();
  EXPECT_EQ(life.directory().make_room(1000), 0);
  const std::size_t operations = disk.operations;
  EXPECT_EQ(life.directory().make_room(2000), 0);
  EXPECT_EQ(disk.operations, operations) << "it is asked for once";
  life.write("one\n");
  life.finish();
  EXPECT_EQ(disk.free_bytes(), 10'000'000U - 4U);
}

TEST(LogDirectory, NearTheEndOfTheDiskJustTheRoomThatIsNeededIsTaken) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.capacity = 5000;
  Life life(disk, clock, [] {
    RotationRules rules = multilog_rules();
    rules.size.max = 1'000'000;
    return rules;
  }());
  life.open();
  EXPECT_EQ(life.directory().make_room(5000), 0);
  EXPECT_EQ(life.directory().make_room(5001), ENOSPC);
}

// Ten bytes with a stamp of twenty-six each: what is read of them must fit, though it grows to more than its triple.
TEST(LogDirectory, WhatWasReadOfShortLinesWithStampsHasItsRoom) {
  struct Nobody final : LineListener {
    void on_tell(const Teller&, const LineFormat&, Stamps&, std::string_view) override {}
  } nobody;
  LogScript script;
  script.lines.stamp = StampKind::Tai10;
  script.outlets.resize(1);
  script.instructions = {{LogInstruction::Kind::Write, 0, {}}};
  LineProgram program(script, nobody);
  Stamps stamps;
  stamps.set({1'000'000'000, 0});
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.capacity = 100'000;
  RotationRules rules = multilog_rules();
  rules.size.max = 1'000'000;
  Life life(disk, clock, rules);
  life.open();
  std::string input;
  while (input.size() < 50'000) input += "123456789\n";
  std::string_view rest = input;
  for (std::size_t size = 4096; size > 64;) {
    if (life.directory().make_room(program.most_output(0, size)) != 0) {
      size /= 2;
      continue;
    }
    std::string_view block = rest.substr(0, size);
    rest.remove_prefix(block.size());
    program.feed(block, stamps);
    std::string_view text = program.buffers()[0].text();
    ASSERT_EQ(life.directory().write(text), Progress::Done) << "there was no room";
    program.buffers()[0].taken(program.buffers()[0].text().size());
  }
  EXPECT_LT(rest.size(), input.size() - 20'000) << "the disk is not used";
}

// Two files of a block and a byte take four blocks, where one of the same bytes takes three.
TEST(LogDirectory, RoomForWhatIsRotatedIsRoomInEachFile) {
  for (std::uint64_t free = 0; free < 12; ++free) {
    SimulatedDisk disk;
    SimulatedClock clock;
    disk.block = 16;
    disk.capacity = free * disk.block;
    RotationRules rules = multilog_rules();
    rules.size = {SizeRule::Cut::AfterLine, 17, 0};
    Life life(disk, clock, rules);
    life.open();
    std::string_view text = "0123456789abcdef\n0123456789abcdef\n0123456789abcdef\n";
    if (life.directory().make_room(text.size()) != 0) continue;
    EXPECT_EQ(life.directory().write(text), Progress::Done) << free << " blocks";
  }
}

TEST(LogDirectory, OnAFullDiskTheOldestGoAsFarAsTheRulesAllow) {
  const std::string text = stream(200);
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.capacity = 1500;
  RotationRules rules = archive_rules();
  rules.keep.spared_when_full = 2;
  Life life(disk, clock, rules);
  life.open();
  std::string_view rest = text;
  const auto old_files = [&] {
    return std::count_if(disk.names.begin(), disk.names.end(),
                         [](const auto& entry) { return entry.first.front() == '@'; });
  };
  while (!rest.empty()) {
    const std::size_t line = rest.find('\n') + 1;
    const auto before = old_files();
    if (life.directory().make_room(line) != 0) {
      EXPECT_EQ(old_files(), before) << "nobody asked for it";
      ASSERT_EQ(life.directory().make_room(line, true), 0);
      EXPECT_EQ(old_files(), before - 1);
    }
    life.write(rest.substr(0, line));
    rest.remove_prefix(line);
  }
  EXPECT_EQ(life.directory().make_room(10'000, true), ENOSPC);
  EXPECT_EQ(old_files(), 2);
  life.finish();
  EXPECT_TRUE(text.ends_with(gathered(disk, rules)));
}

TEST(LogDirectory, IsOpenedAnewByOtherRulesWhileItsProcessorRuns) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = archive_rules();
  rules.processor.argv = {"/bin/sh", "-c", "tr a-z A-Z"};
  Life life(disk, clock, rules);
  life.be_slow();
  life.open();
  life.write("one\n");
  life.rotate();
  ASSERT_TRUE(life.host().running());
  life.write("two\n");
  rules.processor.argv.clear();
  rules.every = std::chrono::seconds(10);
  EXPECT_EQ(life.directory().reopen(rules), Progress::Done);
  EXPECT_NE(life.directory().rotation_due(), Instant::never());
  life.write("three\n");
  EXPECT_TRUE(life.host().running());
  life.finish();
  EXPECT_EQ(life.host().started, 1U);
  EXPECT_EQ(gathered(disk, rules, {"newstate"}), "one\ntwo\nthree\n");
}

TEST(LogDirectory, RotatesWhenItIsTime) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = archive_rules();
  rules.every = std::chrono::seconds(10);
  Life life(disk, clock, rules);
  life.open();
  life.write("one\n");
  EXPECT_EQ(life.directory().rotate_if_due(), Progress::Done);
  EXPECT_EQ(disk.find("current")->data, "one\n");
  clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(life.directory().rotate_if_due(), Progress::Done);
  EXPECT_EQ(disk.find("current")->data, "");
  EXPECT_GT(life.directory().rotation_due() - clock.now().steady, std::chrono::seconds(9));
}

TEST(LogDirectory, AContinuedFileThatIsTooBigIsRotatedAtOnce) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.make("current", 0744)->data = std::string(kMax, 'a');
  RotationRules rules = unfinished_rules();
  rules.opening.rotates_oversize = true;
  Life life(disk, clock, rules);
  life.open();
  EXPECT_EQ(disk.find("current")->data, "");
}

TEST(LogDirectory, ACompleteCurrentMayBeRotatedAtTheStart) {
  SimulatedDisk disk;
  SimulatedClock clock;
  disk.make("current", 0744)->data = "one\n";
  RotationRules rules = zip_rules();
  rules.opening.rotates_complete = true;
  Life life(disk, clock, rules);
  life.open();
  EXPECT_EQ(disk.find("current")->data, "");
  EXPECT_EQ(gathered(disk, rules), "one\n");
  EXPECT_TRUE(std::any_of(disk.names.begin(), disk.names.end(), [](const auto& entry) {
    return entry.first.ends_with(".s") && entry.second->mode == 0744U;
  }));
}

// ---- processors

class LogProcessor : public testing::TestWithParam<Style> {
 protected:
  void begin(std::vector<int> statuses) {
    life_.host().statuses = std::move(statuses);
    life_.open();
    life_.write_rest(text_);
    life_.finish();
  }
  const std::string text_ = stream(30);
  SimulatedDisk disk_;
  SimulatedClock clock_;
  Life life_{disk_, clock_, GetParam().rules};
};

constexpr int kExit1 = 1 << 8, kKilled = 9;

TEST_P(LogProcessor, EveryRotatedFileGoesThroughIt) {
  begin({});
  for (const auto& [name, inode] : disk_.names)
    if (is_old_file(GetParam().rules.keep.names, name)) {
      EXPECT_EQ(inode->data.find("line"), std::string::npos) << name;
    }
}

TEST_P(LogProcessor, ItsStateGoesFromOneToTheNext) {
  begin({});
  if (GetParam().rules.processor.files == ProcessorRule::Files::Zip)
    EXPECT_EQ(disk_.find("state"), nullptr);
  else
    EXPECT_EQ(disk_.find("state")->data, std::string(life_.host().started, 'i'));
}

TEST_P(LogProcessor, OneThatFailsIsTriedAgainAndLosesNothing) {
  begin({kExit1, kExit1});
  EXPECT_EQ(gathered(disk_, GetParam().rules), text_);
  ASSERT_FALSE(life_.troubles.empty());
  EXPECT_EQ(life_.troubles[0].operation, LogTrouble::Operation::ProcessorFailed);
  EXPECT_EQ(life_.troubles[0].error, 1);
}

TEST_P(LogProcessor, OneThatASignalEndedHasFailedUnlessTheRulesSayOtherwise) {
  begin({kKilled});
  EXPECT_EQ(gathered(disk_, GetParam().rules), text_);
  if (GetParam().rules.processor.signal_is_success)
    EXPECT_TRUE(life_.troubles.empty());
  else
    EXPECT_EQ(life_.troubles.at(0).operation, LogTrouble::Operation::ProcessorCrashed);
}

TEST_P(LogProcessor, InputGoesOnUntilTheNextFileIsFull) {
  life_.be_slow();
  life_.open();
  life_.write(std::string(250, 'a') + "\n");
  life_.rotate();
  EXPECT_TRUE(life_.directory().processing());
  std::string_view line = "one\n";
  EXPECT_EQ(life_.directory().write(line), Progress::Done);
  EXPECT_EQ(disk_.find("current")->data, "one\n");
  EXPECT_TRUE(life_.directory().processing());
}

TEST_P(LogProcessor, WhatItsProcessorStillHasIsPruned) {
  RotationRules rules = GetParam().rules;
  rules.keep.count = 0;
  SimulatedDisk disk;
  Life life(disk, clock_, rules);
  life.be_slow();
  life.open();
  life.write("one\n");
  life.rotate();
  ASSERT_TRUE(life.directory().processing());
  EXPECT_NE(disk.find(life.host().input_name), nullptr) << "not while it has it";
  life.finish();
  for (const auto& [name, inode] : disk.names) EXPECT_FALSE(is_old_file(rules.keep.names, name)) << name;
}

TEST(LogDirectory, WhoIsToldToEndWaitsForNoProcessorThatFails) {
  SimulatedDisk disk;
  SimulatedClock clock;
  Life life(disk, clock, with_processor(s6_rules()));
  life.host().statuses.assign(100, 1 << 8);
  life.be_slow();
  life.open();
  const std::string text = stream(40);
  std::string_view rest = text;
  LogDirectory& directory = life.directory();
  while (directory.write(rest) != Progress::Waiting)
    if (rest.empty()) FAIL() << "the next file is never full";
  ASSERT_FALSE(rest.empty());
  std::optional<int> status;
  while (!status) status = life.host().work();
  directory.processor_ended(*status);
  ASSERT_TRUE(directory.processor_failed());
  const std::size_t started = life.host().started;
  directory.end_without_processor();
  EXPECT_EQ(directory.write(rest), Progress::Done);
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(directory.close(), Progress::Done);
  EXPECT_EQ(life.host().started, started);
  EXPECT_EQ(disk.find("current")->mode & 0100, 0U);
  Life next(disk, clock, s6_rules());
  next.open();
  next.finish();
  EXPECT_EQ(gathered(disk, s6_rules()), text);
}

TEST(LogDirectory, WhoGivesUpWritesOnWhileItsProcessorRuns) {
  SimulatedDisk disk;
  SimulatedClock clock;
  Life life(disk, clock, with_processor(s6_rules()));
  life.be_slow();
  life.open();
  const std::string text = stream(40);
  std::string_view rest = text;
  LogDirectory& directory = life.directory();
  EXPECT_TRUE(directory.rotation_may_wait());
  while (directory.write(rest) != Progress::Waiting)
    if (rest.empty()) FAIL() << "the next file is never full";
  ASSERT_NE(directory.processor(), 0);
  directory.end_without_processor();
  EXPECT_EQ(directory.write(rest), Progress::Done);
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(directory.close(), Progress::Done);
  EXPECT_EQ(life.host().started, 1U);
  Life next(disk, clock, s6_rules());
  next.open();
  next.finish();
  EXPECT_EQ(gathered(disk, s6_rules()), text);
}

TEST(LogDirectory, WhatIsEmptyBecomesAnOldFileOnlyWhereTheRulesSaySo) {
  for (const bool archives : {true, false}) {
    SimulatedDisk disk;
    SimulatedClock clock;
    disk.make("current", 0644);
    disk.make("previous", 0644);
    RotationRules rules = s6_rules();
    rules.archives_empty = archives;
    Life life(disk, clock, rules);
    life.open();
    const auto old = [](const auto& file) { return file.first.ends_with(".u"); };
    EXPECT_EQ(std::count_if(disk.names.begin(), disk.names.end(), old), archives ? 2 : 0);
    EXPECT_EQ(disk.find("previous"), nullptr);
  }
}

TEST(LogDirectoryZip, RotationsGoOnWhileOneIsCompressedAndTheOthersHaveTheirTurn) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = zip_rules();
  rules.processor.argv = {"zip"};
  rules.keep.count = 3;
  Life life(disk, clock, rules);
  life.be_slow();
  life.open();
  for (const char* line : {"one\n", "two\n", "three\n", "four\n", "five\n"}) {
    life.write(line);
    life.rotate();
  }
  EXPECT_EQ(life.host().started, 1U) << "it hangs at the first";
  EXPECT_EQ(gathered(disk, rules, {"zipped"}), "one\nthree\nfour\nfive\n") << "which alone stays for it";
  life.finish();
  EXPECT_EQ(life.host().started, 4U);
  EXPECT_EQ(gathered(disk, rules), "three\nfour\nfive\n");
}

TEST(LogDirectoryZip, WhoIsToldToEndWaitsForOneOnly) {
  SimulatedDisk disk;
  SimulatedClock clock;
  RotationRules rules = zip_rules();
  rules.processor.argv = {"zip"};
  Life life(disk, clock, rules);
  life.be_slow();
  life.open();
  for (const char* line : {"one\n", "two\n", "three\n"}) {
    life.write(line);
    life.rotate();
  }
  life.directory().process_no_more();
  life.finish();
  EXPECT_EQ(life.host().started, 1U);
  EXPECT_EQ(gathered(disk, rules), "one\ntwo\nthree\n");
}

INSTANTIATE_TEST_SUITE_P(Families, LogProcessor, testing::ValuesIn([] {
                           std::vector<Style> processed;
                           for (Style& style : styles())
                             if (style.processes) processed.push_back(std::move(style));
                           return processed;
                         }()),
                         [](const auto& style) { return std::string(style.param.name); });

}  // namespace
}  // namespace kindred
