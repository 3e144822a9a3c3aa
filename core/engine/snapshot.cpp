#include "core/engine/snapshot.h"

#include <cerrno>
#include <cstring>
#include <type_traits>

namespace kindred {
namespace {

constexpr std::string_view kMagic = "kds4";
constexpr std::uint32_t kLongestText = 4096;

class GrowingBytes {
 public:
  void push(std::uint8_t byte) { bytes_.push_back(byte); }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class BytesInRoom {
 public:
  explicit BytesInRoom(ByteSpan room) : room_(room) {}
  void push(std::uint8_t byte) noexcept {
    if (size_ < room_.size()) room_[size_] = byte;
    ++size_;
  }
  [[nodiscard]] std::size_t size() const { return size_ <= room_.size() ? size_ : 0; }

 private:
  ByteSpan room_;
  std::size_t size_ = 0;
};

template <class Sink>
class Writer {
 public:
  explicit Writer(Sink& sink) : sink_(sink) {}
  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      (*this)(static_cast<std::uint32_t>(value.size()));
      for (char c : value) sink_.push(static_cast<std::uint8_t>(c));
    } else {
      std::uint8_t encoded[sizeof(T)];
      put_le<sizeof(T)>(encoded, 0, static_cast<std::uint64_t>(value));
      for (std::uint8_t byte : encoded) sink_.push(byte);
    }
  }
  /// A value of which only those below `count` exist.
  template <class T>
  void below(const T& value, std::size_t) {
    (*this)(value);
  }
  template <class T, std::size_t N>
  void each_below(const FixedVector<T, N>& values, std::size_t) {
    (*this)(static_cast<std::uint8_t>(values.size()));
    for (const T& value : values) (*this)(value);
  }
  /// A process id: none that means more than one process when it is signalled.
  void pid(const std::int32_t& value, std::int32_t) { (*this)(value); }

 private:
  Sink& sink_;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      std::uint32_t size = 0;
      (*this)(size);
      if (size > kLongestText || size > rest_.size()) return fail();
      value.assign(reinterpret_cast<const char*>(rest_.data()), size);
      rest_ = rest_.subspan(size);
    } else if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      (*this)(byte);
      if (byte > 1) return fail();
      value = byte == 1;
    } else {
      if (rest_.size() < sizeof(T)) return fail();
      value = static_cast<T>(get_le<sizeof(T)>(rest_, 0));
      rest_ = rest_.subspan(sizeof(T));
    }
  }
  template <class T>
  void below(T& value, std::size_t count) {
    (*this)(value);
    if (static_cast<std::size_t>(value) >= count) {
      value = T{};
      fail();
    }
  }
  template <class T, std::size_t N>
  void each_below(FixedVector<T, N>& values, std::size_t count) {
    std::uint8_t size = 0;
    (*this)(size);
    if (size > N) return fail();
    values.clear();
    for (; size > 0; --size) {
      T value{};
      below(value, count);
      values.push_back(value);
    }
  }
  void pid(std::int32_t& value, std::int32_t least) {
    (*this)(value);
    if (value < least) {
      value = 0;
      fail();
    }
  }
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

// One list of fields serves both directions. Every member of ServiceMachine is here; the property test that
// walks machines at random and compares would miss one that is not.

template <class Archive, class Wall>
void wall_fields(Archive& archive, Wall& at) {
  archive(at.seconds);
  archive(at.nanos);
}

template <class Archive, class Exit>
void exit_fields(Archive& archive, Exit& end) {
  archive.below(end.kind, static_cast<std::size_t>(ExitStatus::Kind::Unknown) + 1);
  archive(end.value);
  archive(end.core_dumped);
}

template <class Archive, class Record>
void record_fields(Archive& archive, Record& r) {
  archive.below(r.phase, kPhases);
  archive.below(r.before, kPhases);
  archive.below(r.want, kWants);
  archive(r.once);
  archive(r.at_most);
  archive(r.up_again);
  archive(r.gave_up);
  archive(r.exiting);
  archive(r.ready);
  archive(r.paused);
  archive(r.sent_term);
  archive(r.sent_down);
  archive.pid(r.pid, 0);
  wall_fields(archive, r.pid_changed);
  wall_fields(archive, r.run_started);
  wall_fields(archive, r.run_ended);
  wall_fields(archive, r.down_since);
  wall_fields(archive, r.ready_changed);
  static_assert(kScripts == 4);
  exit_fields(archive, r.exit_of(Script::Start));
  exit_fields(archive, r.exit_of(Script::Run));
  exit_fields(archive, r.exit_of(Script::Finish));
  exit_fields(archive, r.exit_of(Script::Stop));
  for (auto& at : r.script_changed) wall_fields(archive, at);
}

template <class Archive, class Machine>
void fields(Archive& archive, Machine& m) {
  record_fields(archive, m.record);
  archive(m.not_before.micros);
  archive(m.started_at.micros);
  archive(m.ready_at.micros);
  archive(m.phase_deadline.micros);
  archive(m.custom_deadline.micros);
  archive.below(m.command.verb, kVerbs);
  archive(m.command.signal);
  archive.below(m.command.role, static_cast<std::size_t>(Role::Log) + 1);
  archive(m.command.to_group);
  archive(m.command.to_any_script);
  archive(m.command.keep_down_file);
  archive(m.command.custom);
  archive.pid(m.run_pid, 0);
  archive.pid(m.command_pid, 0);
  archive.pid(m.custom_pid, -1);  // -1: asked for
  archive.each_below(m.remaining, kDos);
  archive(m.ends);
  archive(m.in_command);
  archive(m.custom_decides);
  archive(m.start_due);
  archive(m.stop_owed);
  archive(m.was_ready);
  archive(m.retired);
  archive.below(m.due, kScripts);
  archive(m.pre_start_asked);
  archive(m.start_held);
  archive(m.end_untold);
  archive(m.giving_up);
  archive(m.empty_is_up);
}

/// Of a machine whose run has left others behind.
template <class Archive, class Machine>
void outlived_fields(Archive& archive, Machine& m) {
  archive(m.outlived);
  exit_fields(archive, m.own_exit);
}

template <class Archive, class Machine>
void all_fields(Archive& archive, Machine& m) {
  fields(archive, m);
  outlived_fields(archive, m);
}

template <class Archive, class Group>
void head_fields(Archive& archive, Group& group) {
  archive(group.name);
  archive(group.home);
  archive(group.family);
  archive(group.id.device);
  archive(group.id.inode);
  archive(group.own_session);
  all_fields(archive, group.machine.main);
}

}  // namespace

std::vector<std::uint8_t> encode_state(const SupervisorState& state) {
  GrowingBytes bytes;
  Writer writer(bytes);
  for (char c : kMagic) writer(c);
  writer(static_cast<std::uint32_t>(state.groups.size()));
  for (const GroupState& group : state.groups) {
    head_fields(writer, group);
    writer(group.machine.log.has_value());
    if (group.machine.log) all_fields(writer, *group.machine.log);
    writer(group.machine.main_left);
    writer(group.machine.retired);
  }
  return bytes.take();
}

Result<SupervisorState> decode_state(ByteView bytes) {
  const Error bad{EBADMSG, "read", "snapshot"};
  Reader reader(bytes);
  for (char expected : kMagic) {
    char found = 0;
    reader(found);
    if (found != expected) return bad;
  }
  std::uint32_t count = 0;
  reader(count);
  SupervisorState state;
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    GroupState& group = state.groups.emplace_back();
    head_fields(reader, group);
    bool has_log = false;
    reader(has_log);
    if (has_log) all_fields(reader, group.machine.log.emplace());
    reader(group.machine.main_left);
    reader(group.machine.retired);
  }
  if (reader.failed() || !reader.at_end()) return bad;
  return state;
}

std::size_t encode_machine(const ServiceMachine& machine, ByteSpan out) noexcept {
  BytesInRoom bytes(out);
  Writer writer(bytes);
  fields(writer, machine);
  // A kindred that knows no such thing goes on with all others.
  if (machine.outlived) outlived_fields(writer, machine);
  return bytes.size();
}

std::optional<ServiceMachine> decode_machine(ByteView bytes) noexcept {
  Reader reader(bytes);
  ServiceMachine machine;
  fields(reader, machine);
  if (!reader.at_end()) outlived_fields(reader, machine);
  if (reader.failed() || !reader.at_end()) return std::nullopt;
  return machine;
}

}  // namespace kindred
