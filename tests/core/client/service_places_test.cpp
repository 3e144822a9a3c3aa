#include "core/client/service_places.h"

#include <gtest/gtest.h>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::write_file;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const Dialect* const kFamilies[] = {&runit::dialect(), &daemontools::dialect(), &s6::dialect()};

class ServicePlaces : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return root_.path(name); }
  void make(const std::string& name) const { fs::create_directories(at(name)); }
  [[nodiscard]] Words found(const Words& places, const std::string& pattern) const {
    Words paths;
    const auto services = find_services(places, pattern);
    if (!services) return {"error " + services.error().object};
    for (const PlacedService& service : *services)
      paths.push_back(fs::path(service.path()).lexically_relative(root_.path()));
    return paths;
  }
  test::TestDirectory root_;
};

TEST_F(ServicePlaces, AreThoseThatThereAreEachOnceInOrder) {
  make("chosen");
  make("system");
  fs::create_symlink("system", at("link"));
  PlaceSources sources{"", {at("none")}, {at("link"), at("system"), at("chosen") + "/"}, ""};
  EXPECT_EQ(scan_places(sources, kFamilies), (Words{at("link"), at("chosen")}));
  sources.chosen = at("chosen") + "/";
  EXPECT_EQ(scan_places(sources, kFamilies), (Words{at("chosen")})) << "who chooses one means that";
}

TEST_F(ServicePlaces, RunningScannersSayWhatTheyScan) {
  make("here/sub");
  const std::string here = at("here");
  EXPECT_EQ(scanned_by(Words{"/usr/bin/runsvdir", "-P", here, "log: ...."}, "/", kFamilies), here);
  EXPECT_EQ(scanned_by(Words{"s6-svscan", "-t", "0", "sub"}, here, kFamilies), here + "/sub");
  EXPECT_EQ(scanned_by(Words{"svscan"}, here, kFamilies), here);
  EXPECT_EQ(scanned_by(Words{"kindred", "scan", "--views", "all", here}, "/", kFamilies), here);
  EXPECT_EQ(scanned_by(Words{"kindred", "status", here}, "/", kFamilies), "");
  EXPECT_EQ(scanned_by(Words{"sleep", here}, "/", kFamilies), "");
  EXPECT_EQ(scanned_by(Words{}, "/", kFamilies), "");
  EXPECT_EQ(scanned_by(Words{"svscan"}, "", kFamilies), "") << "a process of another user tells no directory";
}

TEST_F(ServicePlaces, AProcessListIsReadForThem) {
  make("here");
  make("proc/12");
  make("proc/self");
  write_file(at("proc/12/cmdline"), std::string("svscan\0\0", 8));
  fs::create_symlink(at("here"), at("proc/12/cwd"));
  EXPECT_EQ(scan_places({"", {}, {}, at("proc")}, kFamilies), (Words{at("here")}));
}

TEST_F(ServicePlaces, FamiliesAddTheirUsualOnes) {
  const PlaceSources sources = place_sources(kFamilies);
  for (const char* place : {"/etc/service", "/service", "/run/service", "/var/service"})
    EXPECT_EQ(std::count(sources.usual.begin(), sources.usual.end(), place), 1) << place;
}

TEST_F(ServicePlaces, ANameIsLookedForInAllPlacesAndAPatternMatches) {
  for (const char* name : {"a/web", "a/web-2", "a/.hidden", "b/web", "b/db"}) make(name);
  write_file(at("a/file"), "");
  const Words places{at("a"), at("b")};
  EXPECT_EQ(found(places, "web"), (Words{"a/web", "b/web"}));
  EXPECT_EQ(found(places, "web*"), (Words{"a/web", "a/web-2", "b/web"}));
  EXPECT_EQ(found(places, "*"), (Words{"a/web", "a/web-2", "b/db", "b/web"}));
  EXPECT_EQ(found(places, "[d]?"), (Words{"b/db"}));
  EXPECT_EQ(found(places, "none"), (Words{"error none"}));
  EXPECT_EQ(found(places, "file"), (Words{"error file"}));
  EXPECT_EQ(found(places, ".hidden"), (Words{"error .hidden"}));
}

TEST_F(ServicePlaces, OneDirectoryUnderSeveralNamesIsOneService) {
  make("a/web");
  make("b");
  fs::create_symlink("../a/web", at("b/web"));
  EXPECT_EQ(found({at("a"), at("b")}, "web"), (Words{"a/web"}));
}

TEST_F(ServicePlaces, WhatHasASlashIsAPath) {
  make("a/web");
  EXPECT_EQ(found({}, at("a/web")), (Words{"a/web"}));
  EXPECT_EQ(found({}, at("a/web") + "//"), (Words{"a/web"}));
  EXPECT_EQ(found({}, at("a/none")), (Words{"error " + at("a/none")}));
}

TEST_F(ServicePlaces, ALogIsNamedByItsMain) {
  std::string name = "web/log", plain = "web", nothing = "/log";
  EXPECT_TRUE(take_log_suffix(name));
  EXPECT_EQ(name, "web");
  EXPECT_FALSE(take_log_suffix(plain) || take_log_suffix(nothing));
}

}  // namespace
}  // namespace kindred
