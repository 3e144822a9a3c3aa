#include "compat-nosh/import/socket_lines.h"

#include <initializer_list>

#include "compat-nosh/import/command_text.h"
#include "compat-nosh/import/relations.h"
#include "compat-nosh/import/unit_import.h"

namespace kindred::nosh {
namespace {

/// What the listening tools are told, one and all.
struct SocketOptions {
  std::string backlog, mode, user, group, buffer;
  bool for_one_process = false;  ///< which is told of its sockets as by systemd
  bool combined = false, shared_port = false, any_address = false, raw = false;
  bool credentials = false, security = false;

  void add_shared(ToolLine& line) const {
    line.option_if(for_one_process, "--systemd-compatibility").option("--backlog", backlog);
  }
  void add_owner(ToolLine& line) const {
    line.option("--mode", mode).option("--user", user).option("--group", group);
  }
  void add_passed(ToolLine& line) const {
    line.option_if(credentials, "--pass-credentials").option_if(security, "--pass-security");
  }
};

SocketOptions read_options(const UnitValues& socket) {
  SocketOptions options;
  options.for_one_process = !socket.flag("accept");
  options.backlog = socket.text("backlog");
  options.mode = socket.text("socketmode");
  options.user = socket.text("socketuser");
  options.group = socket.text("socketgroup");
  options.combined = socket.settings().take_if("socket", "bindipv6only", {"both"}) != nullptr;
  options.shared_port = socket.flag("reuseport");
  options.any_address = socket.flag("freebind");
  options.credentials = socket.flag("passcredentials");
  options.security = socket.flag("passsecurity");
  return options;
}

struct Address {
  std::string host, port;
};
/// HOST:PORT, [V6]:PORT or PORT.
Address parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {"::0", text};
  std::string host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, text.substr(colon + 1)};
}

std::string local_line(const char* tool, const SocketOptions& options, const std::string& path) {
  ToolLine line(tool);
  options.add_shared(line);
  options.add_owner(line);
  options.add_passed(line);
  return line.word(path).text();
}

std::string internet_line(const char* tool, SocketOptions options, const std::string& text) {
  if (tool != std::string_view("tcp-socket-listen")) options.backlog.clear();
  ToolLine line(tool);
  options.add_shared(line);
  const Address address = parse_address(text);
  return line.option_if(options.combined, "--combine4and6")
      .option_if(options.shared_port, "--reuse-port")
      .option_if(options.any_address, "--bind-to-any")
      .word(address.host)
      .word(address.port)
      .text();
}

std::string netlink_line(const SocketOptions& options, const std::string& text) {
  ToolLine line("netlink-datagram-socket-listen");
  line.option_if(options.for_one_process, "--systemd-compatibility")
      .option_if(options.raw, "--raw")
      .option("--backlog", options.backlog)
      .option("--receive-buffer-size", options.buffer);
  options.add_passed(line);
  const std::size_t blank = text.find(' ');
  line.word(text.substr(0, blank));
  return line.word(blank == std::string::npos ? "1" : text.substr(blank + 1)).text();
}

/// Of a kind that has addresses in the net, and paths; and the mount points that these need.
struct SocketKind {
  const char* key;
  const char* local_tool;
  const char* internet_tool;
  const char* accepting_tool;  ///< of paths; null: there are no connections
};
constexpr SocketKind kKinds[] = {
    {"listenstream", "local-stream-socket-listen", "tcp-socket-listen", "local-stream-socket-accept"},
    {"listendatagram", "local-datagram-socket-listen", "udp-socket-listen", nullptr},
    {"listensequentialpacket", "local-seqpacket-socket-listen", "ip-seqpacket-socket-listen",
     "local-seqpacket-socket-accept"}};

void add_mounts_of(const std::string& path, BundlePlan& plan) {
  add_mounts("after", std::string_view(path).substr(0, path.rfind('/')), plan);
}

/// The tool that takes connections from what was listened at first.
std::string read_listeners(const UnitValues& socket, SocketOptions& options, ScriptLines& lines,
                           BundlePlan& plan) {
  std::string accepting;
  for (const SocketKind& kind : kKinds)
    for (const std::string& address : socket.texts(kind.key)) {
      const bool local = address.starts_with('/');
      lines.add(local ? local_line(kind.local_tool, options, address)
                      : internet_line(kind.internet_tool, options, address));
      if (local) add_mounts_of(address, plan);
      if (accepting.empty() && kind.accepting_tool != nullptr)
        accepting = local ? kind.accepting_tool : "tcp-socket-accept";
    }
  for (const std::string& path : socket.texts("listenfifo")) {
    ToolLine line("fifo-listen");
    line.option_if(options.for_one_process, "--systemd-compatibility");
    options.add_owner(line);
    lines.add(line.word(path).text());
    add_mounts_of(path, plan);
    // Of these it makes nothing.
    for (const char* const key : {"backlog", "passcredentials", "passsecurity"})
      socket.settings().put_back("socket", key);
  }
  const std::vector<std::string> netlinks = socket.texts("listennetlink");
  if (!netlinks.empty()) {
    options.raw = socket.flag("netlinkraw");
    options.buffer = socket.text("receivebuffer");
  }
  for (const std::string& text : netlinks) lines.add(netlink_line(options, text));
  return accepting;
}

void read_accepting(const UnitValues& socket, const std::string& tool, ScriptLines& lines) {
  const bool internet = tool == "tcp-socket-accept";
  lines.add(ToolLine(tool)
                .option("--connection-limit", socket.text("maxconnections"))
                .option_if(internet && socket.flag("keepalive"), "--keepalives")
                .option_if(internet && socket.flag("nodelay"), "--no-delay")
                .text());
  if (socket.flag("ucspirules"))
    lines.add(
        ToolLine("ucspi-socket-rules-check").option_if(socket.flag("logucspirules"), "--verbose").text());
  if (socket.flag("sslshim")) lines.add("ssl-run");
}

}  // namespace

bool accepts(const UnitSettings& socket) {
  const std::string* const value = socket.look("socket", "accept");
  return value != nullptr && is_true(*value);
}

Result<SocketLines> read_socket_lines(const UnitValues& socket, BundlePlan& plan) {
  const auto refuse = [&](const char* why) { return Error{0, why, socket.settings().file()}; };
  SocketLines lines;
  SocketOptions options = read_options(socket);
  std::string names;
  for (const std::string& name : socket.texts("filedescriptorname"))
    names += (names.empty() ? "" : ":") + name;
  if (!names.empty()) lines.listen.add("setenv LISTEN_FDNAMES", names);
  const bool accepting = !options.for_one_process;
  const bool named = !lines.listen.empty();
  if (accepting)
    for (const auto& [key, why] :
         {std::pair{"listendatagram", "ListenDatagram sockets may not have Accept=yes."},
          {"listenfifo", "ListenFIFO sockets may not have Accept=yes."},
          {"listennetlink", "ListenNetlink sockets may not have Accept=yes."}})
      if (socket.settings().look("socket", key) != nullptr) return refuse(why);
  const std::string tool = read_listeners(socket, options, lines.listen, plan);
  if (lines.listen.lines().size() == (named ? 1U : 0U))
    return refuse("Missing mandatory ListenStream/ListenDatagram/ListenFIFO/ListenSequentialPacket entry.");
  if (accepting)
    read_accepting(socket, tool, lines.accept);
  else if (socket.flag("ucspirules"))
    return refuse("UCSPI rules only apply to accepting sockets.");
  lines.accept.add("./service");
  return lines;
}

TimerLines read_timer_lines(const UnitValues& timer, bool quirks, BundlePlan& plan) {
  struct Event {
    const char* key;
    const char* variable;
    const char* expression;
  };
  constexpr Event kEvents[] = {{"onbootsec", "since_boot", "boot"},
                               {"onstartupsec", "since_startup", "startup"},
                               {"onactivesec", "since_start", "\">stamp-on-start\""},
                               {"onunitactivesec", "since_service", "\">stamp-on-service\""},
                               {"onunitinactivesec", "since_restart", "\">stamp-on-restart\""}};
  TimerLines lines;
  lines.set.add("unsetenv wake_time");
  for (const Event& event : kEvents)
    for (const std::string& span : timer.texts(event.key)) {
      const std::string variable = event.variable;
      lines.set.add(ToolLine("time-env-set").plain(variable).plain(event.expression).text());
      lines.set.add(ToolLine("time-env-add")
                        .option_if(quirks, "--systemd-compatibility --gnu-compatibility")
                        .plain("--")
                        .plain(variable)
                        .word(span)
                        .text());
      lines.set.add(ToolLine("time-env-unset-if-later").plain(variable).plain("now").text());
      lines.set.add(ToolLine("time-env-set-if-earlier").plain("wake_time").word("$" + variable).text());
    }
  if (lines.set.lines().size() == 1)
    plan.warnings.push_back(timer.settings().file() + ": No time that can be waited for: it never wakes.");
  lines.wait.add("time-pause-until", "$wake_time");
  lines.wait.add("foreground touch stamp-on-service ;");
  lines.wait.add("./service");
  return lines;
}

}  // namespace kindred::nosh
