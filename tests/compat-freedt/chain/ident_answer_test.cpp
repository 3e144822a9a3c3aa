#include "compat-freedt/chain/ident_answer.h"

#include <gtest/gtest.h>

namespace kindred::freedt {
namespace {

TEST(IdentAnswer, HidesTheUserOfAnyPairOfPorts) {
  EXPECT_EQ(ident_answer("6193, 23"), "6193 , 23 : ERROR : HIDDEN-USER");
  EXPECT_EQ(ident_answer(" 1\t,65535 "), "1 , 65535 : ERROR : HIDDEN-USER");
  EXPECT_EQ(ident_answer("0023,0022"), "23 , 22 : ERROR : HIDDEN-USER");
}

TEST(IdentAnswer, OfWhatIsNoRequestSaysSo) {
  for (const char* line : {"", ",", "23", "23,", ",23", "0,23", "23,65536", "-1,23", "1 2,3", "1,2,3", "a,b",
                           "99999999999999999999,1", "+1,2"})
    EXPECT_EQ(ident_answer(line), "0 , 0 : ERROR : INVALID-PORT") << line;
}

}  // namespace
}  // namespace kindred::freedt
