#include "core/chain/environment.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using Change = VariableChange;

TEST(VariableOfFile, IsItsFirstLineWithoutBlanksAtTheEnd) {
  EXPECT_EQ(variable_of_file("A", "plain\n"), (Change{"A", "plain"}));
  EXPECT_EQ(variable_of_file("A", "no end"), (Change{"A", "no end"}));
  EXPECT_EQ(variable_of_file("A", "first\nsecond\n"), (Change{"A", "first"}));
  EXPECT_EQ(variable_of_file("A", "  kept \t \nx"), (Change{"A", "  kept"}));
  EXPECT_EQ(variable_of_file("A", std::string_view("x\0y\0", 4)), (Change{"A", "x\ny\n"}));
}

TEST(VariableOfFile, NothingRemovesAndAnEmptyLineEmpties) {
  EXPECT_EQ(variable_of_file("A", ""), (Change{"A", std::nullopt}));
  EXPECT_EQ(variable_of_file("A", "\n"), (Change{"A", ""}));
  EXPECT_EQ(variable_of_file("A", " \t\nx"), (Change{"A", ""}));
}

// interfaces/daemontools.md section 10.1.
TEST(VariableOfFile, ANameEndsWhereItsValueBegins) {
  EXPECT_EQ(variable_of_file("F=G", "c\n"), (Change{"F", "G=c"}));
  EXPECT_EQ(variable_of_file("H=I", ""), (Change{"H", "I"}));
  EXPECT_EQ(variable_of_file("J=K=L", "m"), (Change{"J", "K=L=m"}));
}

TEST(Environment, ChangesOneVariableAndLeavesTheOthers) {
  const char* const before[] = {"A=1", "AB=2", "B=3", "odd", nullptr};
  Environment environment(before);
  environment.apply({"A", "new"});
  environment.apply({"B", std::nullopt});
  environment.apply({"C", ""});
  environment.apply({"missing", std::nullopt});
  EXPECT_EQ(environment.entries(), (std::vector<std::string>{"AB=2", "odd", "A=new", "C="}));
}

TEST(Environment, AVariableThatWasThereTwiceIsNotAnyMore) {
  const char* const before[] = {"A=1", "B=2", "A=3", nullptr};
  Environment set(before), removed(before);
  set.apply({"A", "4"});
  EXPECT_EQ(set.entries(), (std::vector<std::string>{"B=2", "A=4"}));
  removed.apply({"A", std::nullopt});
  EXPECT_EQ(removed.entries(), std::vector<std::string>{"B=2"});
}

TEST(VariableOfFile, MayLoseTheBlanksOfAllItsLines) {
  const ValueRules rules{.whole_file = true, .chomps = false, .trims_lines = true};
  EXPECT_EQ(variable_of_file("A", " \t one \n two\t\n\n", rules), (Change{"A", "one\n two\n\n"}));
  EXPECT_EQ(variable_of_file("A", "  ", rules), (Change{"A", ""}));
}

TEST(Environment, InOrderHasEachVariableOnceAsItWasFirst) {
  const char* const before[] = {"B=2", "odd", "A=1", "B=3", "A.=0", nullptr};
  Environment environment(before);
  environment.sort();
  EXPECT_EQ(environment.entries(), (std::vector<std::string>{"A=1", "A.=0", "B=2", "odd="}));
}

TEST(Environment, ItsBlockEndsWithNull) {
  const char* const none[] = {nullptr};
  Environment environment(none);
  environment.apply({"A", "1"});
  const std::vector<char*> block = environment.block();
  ASSERT_EQ(block.size(), 2U);
  EXPECT_STREQ(block[0], "A=1");
  EXPECT_EQ(block[1], nullptr);
}

TEST(Environment, ManyChangesAreAsOneAfterTheOther) {
  const char* const block[] = {"A=1", "B=2", "A=3", "C=4", nullptr};
  const Change changes[] = {{"A", "x"}, {"D", "5"}, {"B", std::nullopt}, {"A", "y"}, {"D", std::nullopt}};
  Environment at_once(block), one_by_one(block);
  at_once.apply_all(changes);
  for (const Change& change : changes) one_by_one.apply(change);
  EXPECT_EQ(at_once.entries(), one_by_one.entries());
  EXPECT_EQ(at_once.entries(), (std::vector<std::string>{"C=4", "A=y"}));
}

}  // namespace
}  // namespace kindred
