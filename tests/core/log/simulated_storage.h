#pragma once
// A disk of inodes, names, modes, link counts and a capacity, on which log directories live in tests, with
// processors that run on it. Every operation is counted; the run can be cut after any of them, as KILL does it,
// and any of them can fail.

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/log/log_directory.h"
#include "core/log/log_storage.h"

namespace kindred::test {

/// The process is no more.
struct Killed {};

/// A clock that goes on by `tick` each time it is read.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Duration tick = Duration{1}) : tick_(tick) {}
  [[nodiscard]] Now now() const noexcept override {
    micros_ += tick_.count();
    constexpr std::int64_t kStart = 1'000'000'000, kMicros = 1'000'000;
    return {Instant{micros_}, WallTime{kStart + (micros_ + set_ahead_) / kMicros,
                                       static_cast<std::uint32_t>((micros_ + set_ahead_) % kMicros * 1000)}};
  }
  void advance(Duration by) { micros_ += by.count(); }
  /// Only the time of day.
  void set_ahead(Duration by) { set_ahead_ += by.count(); }

 private:
  Duration tick_;
  mutable std::int64_t micros_ = 0;
  std::int64_t set_ahead_ = 0;
};

struct Inode {
  std::string data;
  mode_t mode = 0;
  nlink_t links = 1;
  std::uint64_t reserved = 0;  ///< bytes that belong to it, with those of its data
  std::size_t synced = 0;      ///< bytes of it that outlive the machine
  [[nodiscard]] std::uint64_t occupied(std::uint64_t block) const {
    return (std::max<std::uint64_t>(data.size(), reserved) + block - 1) / block * block;
  }
};

class SimulatedDisk {
 public:
  std::map<std::string, std::shared_ptr<Inode>, std::less<>> names;
  std::uint64_t capacity = UINT64_MAX;  ///< bytes of all files
  std::uint64_t block = 1;              ///< of which each file has a whole number
  std::size_t most_files = SIZE_MAX;
  bool can_link = true;

  /// What append() has taken, in the order in which it did.
  std::string taken;

  std::size_t operations = 0;
  std::size_t cut_after = SIZE_MAX;  ///< the last operation that is done
  bool cut_halves_append = false;    ///< … and of an append only a half
  /// Asked before each operation; what is not 0 is its error.
  std::function<int(std::string_view operation, std::string_view name)> refuse;

  /// Counts an operation that is about to be done.
  [[nodiscard]] int begin(std::string_view operation, std::string_view name) {
    if (operations >= cut_after) throw Killed{};
    ++operations;
    return refuse ? refuse(operation, name) : 0;
  }
  [[nodiscard]] bool is_last() const { return operations >= cut_after; }

  [[nodiscard]] std::shared_ptr<Inode> find(std::string_view name) const {
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }
  [[nodiscard]] bool has_room_for_a_file() const { return names.size() < most_files; }
  std::shared_ptr<Inode> make(std::string_view name, mode_t mode) {
    auto inode = std::make_shared<Inode>();
    inode->mode = mode;
    names[std::string(name)] = inode;
    return inode;
  }
  [[nodiscard]] std::uint64_t free_bytes() const {
    std::uint64_t used = 0;
    for (const auto& [name, inode] : names) used += inode->occupied(block) / inode->links;
    return capacity > used ? capacity - used : 0;
  }
  [[nodiscard]] std::string list() const {
    std::string listed;
    for (const auto& [name, inode] : names) listed += name + " ";
    return listed;
  }
};

class SimulatedStorage final : public LogStorage {
 public:
  explicit SimulatedStorage(SimulatedDisk& disk) : disk_(disk) {}

  [[nodiscard]] int lock(const char* name, mode_t mode, LogLock) override {
    if (const int error = disk_.begin("lock", name)) return error;
    if (disk_.find(name) == nullptr) disk_.make(name, mode);
    return 0;
  }
  [[nodiscard]] int open_append(const char* name, mode_t mode, LogFile& file) override {
    if (const int error = disk_.begin("open", name)) return error;
    auto inode = disk_.find(name);
    if (inode == nullptr) {
      if (!disk_.has_room_for_a_file()) return ENOSPC;
      inode = disk_.make(name, mode);
    }
    files_.push_back(inode);
    file = LogFile{static_cast<int>(files_.size() - 1)};
    return 0;
  }
  [[nodiscard]] int append(LogFile file, std::string_view bytes, std::size_t& written) override {
    written = 0;
    if (const int error = disk_.begin("append", "")) return error;
    Inode& inode = of(file);
    std::size_t size = bytes.size();
    if (disk_.cut_halves_append && disk_.is_last()) size = (size + 1) / 2;
    const std::uint64_t room = inode.occupied(disk_.block) - inode.data.size() + disk_.free_bytes();
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, room));
    if (size == 0) return ENOSPC;
    inode.data += bytes.substr(0, size);
    disk_.taken += bytes.substr(0, size);
    written = size;
    return 0;
  }
  [[nodiscard]] int reserve(LogFile file, std::uint64_t size) override {
    if (const int error = disk_.begin("reserve", "")) return error;
    Inode& inode = of(file);
    const std::uint64_t occupied = inode.occupied(disk_.block);
    if (size > occupied && size - occupied > disk_.free_bytes()) return ENOSPC;
    inode.reserved = std::max(inode.reserved, size);
    return 0;
  }
  [[nodiscard]] std::uint64_t block_size() const override { return disk_.block; }
  void release(LogFile file, std::uint64_t size) override {
    static_cast<void>(disk_.begin("release", ""));
    of(file).reserved = size;
    of(file).data.resize(static_cast<std::size_t>(size));
  }
  [[nodiscard]] int sync(LogFile file) override {
    if (const int error = disk_.begin("sync", "")) return error;
    of(file).synced = of(file).data.size();
    return 0;
  }
  [[nodiscard]] int set_mode(LogFile file, mode_t mode) override {
    if (const int error = disk_.begin("set mode", "")) return error;
    of(file).mode = mode;
    return 0;
  }
  void close(LogFile file) override {
    static_cast<void>(disk_.begin("close", ""));
    files_[static_cast<std::size_t>(file)] = nullptr;
  }
  [[nodiscard]] int make_empty(const char* name, mode_t mode) override {
    if (const int error = disk_.begin("make", name)) return error;
    if (disk_.find(name) == nullptr && !disk_.has_room_for_a_file()) return ENOSPC;
    auto inode = disk_.find(name);
    if (inode == nullptr) inode = disk_.make(name, mode);
    inode->data.clear();
    inode->mode = mode;
    return 0;
  }
  [[nodiscard]] int sync_name(const char* name) override {
    if (const int error = disk_.begin("sync", name)) return error;
    const auto inode = disk_.find(name);
    if (inode == nullptr) return ENOENT;
    inode->synced = inode->data.size();
    return 0;
  }
  [[nodiscard]] int set_mode_name(const char* name, mode_t mode) override {
    if (const int error = disk_.begin("set mode", name)) return error;
    const auto inode = disk_.find(name);
    if (inode == nullptr) return ENOENT;
    inode->mode = mode;
    return 0;
  }
  [[nodiscard]] int rename(const char* from, const char* to) override {
    if (const int error = disk_.begin("rename", from)) return error;
    const auto inode = disk_.find(from);
    if (inode == nullptr) return ENOENT;
    if (const auto replaced = disk_.find(to); replaced != nullptr) {
      // Two names of one file: rename(2) does nothing.
      if (replaced == inode) return 0;
      --replaced->links;
    }
    disk_.names.erase(disk_.names.find(from));
    disk_.names[to] = inode;
    return 0;
  }
  [[nodiscard]] int link(const char* from, const char* to) override {
    if (const int error = disk_.begin("link", from)) return error;
    const auto inode = disk_.find(from);
    if (inode == nullptr) return ENOENT;
    if (!disk_.can_link) return EPERM;
    if (disk_.find(to) != nullptr) return EEXIST;
    if (!disk_.has_room_for_a_file()) return ENOSPC;
    disk_.names[to] = inode;
    ++inode->links;
    return 0;
  }
  [[nodiscard]] int remove(const char* name) override {
    if (const int error = disk_.begin("remove", name)) return error;
    const auto inode = disk_.find(name);
    if (inode == nullptr) return ENOENT;
    --inode->links;
    disk_.names.erase(disk_.names.find(name));
    return 0;
  }
  [[nodiscard]] int look(const char* name, std::optional<LogFileFacts>& facts) override {
    facts.reset();
    if (const int error = disk_.begin("look", name)) return error;
    if (const auto inode = disk_.find(name))
      facts = LogFileFacts{inode->data.size(), inode->mode, inode->links};
    return 0;
  }
  [[nodiscard]] int list(std::vector<std::string>& names) override {
    names = {".", ".."};
    if (const int error = disk_.begin("list", ".")) return error;
    for (const auto& [name, inode] : disk_.names) names.push_back(name);
    return 0;
  }

 private:
  [[nodiscard]] Inode& of(LogFile file) { return *files_.at(static_cast<std::size_t>(file)); }

  SimulatedDisk& disk_;
  std::vector<std::shared_ptr<Inode>> files_;
};

/// Runs one processor at a time, in steps that are operations of the disk: it makes its files, writes half of its
/// output, the other half and the new state, and ends. The output is the input in capitals.
class SimulatedProcessorHost final : public ProcessorHost {
 public:
  explicit SimulatedProcessorHost(SimulatedDisk& disk) : disk_(disk) {}

  std::size_t started = 0;
  int start_error = 0;
  std::vector<int> statuses;  ///< of the next ones, as wait(2) tells them; then 0

  [[nodiscard]] int start(const ProcessorPlan& plan, pid_t& pid) override {
    if (const int error = disk_.begin("fork", plan.input)) return error;
    if (start_error != 0) return start_error;
    ++started;
    pid = static_cast<pid_t>(started);
    input_ = disk_.find(plan.input);
    input_name = plan.input;
    output_name_ = plan.output;
    output_mode_ = plan.output_mode;
    state_name_ = plan.state == nullptr ? "" : plan.state;
    new_state_name_ = plan.new_state == nullptr ? "" : plan.new_state;
    step_ = 1;
    return 0;
  }

  std::string input_name;
  [[nodiscard]] bool running() const { return step_ != 0; }

  /// Does the next step; the wait status when it was the last one.
  [[nodiscard]] std::optional<int> work() {
    static_cast<void>(disk_.begin("work", input_name));
    switch (step_) {
      case 1:
        output_ = truncated(output_name_, output_mode_);
        if (!new_state_name_.empty()) {
          if (disk_.find(state_name_) == nullptr) disk_.make(state_name_, output_mode_);
          new_state_ = truncated(new_state_name_, output_mode_);
        }
        break;
      case 2:
        output_->data = capitals().substr(0, capitals().size() / 2);
        break;
      case 3:
        output_->data = capitals();
        if (new_state_ != nullptr) {
          const auto state = disk_.find(state_name_);
          new_state_->data = (state == nullptr ? "" : state->data) + "i";
        }
        break;
      default: {
        step_ = 0;
        if (statuses.empty()) return 0;
        const int status = statuses.front();
        statuses.erase(statuses.begin());
        return status;
      }
    }
    ++step_;
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::string capitals() const {
    std::string text = input_->data;
    std::transform(text.begin(), text.end(), text.begin(), [](char byte) {
      return static_cast<char>(std::toupper(static_cast<unsigned char>(byte)));
    });
    return text;
  }
  std::shared_ptr<Inode> truncated(const std::string& name, mode_t mode) {
    auto inode = disk_.find(name);
    if (inode == nullptr) return disk_.make(name, mode);
    inode->data.clear();
    inode->mode = mode;
    return inode;
  }

  SimulatedDisk& disk_;
  int step_ = 0;
  std::shared_ptr<Inode> input_, output_, new_state_;
  std::string output_name_, state_name_, new_state_name_;
  mode_t output_mode_ = 0;
};

}  // namespace kindred::test
