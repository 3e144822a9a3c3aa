#include "compat-nosh/supervise/manager.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "compat-nosh/dialect.h"
#include "compat-nosh/manager_words.h"
#include "core/cli/program.h"
#include "core/engine/messages.h"
#include "core/engine/stop_timeout.h"
#include "core/keeper/keeper.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

// Before others have their turn.
constexpr int kRequestsPerTurn = 64;
/// As long as system-control waits before it kills; in process 1 as long as a container engine waits.
Duration stop_limit() {
  return known_pid() == 1 ? kStopTimeoutOfProcess1 : Duration(std::chrono::seconds(90));
}

std::uint32_t number_of(const std::shared_ptr<InputPipe>& pipe) {
  return pipe ? static_cast<std::uint32_t>(pipe->inode()) : 0;
}

bool is_directory(const UniqueFd& descriptor) {
  struct stat st;
  return fstat(descriptor.get(), &st) == 0 && S_ISDIR(st.st_mode);
}

}  // namespace

/// One service, by its supervise directory.
struct Manager::Loaded final : ReadyHandler {
  Loaded(Manager& owner, LedgerEntry of) : manager(owner), known(std::move(of)) {}
  /// There is something to read for a service that waits for that.
  void on_ready() noexcept override {
    armed.end();
    known.armed = false;
    manager.ledger_.put(known);
    tell("DEBUG", "input activate ", group->name());
    // Last: it may be unloaded by that.
    (void)manager.supervisor_.command(*group, {.verb = Verb::Up});
  }

  Manager& manager;
  LedgerEntry known;
  ServiceGroup* group = nullptr;
  std::shared_ptr<InputPipe> input, output;
  Watch armed;  ///< on its input: until then it is down
};

Manager::Manager(EventLoop& loop, Supervisor& supervisor, std::vector<int> sockets)
    : loop_(loop), supervisor_(supervisor), sockets_(std::move(sockets)) {
  supervisor_.set_listener(this);
  loop_.timers().reserve_besides(1);
}

Manager::~Manager() {
  loop_.timers().disarm(*this);
  supervisor_.set_listener(nullptr);
}

Status Manager::open() {
  for (const int socket : sockets_) {
    if (Status ready = prepare_socket(socket); !ready) return ready;
    Result<Watch> watched = loop_.watch_first(socket, door_);
    if (!watched) return watched.error();
    watches_.push_back(std::move(*watched));
  }
  take_up();
  return ok();
}

void Manager::take_up() {
  FdStore& descriptors = supervisor_.descriptors();
  // They stay open until all of it is said anew.
  const std::vector<UniqueFd> memories = descriptors.take_memory(kLedgerBeginning);
  const std::optional<LedgerState> left = read_ledgers(memories);
  std::vector<std::pair<std::uint32_t, std::shared_ptr<InputPipe>>> pipes;
  const auto pipe_of = [&](std::uint32_t number) -> std::shared_ptr<InputPipe> {
    if (number == 0) return nullptr;
    for (const auto& [known, pipe] : pipes)
      if (known == number) return pipe;
    UniqueFd both = descriptors.take_pipe(number, FdStore::For::Both);
    if (!both) return nullptr;
    return pipes.emplace_back(number, std::make_shared<InputPipe>(InputPipe::take_over(std::move(both))))
        .second;
  };
  if (left)
    for (const LedgerEntry& entry : left->loaded) {
      UniqueFd supervise = descriptors.take_directory({entry.supervise.device, entry.supervise.inode});
      UniqueFd service = descriptors.take_directory({entry.service.device, entry.service.inode});
      if (supervise && service)
        load(entry, std::move(supervise), std::move(service), pipe_of(entry.input), pipe_of(entry.output));
      else
        tell("ERROR", entry.name, ": unable to find its directories again");
    }
  supervisor_.all_added();
  begin_ledger();
  if (left && left->ending) end_in_time();
}

void Manager::begin_ledger() {
  // Without a keeper nobody would read it.
  if (kept() == nullptr || !kept()->shares_descriptors) return;
  LedgerState state{{}, ending_};
  for (const std::unique_ptr<Loaded>& loaded : loaded_) state.loaded.push_back(loaded->known);
  if (!ledger_.begin(state)) tell("WARNING", "what is loaded will not be known to another core");
}

void Manager::note(const Loaded& loaded) {
  if (ledger_.is_long()) begin_ledger();
  ledger_.put(loaded.known);
}

void Manager::shut_down() noexcept {
  // First: who is killed in between has told some of them, and its successor tells all.
  ledger_.end_all();
  end_in_time();
}

void Manager::end_in_time() noexcept {
  supervisor_.shut_down_all();
  ending_ = true;
  tell_how_many();
  loop_.timers().arm(*this, loop_.clock().now().steady + stop_limit());
}

void Manager::on_timer() noexcept {
  for (const std::unique_ptr<Loaded>& loaded : loaded_) {
    const StatusRecord& record = loaded->group->machine().main.record;
    struct stat st;
    // Whoever brought it up again meanwhile, or put the flag there, means it.
    if (record.pid == 0 || record.want != Want::Down ||
        fstatat(loaded->group->directory(), "no_kill_signal", &st, 0) == 0)
      continue;
    tell("WARNING", loaded->group->name(), ": killed, since it has not ended in time");
    ::kill(record.pid, SIGKILL);
    ::kill(record.pid, SIGCONT);
  }
  // The scripts that follow have their time too.
  loop_.timers().arm(*this, loop_.clock().now().steady + stop_limit());
}

void Manager::tell_how_many() const {
  if (ending_ && !loaded_.empty())
    tell("INFO", "Shutdown requested but there are ", std::to_string(loaded_.size()),
         " services still active.");
}

void Manager::read_requests() noexcept {
  for (const int socket : sockets_) nosh::read_requests(socket, kRequestsPerTurn, *this);
}

Manager::Loaded* Manager::find(const UniqueFd& descriptor) noexcept {
  const Result<DirectoryId> id = identify(descriptor.get());
  if (!id) return nullptr;
  for (const std::unique_ptr<Loaded>& loaded : loaded_)
    if (loaded->known.supervise == *id) return loaded.get();
  return nullptr;
}

void Manager::obey(Datagram& datagram) noexcept {
  const Request request = datagram.message.request;
  if (request == Request::Load) {
    load(datagram);
    return;
  }
  Loaded* const loaded = find(datagram.descriptors[0]);
  if (loaded == nullptr) return;
  switch (request) {
    case Request::Plumb:
      if (const Loaded* consumer = find(datagram.descriptors[1])) plumb(*loaded, *consumer);
      break;
    case Request::MakeInputActivated:
      activate_by_input(*loaded);
      break;
    case Request::Unload:
      (void)supervisor_.command(*loaded->group, {.verb = Verb::Exit});
      break;
    case Request::MakePipeConnectable:
      make_pipe(*loaded);
      break;
    case Request::MakeRunOnEmpty:
      tell("DEBUG", "run-on-empty set for ", loaded->group->name());
      (void)supervisor_.let_be_empty(*loaded->group);
      break;
    case Request::Noop:
    case Request::Load:
    case Request::Unknown:
      break;
  }
}

void Manager::load(Datagram& datagram) {
  UniqueFd& supervise = datagram.descriptors[0];
  UniqueFd& service = datagram.descriptors[1];
  if (!is_directory(supervise) || !is_directory(service) || find(supervise) != nullptr) return;
  const Result<DirectoryId> supervise_id = identify(supervise.get()), service_id = identify(service.get());
  if (!supervise_id || !service_id) return;
  const std::string name = datagram.message.name;
  load({*supervise_id, *service_id, 0, 0, false, name}, std::move(supervise), std::move(service), nullptr,
       nullptr);
  if (!loaded_.empty() && loaded_.back()->known.supervise == *supervise_id) tell("DEBUG", "load ", name);
}

void Manager::load(LedgerEntry what, UniqueFd supervise, UniqueFd service, std::shared_ptr<InputPipe> input,
                   std::shared_ptr<InputPipe> output) {
  auto loaded = std::make_unique<Loaded>(*this, std::move(what));
  loaded->input = std::move(input);
  loaded->output = std::move(output);
  GroupSpec spec;
  spec.name = loaded->known.name;
  spec.directory = std::move(service);
  spec.supervise = std::move(supervise);
  spec.input = loaded->input;
  spec.output = loaded->output;
  spec.shown = base_name(loaded->known.name.c_str()).data();
  spec.home = &supervise_dialect();
  spec.begin_down = true;
  spec.owner = loaded.get();
  // Before it begins: a core that is killed in between has loaded it.
  note(*loaded);
  const Loaded* const mark = loaded.get();
  const std::string name = loaded->known.name;
  const DirectoryId id = loaded->known.supervise;
  loaded_.push_back(std::move(loaded));
  Result<ServiceGroup*> group = supervisor_.add(std::move(spec));
  // What was to be unloaded when its core was killed may have been by now.
  const auto added = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const std::unique_ptr<Loaded>& each) { return each.get() == mark; });
  if (!group) {
    ledger_.remove(id);
    if (added != loaded_.end()) loaded_.erase(added);
    // Where another manager has it, it is that one's.
    if (!is_held_lock(group.error())) say(supervision_failed(dialect().wording, name, group.error()));
  } else if (added != loaded_.end()) {
    (*added)->group = *group;
    if (std::exchange((*added)->known.armed, false)) activate_by_input(**added);
  }
}

void Manager::make_pipe(Loaded& loaded) {
  if (loaded.input) return;
  Result<InputPipe> pipe = InputPipe::make();
  if (!pipe) {
    tell("ERROR", loaded.group->name(), ": unable to create pipe");
    return;
  }
  tell("DEBUG", "add pipe for ", loaded.group->name());
  loaded.input = std::make_shared<InputPipe>(std::move(*pipe));
  loaded.group->set_input(loaded.input);
  loaded.known.input = number_of(loaded.input);
  note(loaded);
}

void Manager::plumb(Loaded& producer, const Loaded& consumer) {
  tell("DEBUG", "plumb ", producer.group->name(), " to ", consumer.group->name());
  if (!consumer.input) return;
  producer.output = consumer.input;
  producer.group->set_output(producer.output);
  producer.known.output = number_of(producer.output);
  note(producer);
}

void Manager::activate_by_input(Loaded& loaded) {
  tell("DEBUG", "make input activated ", loaded.group->name());
  if (!loaded.input || loaded.armed) return;
  Result<Watch> armed = loop_.watch(loaded.input->read_end(), loaded);
  if (!armed) return;
  loaded.armed = std::move(*armed);
  loaded.known.armed = true;
  note(loaded);
}

void Manager::on_retired(ServiceGroup& group) noexcept {
  const auto found = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const std::unique_ptr<Loaded>& l) { return l.get() == group.owner(); });
  if (found == loaded_.end()) return;
  tell("DEBUG", "unloading ", group.name());
  Loaded& gone = **found;
  gone.armed.end();
  ledger_.remove(gone.known.supervise);
  if (gone.input) {
    for (const std::unique_ptr<Loaded>& producer : loaded_) {
      if (producer->output != gone.input) continue;
      producer->output.reset();
      producer->known.output = 0;
      ledger_.put(producer->known);
      if (producer.get() != &gone) producer->group->set_output(nullptr);
    }
    // Those that write into it now are to learn that nobody reads.
    gone.input->close();
  }
  loaded_.erase(found);
  tell_how_many();
}

}  // namespace kindred::nosh
