#include "compat-s6/client/event_match.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace kindred::s6 {
namespace {

/// The index of the event that completes the match; -1 for none.
int completes(const char* expression, std::string_view events) {
  auto match = EventMatch::compile(expression);
  EXPECT_TRUE(match) << expression;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (match->hear(events[i])) return static_cast<int>(i);
  return -1;
}

TEST(EventMatch, IsCompleteWithTheEventThatMakesItTrue) {
  EXPECT_EQ(completes("u", "sdu"), 2);
  EXPECT_EQ(completes("bx*y", "abxxxy"), 5);
  EXPECT_EQ(completes("d|u", "sud"), 1);
  EXPECT_EQ(completes("z", "sudDx"), -1);
}

TEST(EventMatch, AnchorsDoNotMeanTheBeginningOfAStreamThatHasNone) {
  EXPECT_EQ(completes("^u", "u"), -1);
  EXPECT_EQ(completes("u$", "u"), -1);
}

TEST(EventMatch, ANulIsAnEventAndNoEnd) { EXPECT_EQ(completes("b", std::string_view("a\0b", 3)), 2); }

TEST(EventMatch, ABadExpressionIsAnError) { EXPECT_EQ(EventMatch::compile("(").error().code, EINVAL); }

TEST(EventMatch, AStreamWithoutEndTakesNoMemoryWithoutEnd) {
  auto match = EventMatch::compile("yz");
  ASSERT_TRUE(match);
  for (std::size_t i = 0; i < 2 * EventMatch::kMostEvents; ++i) ASSERT_FALSE(match->hear('y'));
  EXPECT_TRUE(match->hear('z'));
}

}  // namespace
}  // namespace kindred::s6
