// The choice among dialects that judge the evidence. What each family says of it is tested with the family.

#include <gtest/gtest.h>

#include "core/dialect/registry.h"

namespace kindred {
namespace {

/// The dialects here are as sure as the status file is long, or a fixed amount.
Dialect judge(const char* name, int (*recognise)(const Evidence&), int (*shape)(const DirectoryShape&)) {
  Dialect d;
  d.name = name;
  d.recognise = recognise;
  d.shape = shape;
  return d;
}

const Dialect kShort = judge(
    "short", [](const Evidence& e) { return e.status_size == 18 ? 90 : 0; },
    [](const DirectoryShape& s) { return s.has("run") ? 10 : 0; });
const Dialect kLong = judge(
    "long", [](const Evidence& e) { return e.status_size >= 18 ? 40 : 0; },
    [](const DirectoryShape& s) { return s.has("finish") ? 50 : 0; });
const Dialect* const kBoth[] = {&kLong, &kShort};

TEST(Recognise, TheSurestWins) {
  Evidence evidence;
  evidence.status_size = 18;
  EXPECT_EQ(recognise(kBoth, evidence), &kShort);
  evidence.status_size = 20;
  EXPECT_EQ(recognise(kBoth, evidence), &kLong);
}

TEST(Recognise, NobodyIsBetterThanAGuess) {
  EXPECT_EQ(recognise(kBoth, Evidence{}), nullptr);
  EXPECT_EQ(recognise({}, Evidence{}), nullptr);
}

TEST(Recognise, AmongEquallySureOnesTheFirstIsTaken) {
  const Dialect twin = judge("twin", kShort.recognise, kShort.shape);
  const Dialect* const twins[] = {&twin, &kShort};
  Evidence evidence;
  evidence.status_size = 18;
  EXPECT_EQ(recognise(twins, evidence), &twin);
}

TEST(FamilyOfShape, IsTheSurestOrTheFirst) {
  EXPECT_EQ(family_of_shape(kBoth, {"run"}), &kShort);
  EXPECT_EQ(family_of_shape(kBoth, {"run", "finish"}), &kLong);
  EXPECT_EQ(family_of_shape(kBoth, {}), &kLong);
  EXPECT_EQ(family_of_shape({}, {"run"}), nullptr);
}

TEST(Provenance, WithoutAHomeEachDirectoryHasItsFamilys) {
  EXPECT_EQ(provenance(nullptr, kBoth, {"run"}).home, &kShort);
  EXPECT_EQ(provenance(nullptr, kBoth, {"run", "finish"}).home, &kLong);
}

TEST(Provenance, AFamilyThatKeepsNothingInServiceDirectoriesIsSeenInThePlainest) {
  Dialect socket =
      judge("socket", kShort.recognise, [](const DirectoryShape& s) { return s.has("rc.main") ? 90 : 0; });
  socket.layout.directory = nullptr;
  const Dialect* const three[] = {&socket, &kLong, &kShort};
  const Provenance from = provenance(nullptr, three, {"rc.main"});
  EXPECT_EQ(from.home, &kShort);
  EXPECT_EQ(from.family, &socket);
}

TEST(Provenance, UnderAScannerOnlyClearShapesAreAnothersFamily) {
  const Provenance plain = provenance(&kShort, kBoth, {"run"});
  EXPECT_EQ(plain.home, &kShort);
  EXPECT_EQ(plain.family, &kShort);
  const Provenance foreign = provenance(&kShort, kBoth, {"run", "finish"});
  EXPECT_EQ(foreign.home, &kShort);
  EXPECT_EQ(foreign.family, &kLong);
  const Dialect both =
      judge("both", kLong.recognise, [](const DirectoryShape& s) { return s.has("finish") ? 45 : 0; });
  EXPECT_EQ(provenance(&both, kBoth, {"run", "finish"}).family, &both);
}

TEST(Provenance, WhatTheScannersFamilyCannotRunIsAnothers) {
  const Dialect needy = judge("needy", kLong.recognise, [](const DirectoryShape& s) {
    return s.has("rc.main") ? 90 : s.has("run") ? -1 : 0;
  });
  const Dialect* const three[] = {&needy, &kLong, &kShort};
  EXPECT_EQ(provenance(&needy, three, {"run"}).family, &kShort);
  EXPECT_EQ(provenance(&needy, three, {"run", "rc.main"}).family, &needy);
  EXPECT_EQ(provenance(&needy, three, {}).family, &needy);
}

TEST(FindFamily, GoesByTheWholeName) {
  EXPECT_EQ(find_family(kBoth, "short"), &kShort);
  EXPECT_EQ(find_family(kBoth, "sho"), nullptr);
  EXPECT_EQ(find_family(kBoth, "shorter"), nullptr);
  EXPECT_EQ(find_family(kBoth, ""), nullptr);
}

}  // namespace
}  // namespace kindred
