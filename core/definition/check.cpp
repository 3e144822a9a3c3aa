#include "core/definition/check.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/number.h"
#include "core/definition/directory_codec.h"
#include "core/definition/shell_script.h"
#include "core/definition/text_lines.h"

namespace kindred {
namespace {

using namespace definition;
using DefinedScript = definition::Script;

std::string_view base_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Daemons that go into the background unless an option keeps them from it.
struct Daemon {
  std::string_view name;
  std::initializer_list<std::string_view> foreground;  ///< one of these, as a word or at the beginning of one
};
const Daemon kDaemons[] = {
    {"sshd", {"-D"}},
    {"cron", {"-f"}},
    {"crond", {"-f", "-n"}},
    {"nginx", {"daemon"}},
    {"dnsmasq", {"-k", "-d", "--keep-in-foreground", "--no-daemon"}},
    {"named", {"-f", "-g"}},
    {"ntpd", {"-n"}},
    {"rsyslogd", {"-n"}},
    {"apache2", {"-DFOREGROUND", "-D"}},
    {"httpd", {"-DFOREGROUND", "-D"}},
    {"atd", {"-f"}},
    {"smartd", {"-n"}},
    {"dhcpcd", {"-B"}},
    {"rpcbind", {"-f", "-d"}},
    {"vsftpd", {"-obackground=NO", "-o"}},
    {"smbd", {"-F", "--foreground"}},
    {"nmbd", {"-F", "--foreground"}},
    {"winbindd", {"-F", "--foreground"}},
    {"slapd", {"-d"}},
    {"memcached", {}},
};

class Check {
 public:
  explicit Check(const CheckedService& service)
      : service_(service), read_(service.family->read(service.content)) {}

  std::vector<Finding> run() {
    name();
    owners();
    const ServiceDefinition& definition = read_.definition;
    if (!definition.run)
      find(Gravity::Error, "no-run", "", 0, std::string(service_.family->family) + " finds nothing to run",
           "write the script, or say with --family whose directory it is");
    half("", definition);
    for (const ServiceDefinition& log : definition.log) half("log/", log);
    logs(definition);
    for (const Loss& loss : read_.losses)
      find(Gravity::Warning, "setting", loss.file, loss.line, loss.thing + ": " + loss.why, loss.advice);
    ignored(definition.files);
    own_rules(definition.files);
    finish_in_time(definition);
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return std::pair(a.file, a.line) < std::pair(b.file, b.line);
    });
    return std::move(findings_);
  }

 private:
  void find(Gravity gravity, std::string check, std::string file, unsigned line, std::string what,
            std::string mend) {
    Finding finding{gravity, std::move(check), std::move(file), line, std::move(what), std::move(mend)};
    if (std::find(findings_.begin(), findings_.end(), finding) == findings_.end())
      findings_.push_back(std::move(finding));
  }

  void name() {
    const std::string& name = service_.content.name;
    if (name.starts_with('.'))
      find(Gravity::Error, "name", "", 0, "a name that begins with a dot is no service's", "rename it");
    if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == 127; }))
      find(Gravity::Error, "name", "", 0,
           "the name has blanks or control characters, which some families refuse", "rename it");
    constexpr std::size_t kLongest = 48;
    if (name.size() > kLongest)
      find(Gravity::Note, "name", "", 0, "the name is longer than scripts of every family are told",
           "rename it");
  }

  void owners() {
    constexpr mode_t kOthers = 022;
    const auto writable = [&](const std::string& file, const char* what) {
      find(Gravity::Error, "writable", file, 0,
           std::string(what) + " that others may write: they run what they like as the supervisor's user",
           "chmod go-w");
    };
    if ((service_.content.mode & kOthers) != 0) writable("", "a directory");
    if (service_.foreign_owner)
      find(Gravity::Warning, "owner", "", 0,
           "the directory is another user's, who decides what the supervisor runs", "give it to root");
    for (const std::string& file : service_.open_to_all)
      find(Gravity::Warning, "writable", file, 0,
           "everybody may write it, and command the service or lie about it",
           "chmod o-w; give it to those who are to");
    for (const File& file : service_.content.files) {
      if (file.kind == File::Kind::Link) continue;
      const bool runs = file.kind == File::Kind::Regular && (file.mode & 0111) != 0;
      const bool holds =
          file.kind == File::Kind::Directory &&
          (file.path == "log" || file.path == "service" || file.path == "control" || file.path == "env");
      if ((file.mode & kOthers) != 0 && (runs || holds))
        writable(file.path, runs ? "a script" : "a directory");
      if (!file.owner.empty() && (runs || holds))
        find(Gravity::Warning, "owner", file.path, 0,
             "belongs to " + file.owner + ", not to whoever has the directory", "chown it");
    }
  }

  const File* file_of(const std::string& path) const {
    const auto& files = service_.content.files;
    const auto at =
        std::find_if(files.begin(), files.end(), [&](const File& file) { return file.path == path; });
    return at == files.end() ? nullptr : &*at;
  }

  void half(const std::string& prefix, const ServiceDefinition& definition) {
    const std::pair<const std::optional<Body>*, bool> bodies[] = {
        {&definition.run, true},   {&definition.start, false}, {&definition.finish, false},
        {&definition.stop, false}, {&definition.check, false}, {&definition.notify, false}};
    for (const auto& [each, is_run] : bodies)
      if (*each) body(prefix, **each, is_run);
    for (const auto& [letter, each] : definition.custom) body(prefix, each, false);
  }

  void body(const std::string& prefix, const Body& each, bool is_run) {
    std::string path = prefix + each.file;
    const File* file = file_of(path);
    if (file == nullptr) file = file_of(path = each.file);
    if (file == nullptr) return;
    if ((file->mode & 0100) == 0)
      find(Gravity::Error, "not-executable", path, 0, "is not executable", "chmod +x");
    script(path, file->bytes);
    if (const auto* const command = std::get_if<Command>(&each.what)) {
      if (!command->program.empty()) program(path, 0, command->program, is_run);
    } else if (is_run) {
      last_line(path, file->bytes);
    }
  }

  void script(const std::string& path, std::string_view text) {
    if (text.starts_with("\x7f"
                         "ELF"))
      return;
    if (text.empty()) return find(Gravity::Error, "empty", path, 0, "is empty", "write it");
    if (!text.starts_with("#!"))
      return find(Gravity::Error, "no-interpreter", path, 1, "has no #! line: the kernel does not execute it",
                  "begin it with #!/bin/sh");
    std::string_view line = text.substr(2, text.find('\n') - 2);
    if (line.ends_with('\r'))
      return find(Gravity::Error, "carriage-return", path, 1,
                  "its lines end with carriage returns, which are part of the interpreter's name",
                  "remove them");
    line = without_blanks_around(line);
    const std::string interpreter(line.substr(0, line.find_first_of(" \t")));
    if (!interpreter.starts_with('/'))
      find(Gravity::Error, "no-interpreter", path, 1, "the interpreter is no absolute path",
           "write it as one");
    else if (!service_.is_program(interpreter))
      find(Gravity::Error, "no-interpreter", path, 1, interpreter + " is not there",
           "install it, or name another");
    if (!text.ends_with('\n'))
      find(Gravity::Note, "no-newline", path, 0, "its last line has no end", "add a newline");
  }

  void program(const std::string& path, unsigned line, const std::vector<std::string>& words, bool is_run) {
    const std::string& name = words.front();
    if (name.find('/') == std::string::npos || name.starts_with('/'))
      if (!service_.is_program(name))
        find(Gravity::Error, "no-program", path, line,
             name + (name.starts_with('/') ? " is not there" : " is not on PATH"),
             "install it, or correct the name");
    if (!is_run) return;
    const auto* const daemon = std::find_if(std::begin(kDaemons), std::end(kDaemons),
                                            [&](const Daemon& each) { return each.name == base_of(name); });
    if (daemon == std::end(kDaemons)) return;
    const auto has = [&](std::string_view option) {
      return std::any_of(words.begin() + 1, words.end(),
                         [&](const std::string& word) { return std::string_view(word).starts_with(option); });
    };
    const bool to_background = daemon->foreground.size() == 0
                                   ? has("-d")
                                   : std::none_of(daemon->foreground.begin(), daemon->foreground.end(), has);
    if (to_background)
      find(Gravity::Error, "background", path, line,
           std::string(daemon->name) + " goes into the background, where no supervisor sees it",
           daemon->foreground.size() == 0 ? "leave -d out"
                                          : "give it " + std::string(*daemon->foreground.begin()));
  }

  /// Of a shell script that is no plain chain: whether it becomes its daemon at last.
  void last_line(const std::string& path, std::string_view text) {
    constexpr std::string_view kShells[] = {"sh", "dash", "bash", "ash", "ksh"};
    if (std::find(std::begin(kShells), std::end(kShells), interpreter_of(text)) == std::end(kShells)) return;
    unsigned number = 0, last = 0;
    std::string_view last_text;
    bool executes = false, continued = false;
    while (!text.empty()) {
      const std::string_view raw = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), raw.size() + 1));
      ++number;
      const std::string_view line = without_blanks_around(raw);
      if (line.empty() || line.starts_with('#')) continue;
      if (!continued) {
        last = number;
        last_text = line;
      }
      continued = line.ends_with('\\');
      if (line.ends_with("&") && !line.ends_with("&&"))
        find(Gravity::Warning, "background", path, number,
             "starts something in the background, which signals to the service do not reach",
             "give it a service of its own");
      std::string_view rest = line;
      for (const std::string_view before : {"exec ", "&& exec ", "|| exec ", "; exec ", "then exec "})
        if (const std::size_t at = line.find(before);
            at != std::string_view::npos && (at == 0 || before != "exec ")) {
          rest = line.substr(at + before.size());
          if (!rest.starts_with("2>") && !rest.starts_with('>') && !rest.starts_with('<')) {
            executes = true;
            // Only a name that no variable makes up is looked for.
            if (const auto words = read_plain_words(rest.substr(0, rest.find_first_of(" \t")));
                words && !words->empty())
              program(path, number, *words, false);
          }
        }
    }
    constexpr std::string_view kNotPrograms[] = {"fi", "esac", "done", "}", "exit", "wait", ";;"};
    const std::string first(last_text.substr(0, last_text.find_first_of(" \t")));
    const bool simple = last != 0 && std::find(std::begin(kNotPrograms), std::end(kNotPrograms), first) ==
                                         std::end(kNotPrograms);
    if (!executes && simple && !first.starts_with("$("))
      find(Gravity::Warning, "no-exec", path, last,
           "runs " + first + " without exec: signals reach the shell, not the program",
           "write exec before it");
  }

  void logs(const ServiceDefinition& definition) {
    const File* const log = file_of("log");
    if (log != nullptr && log->kind == File::Kind::Link)
      return find(Gravity::Error, "log", "log", 0, "the link leads nowhere", "mend or remove it");
    if (log == nullptr || !definition.log.empty()) {
      // The family's own writer says what a directory with a log is like.
      const mode_t wanted = service_.family->write(definition).content.mode;
      if (!definition.log.empty() && (wanted & 01000) != 0 && (service_.content.mode & 01000) == 0)
        find(Gravity::Error, "log", "", 0,
             std::string(service_.family->family) +
                 " runs the log of a directory only if that has the sticky bit",
             "chmod +t");
      return;
    }
    if (log->kind == File::Kind::Directory && file_of("log/run") == nullptr)
      find(Gravity::Error, "log", "log", 0, "a log directory without a run script", "write log/run");
    else
      find(Gravity::Warning, "log", "log", 0, std::string(service_.family->family) + " takes it for no log",
           "make it what the family's log is");
  }

  /// What lies there unread, and is another family's.
  void ignored(const std::vector<File>& files) {
    for (const File& file : files) {
      if (file.path.find('/') != std::string::npos || file.path == "log") continue;
      std::string readers;
      for (const DefinitionCodec* const other : service_.families) {
        if (other == service_.family) continue;
        const std::vector<File> left = other->read(service_.content).definition.files;
        const bool kept =
            std::any_of(left.begin(), left.end(), [&](const File& each) { return each.path == file.path; });
        if (!kept) readers += (readers.empty() ? "" : ", ") + std::string(other->family);
      }
      if (readers.empty()) continue;
      const bool script = file.path == "run" || file.path == "rc.main" || file.path == "service";
      find(script ? Gravity::Warning : Gravity::Note, script ? "two-families" : "ignored", file.path, 0,
           "means nothing to " + std::string(service_.family->family) + ", but something to " + readers,
           script ? "keep the scripts of one family only" : "convert the directory, or remove the file");
    }
  }

  /// What is understood is a setting, and no file any more.
  void own_rules(const std::vector<File>& files) {
    const auto complain = [&](const char* name, const char* what) {
      if (std::any_of(files.begin(), files.end(), [&](const File& each) { return each.path == name; }))
        find(Gravity::Warning, "setting", name, 0, what, "write it as kindred(1) says");
    };
    complain(kBackOffFile,
             "not understood: the family's rule holds, and restarts do not wait longer and longer");
    complain(kTreeWishFile, "not understood: what run leaves behind is nobody's");
  }

  void finish_in_time(const ServiceDefinition& definition) {
    if (!definition.finish || !definition.finish_limit || *definition.finish_limit == Duration{0}) return;
    const auto* const script = std::get_if<DefinedScript>(&definition.finish->what);
    std::string_view text = script != nullptr ? std::string_view(script->text) : std::string_view();
    std::string joined;
    if (script == nullptr) text = joined = shell_words(std::get<Command>(definition.finish->what).program);
    for (unsigned number = 1; !text.empty(); ++number) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      const std::size_t at = line.find("sleep ");
      if (at == std::string_view::npos || without_blanks_around(line).starts_with('#')) continue;
      std::string_view seconds = line.substr(at + 6);
      seconds = seconds.substr(0, seconds.find_first_not_of("0123456789"));
      const auto count = parse_unsigned<std::uint32_t>(seconds);
      if (count && std::chrono::seconds(*count) >= *definition.finish_limit)
        find(Gravity::Warning, "finish-limit", definition.finish->file, number,
             "finish sleeps longer than it may live",
             "write the time that it needs, in milliseconds, into timeout-finish");
    }
  }

  const CheckedService& service_;
  ReadDefinition read_;
  std::vector<Finding> findings_;
};

/// The services for whose start this one waits.
std::set<std::string> waits_for(const ServiceDefinition& service) {
  std::set<std::string> names;
  for (const Relation& relation : service.relations)
    if (relation.kind == Relation::Kind::After) names.insert(relation.name);
  const auto* const script = service.run ? std::get_if<DefinedScript>(&service.run->what) : nullptr;
  if (script == nullptr) return names;
  // The usual way to wait for another service is a script that fails until that is up.
  for (const std::string_view words : {"sv check ", "sv start "})
    for (std::size_t at = script->text.find(words); at != std::string::npos;
         at = script->text.find(words, at + 1)) {
      const std::string_view rest = std::string_view(script->text).substr(at + words.size());
      const std::string_view name = base_of(rest.substr(0, rest.find_first_of(" \t\n;&|>")));
      if (!name.empty() && name.find('$') == std::string_view::npos && name != ".") names.emplace(name);
    }
  return names;
}

}  // namespace

std::vector<Finding> check_service(const CheckedService& service) { return Check(service).run(); }

std::vector<std::vector<std::string>> find_loops(std::span<const ServiceDefinition> services) {
  std::map<std::string, std::set<std::string>> edges;
  for (const ServiceDefinition& service : services) {
    edges[service.name].merge(waits_for(service));
    for (const Relation& relation : service.relations)
      if (relation.kind == Relation::Kind::Before) edges[relation.name].insert(service.name);
  }
  std::vector<std::vector<std::string>> loops;
  std::set<std::string> done;
  std::vector<std::string> path;
  // Depth first, without recursion: names come from outside.
  struct Visit {
    std::string name;
    std::set<std::string>::const_iterator next, end;
  };
  for (const auto& [root, unused] : edges) {
    if (done.contains(root)) continue;
    std::vector<Visit> stack;
    const auto enter = [&](const std::string& name) {
      const std::set<std::string>& next = edges[name];
      stack.push_back({name, next.begin(), next.end()});
      path.push_back(name);
    };
    enter(root);
    while (!stack.empty()) {
      Visit& top = stack.back();
      if (top.next == top.end) {
        done.insert(top.name);
        path.pop_back();
        stack.pop_back();
        continue;
      }
      const std::string next = *top.next++;
      const auto again = std::find(path.begin(), path.end(), next);
      if (again != path.end()) {
        loops.emplace_back(again, path.end());
      } else if (!done.contains(next)) {
        if (!edges.contains(next)) {
          done.insert(next);
          continue;
        }
        enter(next);
      }
    }
  }
  return loops;
}

}  // namespace kindred
