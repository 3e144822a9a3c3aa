// mkservice ACCOUNT LOGACCOUNT DIR: makes a service directory with a log service.
// Source: interfaces/freedt.md sections 3.6 and 6.3.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "compat-freedt/chain/account_argument.h"
#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/base/result.h"
#include "core/base/shell_quote.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/unique_fd.h"

namespace kindred::freedt {
namespace {

constexpr mode_t kOpen = 0755;
constexpr mode_t kWithLog = 01755;  // the sticky bit asks svscan for the log

/// The mode whatever the umask.
Status make_directory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), kOpen) != 0 || chmod(path.c_str(), mode) != 0)
    return error_here("create directory", path);
  return ok();
}

Status make_script(const std::string& path, const std::string& text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOpen));
  if (!file || fchmod(file.get(), kOpen) != 0) return error_here("create", path);
  Status written = write_text(file.get(), text);
  if (!written) return error_here("write", path, written.error().code);
  return ok();
}

std::string name_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return std::string(base_name(path.c_str()));
}

Status make_service(const std::string& directory, const char* account, const char* log_account,
                    const Account& log_owner) {
  const std::string run = "#!/bin/sh\nexec 2>&1\necho \"starting in $PWD\"\nexec setuidgid " +
                          shell_quoted(account) + " " + shell_quoted("./" + name_of(directory)) + "\n";
  const std::string log_run =
      "#!/bin/sh\nexec setuidgid " + shell_quoted(log_account) + " dumblog -c main/log\n";
  const std::string log = directory + "/log", log_main = log + "/main";
  if (Status made = make_directory(directory, kWithLog); !made) return made;
  if (Status made = make_directory(log, kOpen); !made) return made;
  if (Status made = make_directory(log_main, kOpen); !made) return made;
  if (chown(log_main.c_str(), log_owner.user, log_owner.group) != 0) return error_here("chown", log_main);
  if (Status made = make_script(log + "/run", log_run); !made) return made;
  return make_script(directory + "/run", run);
}

}  // namespace

int mkservice_main(int argc, char** argv) {
  constexpr const char* kProgram = "mkservice";
  constexpr const char* kUsage = "mkservice: usage: mkservice account logaccount dir";
  if (const auto code = answered(argc, argv, kProgram, kUsage)) return *code;
  const auto operands = operands_alone(argc, argv);
  if (!operands || operands->size() != 3) return misused(kUsage);
  const char *const account = (*operands)[0], *const log_account = (*operands)[1];
  if (!account_or_complaint(kProgram, account)) return kExitFatal;
  const auto log_owner = account_or_complaint(kProgram, log_account);
  if (!log_owner) return kExitFatal;
  const Status made = make_service((*operands)[2], account, log_account, *log_owner);
  return made ? 0 : fatal(kProgram, made.error());
}

}  // namespace kindred::freedt
