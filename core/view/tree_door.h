#pragma once
// The door of a view tree: where clients of its dialect command a whole tree through one socket or FIFO in
// the tree's directory. Made by the dialect, open as long as it lives.

namespace kindred {

class TreeDoor {
 public:
  virtual ~TreeDoor() = default;
  /// Somebody asked for a scan. A client may have changed the tree's own directories before, where that is how
  /// its family commands.
  virtual void look_again() noexcept {}
};

}  // namespace kindred
