// interfaces/runit.md section 10.3.

#include "compat-runit/log/svlogd_config.h"

#include <gtest/gtest.h>

namespace kindred::runit {
namespace {

using Kind = LogInstruction::Kind;

LogScript script_of(std::string_view config) {
  LogScript script;
  add_svlogd_directory(script, "log", parse_svlogd_config(config), StampKind::None);
  return script;
}

std::vector<Kind> kinds(const LogScript& script) {
  std::vector<Kind> all;
  for (const LogInstruction& instruction : script.instructions) all.push_back(instruction.kind);
  return all;
}

TEST(SvlogdConfig, SizesAndTimesHaveUnitsAndLaterLinesCount) {
  const SvlogdConfig config = parse_svlogd_config("s5\nn3\ns10k\nt2h\nN1x\nn7garbage\npone\nptwo \n");
  EXPECT_EQ(config.size, 10240U);
  EXPECT_EQ(config.number, 7U);
  EXPECT_EQ(config.spared, 1U);
  EXPECT_EQ(config.seconds, 7200U);
  EXPECT_EQ(config.prefix, "two ");
  EXPECT_EQ(parse_svlogd_config("s2m\nt3m").size, 2U << 20);
  EXPECT_EQ(parse_svlogd_config("s\nn\nt").size, 0U);
}

TEST(SvlogdConfig, CommentsUnknownLettersAndAFileOfOneByteAreNothing) {
  const SvlogdConfig config = parse_svlogd_config("# s1\n\nzzz\n!\n");
  EXPECT_EQ(config.size, 1'000'000U);
  EXPECT_EQ(config.number, 10U);
  EXPECT_EQ(config.processor, "");
  EXPECT_TRUE(parse_svlogd_config("-").selections.empty());
  EXPECT_EQ(parse_svlogd_config("-\n").selections.size(), 1U);
}

TEST(SvlogdConfig, AnEmptyPrefixTakesNoneBack) { EXPECT_EQ(parse_svlogd_config("pone\np\n").prefix, "one"); }

TEST(SvlogdConfig, ANulEndsALine) {
  const SvlogdConfig config = parse_svlogd_config(std::string_view("-a\0b\npx\0y", 9));
  EXPECT_EQ(config.selections.at(0).pattern, "a");
  EXPECT_EQ(config.prefix, "x");
}

TEST(SvlogdConfig, AnAddressHasAPort) {
  const SvlogdConfig config = parse_svlogd_config("u127.0.0.1:5514\n");
  EXPECT_EQ(config.address->host, 0x7f000001U);
  EXPECT_EQ(config.address->port, 5514);
  EXPECT_FALSE(config.only_address);
  EXPECT_EQ(parse_svlogd_config("U1.2.3.4").address->port, 514);
  EXPECT_EQ(parse_svlogd_config("u300.1.1.1:5").address->host, 0x2c010101U);
}

TEST(SvlogdConfig, ABadAddressIsNamedAndItsLinesAreWritten) {
  const SvlogdConfig config = parse_svlogd_config("Uxx\n");
  EXPECT_EQ(config.complaints, std::vector<std::string>{"unable to scan ip address: xx"});
  EXPECT_EQ(kinds(script_of("Uxx\n")), std::vector<Kind>{Kind::Write});
  EXPECT_EQ(parse_svlogd_config("U1.2.3.4:0\n").complaints,
            std::vector<std::string>{"unable to scan port number: 0"});
}

TEST(SvlogdConfig, ADirectoryOfNoPatternsIsOneInstruction) {
  EXPECT_EQ(kinds(script_of("s1000\n")), std::vector<Kind>{Kind::Write});
  EXPECT_EQ(kinds(script_of("U1.2.3.4\n")), std::vector<Kind>{Kind::Tell});
  EXPECT_EQ(kinds(script_of("-a\ne*\n+b\nEc\n")),
            (std::vector<Kind>{Kind::Deselect, Kind::Select, Kind::Write, Kind::DeselectAll, Kind::Select,
                               Kind::Deselect, Kind::Tell}));
}

TEST(SvlogdConfig, AFullDiskTakesOldFilesOnlyIfFewerAreSparedThanKept) {
  EXPECT_EQ(script_of("").outlets[0].rules.keep.spared_when_full, UINT64_MAX);
  EXPECT_EQ(script_of("n20\n").outlets[0].rules.keep.spared_when_full, 10U);
  EXPECT_EQ(script_of("N2\n").outlets[0].rules.keep.spared_when_full, 2U);
}

TEST(SvlogdConfig, AProcessorKilledByASignalHasFailed) {
  EXPECT_FALSE(script_of("!cat\n").outlets[0].rules.processor.signal_is_success);
}

}  // namespace
}  // namespace kindred::runit
