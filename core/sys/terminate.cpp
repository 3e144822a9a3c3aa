// What std::terminate() calls. The runtime's own tells the type of the exception, for which it brings a demangler into
// every program: fifty kilobytes, a fifth of a logger's memory. No exception is meant to come here: see run_program().

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace __gnu_cxx {  // NOLINT(bugprone-reserved-identifier,cert-dcl51-cpp): its declaration is the runtime's

void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier,cert-dcl51-cpp)
  constexpr std::string_view kText = "fatal: an exception that nobody takes\n";
  static_cast<void>(::write(2, kText.data(), kText.size()));
  std::abort();
}

}  // namespace __gnu_cxx
