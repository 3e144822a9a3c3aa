// perpls [-b basedir] [-cGgKrt] [sv...]: one line about each service on standard output.
// Source: interfaces/perp.md section 9.2.

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "compat-perp/client/panel.h"
#include "compat-perp/client/session.h"
#include "compat-perp/client/status_text.h"
#include "compat-perp/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/dialect/scan_rules.h"
#include "core/sys/clock.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpls", "[-hV] [-b basedir] [-c] [-G|-g] [-K] [-r] [-t] [sv ...]"};
constexpr std::size_t kWidestName = 80;

struct CloseList {
  void operator()(DIR* list) const { closedir(list); }
};

/// The directories of the base, sorted by their bytes.
std::vector<std::string> all_services() {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseList> list(opendir("."));
  while (const dirent* entry = list ? readdir(list.get()) : nullptr) {
    struct stat st;
    if (is_service_name(entry->d_name) && stat(entry->d_name, &st) == 0 && S_ISDIR(st.st_mode))
      names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Those that run come first, the youngest of them at the head; what does not run keeps its place.
bool younger(const Listed& a, const Listed& b) {
  const auto key = [](const Listed& listed) {
    const bool runs = listed.answer.status && listed.answer.status->snapshot.main.pid != 0;
    return runs ? uptime(listed.answer.status->snapshot.main, listed.now) : UINT64_MAX;
  };
  const std::uint64_t first = key(a), second = key(b);
  return first != second ? first < second : a.name < b.name;
}

void list(const std::vector<Listed>& services, const Colours* colours, Output& out) {
  std::size_t width = 0;
  for (const Listed& listed : services)
    if (listed.name.size() <= kWidestName) width = std::max(width, listed.name.size());
  for (const Listed& listed : services) {
    std::string name = listed.name;
    if (name.size() < width) name.append(width - name.size(), ' ');
    if (colours != nullptr) name = "\033[00m\033[" + colours->of(listed) + "m" + name + "\033[00m";
    out.add(panel(listed)).add("  ").add(name).add("  ").add(tail(listed)).add("\n");
  }
}

}  // namespace

int perpls_main(int argc, char** argv) {
  const char* given_base = nullptr;
  enum class Colour : std::uint8_t { IfTerminal, Always, Never } colour = Colour::IfTerminal;
  bool show_table = false, reverse = false, by_uptime = false;
  Options options(argc, argv, "hVb:cGgKrt", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'b':
        given_base = options.argument();
        break;
      case 'c':
        given_base = ".";
        break;
      case 'G':
        colour = Colour::Always;
        break;
      case 'g':
        colour = Colour::Never;
        break;
      case 'K':
        show_table = true;
        break;
      case 'r':
        reverse = true;
        break;
      case 't':
        by_uptime = true;
        break;
      default:
        break;
    }
  }
  const char* table = std::getenv("PERPLS_COLORS");
  if (table == nullptr) table = "";
  const bool coloured =
      colour == Colour::Always || (colour == Colour::IfTerminal && *table != '\0' && isatty(1) == 1);
  const Colours colours(table);
  if (show_table && coloured) {
    print_error({"perpls: color capabilities: ", colours.table()});
    return 0;
  }

  const std::string base = base_directory(given_base, ".");
  Result<Session> session = Session::open(base);
  if (!session) return not_entered(kUsage, base, session.error());
  std::vector<std::string> names;
  for (const char* operand : options.operands()) names.emplace_back(operand);
  if (names.empty()) names = all_services();
  std::vector<char*> asked;
  for (std::string& name : names) asked.push_back(name.data());
  if (!session->serves_any(asked))
    return fatal_error(kUsage, session->no_connection(), session->unreachable());

  std::vector<Listed> services;
  for (const std::string& name : names)
    services.push_back({name, session->ask(name.c_str()), SystemClock().now().wall});
  if (by_uptime) std::stable_sort(services.begin(), services.end(), younger);
  if (reverse) std::reverse(services.begin(), services.end());
  Output out;
  list(services, coloured ? &colours : nullptr, out);
  const Status written = out.flush();
  return written ? 0 : fatal_error(kUsage, "failure writing to standard output", written.error().code);
}

}  // namespace kindred::perp
