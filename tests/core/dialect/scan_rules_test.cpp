#include "core/dialect/scan_rules.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

ScanEntry directory(std::string name, std::uint64_t inode) {
  return {.name = std::move(name), .id = {1, inode}, .is_directory = true, .has_log = false};
}

using Indices = std::vector<std::size_t>;
using Renames = std::vector<std::pair<std::size_t, std::size_t>>;

TEST(ServiceName, NeverBeginsWithADot) {
  EXPECT_TRUE(is_service_name("web"));
  EXPECT_TRUE(is_service_name("a.b"));
  EXPECT_FALSE(is_service_name("."));
  EXPECT_FALSE(is_service_name(".."));
  EXPECT_FALSE(is_service_name(".git"));
  EXPECT_FALSE(is_service_name(""));
}

TEST(ScanDiff, OfTheSameIsNothing) {
  const std::vector<ScanEntry> both{directory("a", 1), directory("b", 2)};
  const ScanDiff d = diff(both, both);
  EXPECT_TRUE(d.appeared.empty() && d.vanished.empty() && d.renamed.empty());
}

TEST(ScanDiff, TellsWhatAppearedAndWhatVanished) {
  const std::vector<ScanEntry> known{directory("a", 1), directory("b", 2), directory("c", 3)};
  const std::vector<ScanEntry> seen{directory("d", 4), directory("b", 2), directory("e", 5)};
  const ScanDiff d = diff(known, seen);
  EXPECT_EQ(d.appeared, (Indices{0, 2}));
  EXPECT_EQ(d.vanished, (Indices{0, 2}));
  EXPECT_EQ(d.renamed, Renames{});
}

TEST(ScanDiff, AppearedKeepsTheOrderOfTheDirectory) {
  const std::vector<ScanEntry> seen{directory("z", 9), directory("m", 3), directory("a", 7)};
  EXPECT_EQ(diff({}, seen).appeared, (Indices{0, 1, 2}));
}

TEST(ScanDiff, ARenamedDirectoryIsTheSameService) {
  const std::vector<ScanEntry> known{directory("web", 1)};
  const std::vector<ScanEntry> seen{directory("www", 1)};
  const ScanDiff d = diff(known, seen);
  EXPECT_EQ(d.renamed, (Renames{{0, 0}}));
  EXPECT_TRUE(d.appeared.empty() && d.vanished.empty());
}

TEST(ScanDiff, TwoNamesThatChangePlacesAreTwoRenames) {
  const std::vector<ScanEntry> known{directory("a", 1), directory("b", 2)};
  const std::vector<ScanEntry> seen{directory("a", 2), directory("b", 1)};
  EXPECT_EQ(diff(known, seen).renamed, (Renames{{0, 1}, {1, 0}}));
}

TEST(ScanDiff, TwoNamesOfOneDirectoryAreOneServiceUnderTheFirst) {
  const std::vector<ScanEntry> seen{directory("b", 1), directory("a", 1)};
  EXPECT_EQ(diff({}, seen).appeared, (Indices{0}));
}

TEST(ScanDiff, AServiceKeepsItsNameWhileTheDirectoryHasIt) {
  const std::vector<ScanEntry> known{directory("b", 1)};
  const std::vector<ScanEntry> seen{directory("a", 1), directory("b", 1), directory("c", 1)};
  const ScanDiff d = diff(known, seen);
  EXPECT_TRUE(d.appeared.empty() && d.vanished.empty() && d.renamed.empty());
}

TEST(ScanDiff, AServiceWhoseNameFollowsTakesTheLast) {
  const std::vector<ScanEntry> known{directory("b", 1)};
  const std::vector<ScanEntry> seen{directory("a", 1), directory("b", 1), directory("c", 1)};
  EXPECT_EQ(diff(known, seen, true).renamed, (Renames{{0, 2}}));
  EXPECT_TRUE(diff(known, std::span(seen).first(2), true).renamed.empty());
}

TEST(ScanDiff, AServiceThatLosesItsNameTakesTheFirstOfTheOthers) {
  const std::vector<ScanEntry> known{directory("gone", 1)};
  const std::vector<ScanEntry> seen{directory("x", 2), directory("b", 1), directory("a", 1)};
  const ScanDiff d = diff(known, seen);
  EXPECT_EQ(d.renamed, (Renames{{0, 1}}));
  EXPECT_EQ(d.appeared, (Indices{0}));
}

TEST(ScanDiff, ANameWithAnotherDirectoryBehindItIsAnotherService) {
  const std::vector<ScanEntry> known{directory("web", 1)};
  const std::vector<ScanEntry> seen{directory("web", 2)};
  const ScanDiff d = diff(known, seen);
  EXPECT_EQ(d.appeared, (Indices{0}));
  EXPECT_EQ(d.vanished, (Indices{0}));
}

TEST(ScanDiff, OneInodeOnTwoDevicesIsTwoServices) {
  std::vector<ScanEntry> seen{directory("a", 1), directory("b", 1)};
  seen[1].id.device = 2;
  EXPECT_EQ(diff({}, seen).appeared, (Indices{0, 1}));
}

TEST(ScanDiff, FilesAndHiddenNamesAreNoServices) {
  std::vector<ScanEntry> seen{directory(".hidden", 1), directory("file", 2), directory("web", 3)};
  seen[1].is_directory = false;
  EXPECT_EQ(diff({}, seen).appeared, (Indices{2}));
}

TEST(ScanDiff, AServiceRenamedToAHiddenNameHasVanished) {
  const std::vector<ScanEntry> known{directory("web", 1)};
  const std::vector<ScanEntry> seen{directory(".web", 1)};
  EXPECT_EQ(diff(known, seen).vanished, (Indices{0}));
}

TEST(ScanDiff, AnEmptyDirectoryHasLostEverything) {
  const std::vector<ScanEntry> known{directory("a", 1), directory("b", 2)};
  EXPECT_EQ(diff(known, {}).vanished, (Indices{0, 1}));
}

TEST(Diff, ANameWithADotIsAServiceWhereItWasAskedFor) {
  ScanEntry hidden{".log", {1, 7}, true, false, false};
  EXPECT_TRUE(diff({}, {&hidden, 1}).appeared.empty());
  hidden.by_name = true;
  EXPECT_EQ(diff({}, {&hidden, 1}).appeared.size(), 1U);
  EXPECT_TRUE(diff({&hidden, 1}, {&hidden, 1}).vanished.empty());
}

}  // namespace
}  // namespace kindred
