#include "core/definition/unit_environment.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;
using Words = std::vector<std::string>;

TEST(EnvironmentFile, HasVariablesOnLines) {
  EXPECT_EQ(parse_environment_file("# c\n; c\nA=1\n B = two words  \nC=\nD=last"),
            (Variables{{"A", "1"}, {"B", "two words"}, {"C", ""}, {"D", "last"}}));
  EXPECT_EQ(parse_environment_file("A='x  $y\n z' \nB=\"a\\\"b\\c\\$d\"  \nC=a\\ \\\nb\\\\"),
            (Variables{{"A", "x  $y\n z"}, {"B", "a\"b\\c$d"}, {"C", "a b\\"}}));
  EXPECT_EQ(parse_environment_file("word\nA-B=1\n=x\nexport X=1\nA=1"), (Variables{{"A", "1"}}));
  EXPECT_EQ(parse_environment_file("A=\"open"), (Variables{{"A", "open"}}));
}

TEST(Variables, ArePutIn) {
  const auto value = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "one 'two three'";
    if (name == "B") return "";
    if (name == "C") return "it's";
    return std::nullopt;
  };
  EXPECT_EQ(expand_variables({"$A", "${A}", "x${C}", "$$A", "$B", "$N", "${N}", "x$A"}, value),
            (Words{"one", "two three", "one 'two three'", "xit's", "$A", "", "x$A"}));
  EXPECT_EQ(expand_variables({"$C", "$", "${", "$$$$"}, value), (Words{"it's", "$", "${", "$$"}));
}

}  // namespace
}  // namespace kindred
