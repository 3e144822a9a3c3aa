// anonidentd: answers one ident request on its standard input, on its standard output, and tells nobody.
// Source: interfaces/freedt.md sections 3.8 and 6.3.

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "compat-freedt/chain/ident_answer.h"
#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv) {
  constexpr const char* kUsage = "anonidentd: usage: anonidentd";
  constexpr std::size_t kLongestLine = 1000;  // RFC 1413 section 6
  if (const auto code = answered(argc, argv, "anonidentd", kUsage)) return *code;
  if (argc != 1) return misused(kUsage);
  std::string line;
  while (line.size() < kLongestLine && line.find('\n') == std::string::npos) {
    std::array<char, 256> buffer;
    const ssize_t size = read(0, buffer.data(), buffer.size());
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return fatal("anonidentd", {"unable to read standard input: ", error_text(errno)});
    if (size == 0) break;
    line.append(buffer.data(), static_cast<std::size_t>(size));
  }
  if (line.empty()) return 0;
  line.resize(std::min(line.size(), line.find('\n')));
  if (line.ends_with('\r')) line.pop_back();
  const Status written = write_text(1, ident_answer(line) + "\r\n");
  return written ? 0 : fatal("anonidentd", written.error());
}

}  // namespace kindred::freedt
