#pragma once
// The door of a view tree: where clients of its dialect command a whole tree through one socket or FIFO in
// the tree's directory. Made by the dialect, open as long as it lives.

namespace kindred {

class TreeDoor {
 public:
  virtual ~TreeDoor() = default;
};

}  // namespace kindred
