#include "compat-nosh/chain/time_expression.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kindred::nosh {
namespace {

class TimeExpression : public ::testing::Test {
 protected:
  TimeExpression() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
  }
  /// The label, "null", or "bad".
  static std::string of(std::string_view expression, std::vector<const char*> variables = {}) {
    variables.push_back(nullptr);
    const Environment environment(variables.data());
    const auto file_time = [](const std::string& path,
                              TimeSources::FileTime which) -> std::optional<WallTime> {
      if (path != "f") return std::nullopt;
      return WallTime{1'000'000'000, which == TimeSources::FileTime::Read ? 5U : 0U};
    };
    const auto time =
        evaluate_time(expression, {{1'000'000'100, 7}, {1'000'000'000, 0}, environment, file_time});
    if (!time) return "bad";
    return *time ? text_of(**time) : "null";
  }
  static std::string sum(std::string_view span, Calendar calendar = Calendar::Local) {
    const auto added = add_span({kBegin, 0}, span, calendar);
    return added ? text_of(*added) : "bad";
  }
  static constexpr std::uint64_t kBegin = 0x400000003b9aca0a;
};

TEST_F(TimeExpression, LabelsAreTakenAsTheyAre) {
  EXPECT_EQ(of("@400000003b9aca0a"), "@400000003b9aca0a00000000");
  EXPECT_EQ(of("@400000003B9ACA0A3b9ac9ff"), "@400000003b9aca0a3b9ac9ff");
  EXPECT_EQ(of("@ffffffffffffffffffffffff"), "bad");
  for (const char* const bad : {"@", "@12", "@400000003b9aca0x", "@400000003b9aca0a000000000"})
    EXPECT_EQ(of(bad), "bad");
}

TEST_F(TimeExpression, HaveNames) {
  EXPECT_EQ(of("now"), "@400000003b9aca8400000007");
  EXPECT_EQ(of("boot"), "@400000003b9aca2000000000");
  EXPECT_EQ(of("startup"), of("boot"));
  EXPECT_EQ(of("today"), "@400000003b9ab12000000000");
  EXPECT_EQ(of("zero"), "@000000000000000000000000");
  EXPECT_EQ(of("null"), "null");
  for (const char* const bad : {"", "nonsense", "Now", "iyesterday", ">", "<", "D", "Tx"})
    EXPECT_EQ(of(bad), "bad") << bad;
}

TEST_F(TimeExpression, FilesAndVariables) {
  EXPECT_EQ(of(">f"), "@400000003b9aca2000000000");
  EXPECT_EQ(of("<f"), "@400000003b9aca2000000005");
  EXPECT_EQ(of(">none"), "null");
  EXPECT_EQ(of("$A", {"A=$B", "B=zero"}), "@000000000000000000000000");
  EXPECT_EQ(of("$A"), "null");
  EXPECT_EQ(of("$A", {"A=$B", "B=$A"}), "bad");
  EXPECT_EQ(of("$A", {"A=$A"}), "bad");
}

TEST_F(TimeExpression, DatesAreCivilOrLocal) {
  EXPECT_EQ(of("i2001-09-09T01:46:40 +0000"), "@400000003b9aca2000000000");
  EXPECT_EQ(of("i2001-09-09 03:46:40 +0200"), "@400000003b9aca2000000000");
  EXPECT_EQ(of("i2001-09-09 01:46:40"), "bad");
  EXPECT_EQ(of("D2001-09-09"), "@400000003b9aca8400000000");
  EXPECT_EQ(of("T00:00:00"), "@400000003b9ab12000000000");
}

TEST_F(TimeExpression, SpansAreAdded) {
  EXPECT_EQ(sum(""), "@400000003b9aca0a00000000");
  EXPECT_EQ(sum("1min 30s"), "@400000003b9aca6400000000");
  EXPECT_EQ(sum("1min30s"), sum("1min 30s"));
  EXPECT_EQ(sum("1500000000ns"), "@400000003b9aca0b1dcd6500");
  EXPECT_EQ(sum("1month"), "@400000003bc2570a00000000");
  EXPECT_EQ(sum("1M", Calendar::Fixed), "@400000003bc2eab200000000");
  EXPECT_EQ(sum("\u00b5s"), "bad");
  EXPECT_EQ(sum("5\u00b5s"), "@400000003b9aca0a00001388");
  for (const char* const bad : {"5", "1 fortnight", "5parsec", "x", "-1s", "99999999999999999999s",
                                "9999999999y", "18446744073709551615w"})
    EXPECT_EQ(sum(bad), "bad") << bad;
}

}  // namespace
}  // namespace kindred::nosh
