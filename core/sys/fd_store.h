#pragma once
// The descriptors of a process that goes on in the place of another, whose descriptor table it has: what that had open
// is found again by what it is. Who begins and who goes on ask alike, and open what is not there.

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sys/unique_fd.h"

namespace kindred {

class FdStore {
 public:
  FdStore() = default;
  ~FdStore() { close_rest(); }
  FdStore(const FdStore&) = delete;
  FdStore& operator=(const FdStore&) = delete;

  /// Takes up FIFOs, pipes, sockets, directories and memory that are open, but for the standard descriptors and
  /// `others`, and closes all that is none of these. Call before anything is opened.
  void take_up(std::span<const int> others);
  /// One that another process had: likewise. What cannot be found again is closed.
  void add(UniqueFd given);
  /// There is something that may be asked for, whether this process goes on in another's place or was given it.
  [[nodiscard]] bool holds_any() const { return resumes_ || !fifos_.empty(); }
  /// This process goes on in another's place, and has not asked for all yet.
  [[nodiscard]] bool resumes() const { return resumes_; }

  /// The FIFO `path`, opened for reading alone, or for both.
  enum class For : std::uint8_t { Reading, Both };
  [[nodiscard]] UniqueFd take_fifo(int at, const char* path, For what) noexcept;
  /// A pipe of that inode, of which all have numbers of 32 bits; 0: none.
  [[nodiscard]] UniqueFd take_pipe(std::uint32_t inode, For what) noexcept;
  /// A socket that was bound to a name in this open directory as sys/socket.h does that, or a connection to it, one after
  /// another. Whoever bound it keeps that directory open: it is known by it, and stays open from now on.
  enum class Socket : std::uint8_t { Listener, Connection, Datagrams };
  [[nodiscard]] UniqueFd take_socket(int directory, std::string_view name, Socket what) noexcept;

  /// What a FIFO is known by, of those which hold something that nobody has read and which nobody has asked for yet.
  struct Number {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const Number&, const Number&) = default;
  };
  [[nodiscard]] std::vector<Number> unread_fifos() const;
  /// A directory, one of its descriptors after another.
  [[nodiscard]] UniqueFd take_directory(Number directory) noexcept;
  /// Likewise, and it can be taken still; -1: there is none.
  [[nodiscard]] int find_directory(Number directory) const noexcept;
  /// Files of no name (see make_memory()) that begin with this.
  [[nodiscard]] std::vector<UniqueFd> take_memory(std::string_view beginning);

  /// What nobody has asked for is closed.
  void close_rest() noexcept;

 private:
  struct Pipe {
    UniqueFd fd;
    dev_t device = 0;
    ino_t inode = 0;
    For what = For::Both;
  };
  struct Directory {
    UniqueFd fd;
    Number number;
  };
  struct Bound {
    UniqueFd fd;
    int through = -1;  ///< the descriptor of the directory
    Number directory;
    std::string name;
    Socket what = Socket::Listener;
  };
  [[nodiscard]] UniqueFd take_by_number(ino_t inode, dev_t device, For what) noexcept;
  [[nodiscard]] const Directory* look_up(Number directory) const noexcept;
  [[nodiscard]] bool keep(int fd);
  [[nodiscard]] bool keep_socket(int fd);
  void sort() noexcept;

  std::vector<Pipe> fifos_;  ///< by inode
  std::vector<Bound> sockets_;
  std::vector<int> needed_;             ///< directories of sockets that were asked for
  std::vector<Directory> directories_;  ///< by inode
  std::vector<UniqueFd> memory_;
  dev_t pipes_ = 0;  ///< the device that all pipes are on
  bool resumes_ = false;
};

}  // namespace kindred
