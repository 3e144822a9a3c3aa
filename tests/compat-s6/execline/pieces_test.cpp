#include "compat-s6/execline/pieces.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred::execline {
namespace {

/// "[piece]…", and the errno that ended it.
std::string pieces(std::string_view text, const PieceRules& rules, std::size_t most = 1000) {
  std::array<int, 2> ends;
  EXPECT_EQ(pipe(ends.data()), 0);
  const UniqueFd out(ends[0]);
  EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  Pieces all(out.get(), rules, most);
  std::string told;
  for (;;) {
    const auto piece = all.next();
    if (!piece) return told + std::to_string(piece.error().code);
    if (!*piece) return told;
    told += "[" + **piece + "]";
  }
}

// interfaces/execline.md section 12.
TEST(Pieces, TheLastOneCountsWhereTheSeparatorIsKept) {
  EXPECT_EQ(pieces("a b\n\nc\nd", {}), "[a b][][c]");
  EXPECT_EQ(pieces("a\n\nc\nd", {.skips_empty = true}), "[a][c]");
  EXPECT_EQ(pieces("a\n\ncd", {.keeps_separator = true}), "[a\n][\n][cd]");
  EXPECT_EQ(pieces("a\n\nc", {.keeps_separator = true, .skips_empty = true}), "[a\n]");
  EXPECT_EQ(pieces("a:b,c", {.separators = ":,"}), "[a][b]");
}

TEST(Pieces, NetstringsAreWhole) {
  EXPECT_EQ(pieces("1:a,3:b c,0:,", {.separators = ""}), "[a][b c][]");
  EXPECT_EQ(pieces("1:a,3:b", {.separators = ""}), "[a]" + std::to_string(EINVAL));
  EXPECT_EQ(pieces("x", {.separators = ""}), std::to_string(EINVAL));
}

TEST(Pieces, OneThatIsTooLongIsRefused) {
  EXPECT_EQ(pieces(std::string(6000, 'x'), {}, 5000), std::to_string(E2BIG));
  EXPECT_EQ(pieces("999999:x", {.separators = ""}, 4), std::to_string(E2BIG));
}

}  // namespace
}  // namespace kindred::execline
