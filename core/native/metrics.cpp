// kindred metrics: services as numbers, for Prometheus.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error_text.h"
#include "core/base/number.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/log_place.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/metrics_text.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr int kBacklog = 16;
constexpr std::size_t kLongestRequest = 8192;
/// Who asks is on this host: a request or an answer that takes longer is given up.
constexpr timeval kPatience{5, 0};
constexpr mode_t kTextFileMode = 0644;

/// What the files of a log directory hold.
std::uint64_t bytes_in(const std::string& place) {
  struct stat st;
  if (::stat(place.c_str(), &st) != 0) return 0;
  if (!S_ISDIR(st.st_mode)) return static_cast<std::uint64_t>(st.st_size);
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, place.c_str());
  std::uint64_t bytes = 0;
  if (!directory) return 0;
  for (const std::string& name : directory_names(directory->get(), "."))
    if (::fstatat(directory->get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
      bytes += static_cast<std::uint64_t>(st.st_size);
  return bytes;
}

class Exporter {
 public:
  explicit Exporter(std::vector<std::string> directories) : directories_(std::move(directories)) {}

  [[nodiscard]] std::string look(Exposition exposition, bool counts) {
    const std::vector<std::string> directories = directories_.empty() ? usual_places() : directories_;
    StatusReport report = gather_status(directories, families());
    // A scan directory that holds nothing now is no trouble.
    std::erase_if(report.errors,
                  [](const StatusError& error) { return error.operation == "find a service in"; });
    add_details(report, families(), HostProcesses::read(), SystemClock().now().wall);
    MetricsExtra extra;
    if (counts) {
      restarts_.look(report);
      extra.restarts = &restarts_;
    }
    Surveyor surveyor(families());
    for (const ServiceRow& row : report.services) {
      if (!row.log) continue;
      const Result<ServiceSurvey> survey = surveyor.look(row.path.c_str());
      if (!survey) continue;
      std::uint64_t bytes = 0;
      const std::vector<std::string> places = log_places(row.path, *survey);
      for (const std::string& place : places) bytes += bytes_in(place);
      if (!places.empty()) extra.log_bytes[row.path] = bytes;
    }
    return render_metrics(report, exposition, extra);
  }

 private:
  std::vector<std::string> directories_;
  RestartCounter restarts_;
};

/// unix:PATH, or PORT, or 127.x.y.z:PORT, or [::1]:PORT.
Result<UniqueFd> listen_on(const std::string& where) {
  constexpr std::string_view kUnix = "unix:";
  if (where.starts_with(kUnix)) {
    const std::string path = where.substr(kUnix.size());
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Result<UniqueFd> place = open_directory(AT_FDCWD, directory.c_str());
    if (!place) return error_here("open", directory, place.error().code);
    const std::string name = path.substr(slash + 1);
    Result<UniqueFd> listener = listen_stream_at(place->get(), name.c_str(), kBacklog);
    // Its directory says who may ask.
    if (listener) (void)::fchmodat(place->get(), name.c_str(), 0666, 0);
    return listener;
  }
  sockaddr_storage address{};
  socklen_t size = 0;
  const std::size_t colon = where.rfind(':');
  const auto port = parse_unsigned<std::uint16_t>(where.substr(colon + 1));
  const std::string host = colon == std::string::npos ? "127.0.0.1" : where.substr(0, colon);
  auto* const four = reinterpret_cast<sockaddr_in*>(&address);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&address);
  if (port && ::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1 &&
      (ntohl(four->sin_addr.s_addr) >> 24U) == 127) {
    four->sin_family = AF_INET;
    four->sin_port = htons(*port);
    size = sizeof *four;
  } else if (port && host == "[::1]") {
    six->sin6_family = AF_INET6;
    six->sin6_addr = in6addr_loopback;
    six->sin6_port = htons(*port);
    size = sizeof *six;
  } else {
    return error_here("listen on", where, EADDRNOTAVAIL);
  }
  UniqueFd listener(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  if (listener) (void)::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (!listener || ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listener.get(), kBacklog) != 0)
    return error_here("listen on", where);
  return listener;
}

std::string response(std::string_view status, std::string_view type, const std::string& body,
                     bool with_body) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nContent-Type: ").append(type).append("\r\nContent-Length: ");
  text += std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
  if (with_body) text += body;
  return text;
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void serve(const UniqueFd& client, Exporter& exporter) {
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO})
    (void)::setsockopt(client.get(), SOL_SOCKET, direction, &kPatience, sizeof kPatience);
  std::string received;
  HttpRequest request;
  while (!request.whole && received.size() < kLongestRequest) {
    std::array<char, 2048> buffer;
    const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    received.append(buffer.data(), static_cast<std::size_t>(got));
    request = parse_http_request(received);
  }
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  if (!request.good)
    return send_all(client.get(), response("400 Bad Request", kPlain, "bad request\n", true));
  const bool head = request.method == "HEAD";
  if (!head && request.method != "GET")
    return send_all(client.get(), response("405 Method Not Allowed", kPlain, "GET or HEAD\n", true));
  if (request.path != "/metrics" && !request.path.starts_with("/metrics?"))
    return send_all(client.get(), response("404 Not Found", kPlain, "see /metrics\n", !head));
  const Exposition exposition = exposition_for(request.accept);
  send_all(client.get(),
           response("200 OK", content_type(exposition), exporter.look(exposition, true), !head));
}

int serve_forever(const std::string& program, const std::string& where, Exporter& exporter) {
  const Result<UniqueFd> listener = listen_on(where);
  if (!listener) return fatal(program, listener.error());
  // Restarts are counted from now on, and not from the first question.
  (void)exporter.look(Exposition::Prometheus, true);
  for (;;) {
    pollfd ready{listener->get(), POLLIN, 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return fatal(program, error_here("wait on", where));
    const UniqueFd client(::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) serve(client, exporter);
  }
}

int write_text_file(const std::string& program, const std::string& path, double every, Exporter& exporter) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = path.substr(slash + 1);
  for (;;) {
    const std::string text = exporter.look(Exposition::Prometheus, every > 0);
    const Result<UniqueFd> place = open_directory(AT_FDCWD, directory.c_str());
    if (!place) return fatal(program, error_here("open", directory, place.error().code));
    // The collector reads what ends in .prom.
    const int error =
        replace_file(place->get(), (name + ".new").c_str(), name.c_str(),
                     {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, kTextFileMode);
    if (error != 0 && every <= 0) return fatal(program, error_here("write", path, error));
    // A disk that is full now may have room the next time.
    if (error != 0) print_warning(program, {"unable to write ", printable(path), ": ", error_text(error)});
    if (every <= 0) return 0;
    ::poll(nullptr, 0, static_cast<int>(every * 1000));
  }
}

}  // namespace

int metrics_main(int argc, char** argv) {
  std::string where, file;
  double every = 0;
  CommandLine line{
      .program = "kindred metrics",
      .usage =
          "kindred metrics [--listen PORT|ADDRESS:PORT|unix:PATH | --textfile FILE [--every SECONDS]] [DIR "
          "...]",
      .purpose =
          "Tells of services in numbers, for Prometheus: once on standard output, to whoever asks\n"
          "for /metrics, or in a file for the node exporter. DIR is as with kindred status."};
  line.options.add_options()("listen", options::value(&where)->value_name("WHERE"),
                             "answer there, on this host only")(
      "textfile", options::value(&file)->value_name("FILE"), "write FILE, which the node exporter reads")(
      "every", options::value(&every)->value_name("SECONDS"), "write it again and again");
  std::vector<std::string> directories;
  if (const auto done = read_words(line, argc, argv, directories)) return *done;
  constexpr double kLongest = 86400, kShortest = 0.1;
  if (!where.empty() && !file.empty()) return usage_error(line, "--listen and --textfile exclude each other");
  if (every != 0 && (file.empty() || every < kShortest || every > kLongest))
    return usage_error(line, "--every goes with --textfile, and is between 0.1 and 86400");
  Exporter exporter(std::move(directories));
  if (!where.empty()) return serve_forever(line.program, where, exporter);
  if (!file.empty()) return write_text_file(line.program, file, every, exporter);
  const Status written = write_text(STDOUT_FILENO, exporter.look(Exposition::Prometheus, false));
  return written ? 0 : fatal(line.program, written.error());
}

}  // namespace kindred
