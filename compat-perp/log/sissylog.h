#pragma once
// sissylog: lines to the system's log. Source: interfaces/perp.md section 12.

#include <string>
#include <string_view>

namespace kindred::perp {

/// The system's log: syslog(3), or what a test has in its place.
class SystemLog {
 public:
  virtual void open(const char* ident, int facility) = 0;
  /// One message; the text has no NUL.
  virtual void send(int priority, const std::string& text) = 0;

 protected:
  ~SystemLog() = default;
};

/// syslog(3)'s number of LOG_DAEMON's and the others' exact spelling; LOG_DAEMON for any other word.
[[nodiscard]] int facility_called(std::string_view word);

/// "alert:", "error:", "warning:", "notice:" or "debug:" anywhere in the line, the first of these; else LOG_INFO.
[[nodiscard]] int priority_of(std::string_view line);

[[nodiscard]] int run_sissylog(int argc, char** argv, SystemLog& log);

}  // namespace kindred::perp
