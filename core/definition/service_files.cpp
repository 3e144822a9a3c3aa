#include "core/definition/service_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "core/base/number.h"
#include "core/chain/account.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

using definition::File;

constexpr std::size_t kMostEntries = 4096, kMostBytes = 1 << 20, kMostTogether = 16 << 20;
constexpr int kDeepest = 16;

bool is_followed(std::string_view name) { return name == "log" || name == "service" || name == "env"; }

class Loader {
 public:
  Loader(std::string path, std::vector<Loss>& losses) : path_(std::move(path)), losses_(losses) {}

  Result<DirectoryContent> load() {
    const UniqueFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
    struct stat st;
    if (!directory || ::fstat(directory.get(), &st) != 0) return error_here("open", path_);
    user_ = st.st_uid;
    group_ = st.st_gid;
    DirectoryContent content;
    content.mode = st.st_mode & 07777;
    if (const Status walked = walk(directory.get(), "", 0); !walked) return walked.error();
    std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) { return a.path < b.path; });
    content.files = std::move(files_);
    return content;
  }

 private:
  Status walk(int directory, const std::string& prefix, int depth) {
    if (depth > kDeepest) return too_much(prefix);
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> names(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
    if (!names) return error_here("read", name_of(prefix));
    std::vector<std::string> all;
    while (const dirent* const entry = ::readdir(names.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++entries_ > kMostEntries) return too_much(prefix);
      all.emplace_back(name);
    }
    const bool logs = !prefix.empty() && std::find(all.begin(), all.end(), "current") != all.end();
    if (logs)
      losses_.push_back({prefix.substr(0, prefix.size() - 1), 0, "the log so far", "it stays where it is",
                         "copy it if it is wanted"});
    for (const std::string& name : all) {
      if (logs && name != "config") continue;
      if (const Status added = add(directory, prefix, name, depth); !added) return added;
    }
    return ok();
  }

  Status add(int directory, const std::string& prefix, const std::string& name, int depth) {
    const std::string path = prefix + name;
    struct stat st;
    if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
      return error_here("stat", name_of(path));
    struct stat target;
    const bool is_link = S_ISLNK(st.st_mode);
    const bool leads = is_link && ::fstatat(directory, name.c_str(), &target, 0) == 0;
    const bool followed = leads && ((S_ISREG(target.st_mode) && (target.st_mode & 0100) != 0) ||
                                    (S_ISDIR(target.st_mode) && is_followed(name)));
    if (is_link && !followed) return add_link(directory, path, name, leads && S_ISREG(target.st_mode));
    // What the supervisor keeps there is none of the service's.
    if (S_ISDIR(st.st_mode) && (name == "supervise" || name == "event")) return ok();
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !followed) {
      losses_.push_back({path, 0, "something that is no file",
                         "only files, directories and links are carried", "make it anew"});
      return ok();
    }
    const UniqueFd file(::openat(directory, name.c_str(),
                                 O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followed ? 0 : O_NOFOLLOW)));
    if (!file || ::fstat(file.get(), &st) != 0) return error_here("open", name_of(path));
    File entry{.path = path, .mode = st.st_mode & 07777, .owner = owner(st)};
    if (S_ISDIR(st.st_mode)) {
      entry.kind = File::Kind::Directory;
      files_.push_back(std::move(entry));
      return walk(file.get(), path + "/", depth + 1);
    }
    if (!S_ISREG(st.st_mode)) return error_here("read", name_of(path), EINVAL);
    auto bytes = read_beginning(file.get(), name_of(path), kMostBytes + 1);
    if (!bytes) return bytes.error();
    together_ += bytes->size();
    if (bytes->size() > kMostBytes || together_ > kMostTogether) return too_much(path);
    entry.bytes = *std::move(bytes);
    files_.push_back(std::move(entry));
    return ok();
  }

  Status add_link(int directory, const std::string& path, const std::string& name, bool leads_to_file) {
    char target[PATH_MAX];
    const ssize_t size = ::readlinkat(directory, name.c_str(), target, sizeof target - 1);
    if (size < 0) return error_here("read link", name_of(path));
    std::string where(target, static_cast<std::size_t>(size));
    // A file elsewhere is the same one from wherever it is looked at.
    if (leads_to_file && where.starts_with("..")) {
      const std::string base = physical_path(directory);
      if (!base.empty()) where = base + "/" + where;
    }
    files_.push_back({path, File::Kind::Link, 0777, std::move(where)});
    return ok();
  }

  [[nodiscard]] std::string owner(const struct stat& st) const {
    if (st.st_uid == user_ && st.st_gid == group_) return {};
    return std::to_string(st.st_uid) + ":" + std::to_string(st.st_gid);
  }
  [[nodiscard]] std::string name_of(const std::string& path) const { return path_ + "/" + path; }
  [[nodiscard]] Error too_much(const std::string& path) const {
    return error_here("read", name_of(path), E2BIG);
  }

  const std::string path_;
  std::vector<Loss>& losses_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  std::vector<File> files_;
  std::size_t entries_ = 0, together_ = 0;
};

/// "USER[:GROUP]", names or numbers.
Result<std::pair<uid_t, gid_t>> find_owner(const std::string& owner) {
  const std::size_t colon = owner.find(':');
  const std::string user = owner.substr(0, colon);
  std::pair<uid_t, gid_t> found{0, static_cast<gid_t>(-1)};
  if (const auto number = parse_unsigned<uid_t>(user)) {
    found.first = *number;
  } else {
    const auto account = find_account(user);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", user};
    found = {(*account)->user, (*account)->group};
  }
  if (colon == std::string::npos) return found;
  const std::string group = owner.substr(colon + 1);
  if (const auto number = parse_unsigned<gid_t>(group)) {
    found.second = *number;
    return found;
  }
  const auto number = find_group(group);
  if (!number) return number.error();
  if (!*number) return Error{0, "unknown group", group};
  found.second = **number;
  return found;
}

Status make(int at, const File& file) {
  const char* const path = file.path.c_str();
  switch (file.kind) {
    case File::Kind::Directory:
      // Its own mode comes when all is in it.
      if (::mkdirat(at, path, 0700) != 0) return error_here("make directory", file.path);
      return ok();
    case File::Kind::Link:
      if (::symlinkat(file.bytes.c_str(), at, path) != 0) return error_here("make link", file.path);
      return ok();
    case File::Kind::Regular:
      if (const int code = create_file(
              at, path, {reinterpret_cast<const std::uint8_t*>(file.bytes.data()), file.bytes.size()},
              file.mode & 0777);
          code != 0)
        return error_here("write", file.path, code);
      return ok();
  }
  return ok();
}

Status finish(int at, const File& file) {
  if (file.kind == File::Kind::Link) return ok();
  if (!file.owner.empty() && ::geteuid() == 0) {
    const auto owner = find_owner(file.owner);
    if (!owner) return owner.error();
    if (::fchownat(at, file.path.c_str(), owner->first, owner->second, AT_SYMLINK_NOFOLLOW) != 0)
      return error_here("change owner of", file.path);
  }
  // Whatever the umask.
  if (::fchmodat(at, file.path.c_str(), file.mode & 07777, 0) != 0)
    return error_here("change mode of", file.path);
  return ok();
}

}  // namespace

Result<DirectoryContent> load_service(const std::string& path, std::vector<Loss>& losses) {
  return Loader(path, losses).load();
}

Status store_service(int at, const std::string& name, const DirectoryContent& content) {
  if (::mkdirat(at, name.c_str(), 0700) != 0) return error_here("make directory", name);
  const auto directory = open_directory(at, name.c_str());
  if (!directory) return directory.error();
  for (const File& file : content.files)
    if (const Status made = make(directory->get(), file); !made) return made;
  for (auto file = content.files.rbegin(); file != content.files.rend(); ++file)
    if (const Status finished = finish(directory->get(), *file); !finished) return finished;
  if (::fchmod(directory->get(), content.mode & 07777) != 0) return error_here("change mode of", name);
  return ok();
}

}  // namespace kindred
