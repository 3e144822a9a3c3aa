#pragma once
// What is to become of processes that a service's run has left behind, wherever they went: a file
// `kindred.d/process-tree` of its directory, whatever its family. Pure.
//
//   after-run end|follow   when run has ended, what it has left behind is ended before anything else is done (end); or it
//                          is the service: run was to go into the background, and has ended when its daemon has (follow)
//   wait MILLISECONDS      what is left is told to stop as run would be, and killed after so long (5000)
//
// A line each, in any order, each at most once; those that are left out have the values that come first, or stand in
// parentheses. Lines that begin with #, and empty ones, mean nothing. Without the file, or with one that has anything else
// in it, what run leaves behind is nobody's, as in every family.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace kindred {

inline constexpr const char* kTreeWishFile = "kindred.d/process-tree";
inline constexpr std::size_t kLongestTreeWish = 512;  ///< bytes of the file

struct TreeWish {
  bool follow = false;
  Duration wait = std::chrono::seconds(5);
  friend bool operator==(const TreeWish&, const TreeWish&) = default;
};

/// nullopt: a word that is none, a number that is none or too great (a day), a line twice, or more bytes than
/// kLongestTreeWish. No allocation.
[[nodiscard]] std::optional<TreeWish> parse_tree_wish(std::string_view text) noexcept;
/// What parse_tree_wish() reads back.
[[nodiscard]] std::string format_tree_wish(const TreeWish& wish);

}  // namespace kindred
