#include <algorithm>

#include "core/native/convert.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

Result<std::vector<ReadDefinition>> read(std::string_view name, const std::string& path) {
  const auto sources = foreign_sources();
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const auto& each) { return each.name == name; });
  if (found == sources.end()) return Error{0, "no source", std::string(name)};
  return found->read(path);
}

const std::vector<std::string>& program_of(const ReadDefinition& read) {
  return std::get<definition::Command>(read.definition.run->what).program;
}

TEST(ForeignSources, AnInstanceIsReadFromItsTemplateWithBothDropIns) {
  const test::TestDirectory place;
  place.write("a@.service", "[Service]\nExecStart=/x %i\n");
  for (const char* const directory : {"a@.service.d", "a@1.service.d"}) place.make_directory(directory);
  place.write("a@.service.d/x.conf", "[Service]\nNonesuch=1\n");
  place.write("a@1.service.d/y.conf", "[Service]\nExecStart=\nExecStart=/y %i\n");
  const auto all = read("systemd", place.path("a@1.service"));
  ASSERT_TRUE(all && all->size() == 1);
  EXPECT_EQ(all->front().definition.name, "a@1");
  EXPECT_EQ(program_of(all->front()), (std::vector<std::string>{"/y", "1"}));
  ASSERT_EQ(all->front().losses.size(), 1U);
  EXPECT_EQ(all->front().losses[0].file, place.path("a@.service.d/x.conf"));
}

TEST(ForeignSources, AServiceAndItsSocketAreOne) {
  const test::TestDirectory place;
  place.write("s.service", "[Service]\nExecStart=/x\n");
  place.write("s.socket", "[Socket]\nListenStream=80\n");
  const auto by_service = read("systemd", place.path("s.service")),
             by_socket = read("systemd", place.path("s.socket"));
  ASSERT_TRUE(by_service && by_socket);
  EXPECT_EQ(by_service->front().definition, by_socket->front().definition);
}

TEST(ForeignSources, AProcfileHasItsVariablesBesideIt) {
  const test::TestDirectory place;
  place.write("Procfile", "web: ./x\n");
  place.write(".env", "A=1\n");
  const auto all = read("procfile", place.path("Procfile"));
  ASSERT_TRUE(all && all->size() == 1);
  const auto& run = std::get<definition::Command>(all->front().definition.run->what);
  EXPECT_EQ(std::get<definition::SetVariable>(run.steps.at(0)).name, "A");
}

TEST(ForeignSources, WhatCannotBeReadIsAnError) {
  const test::TestDirectory place;
  place.make_directory("d.service");
  ASSERT_EQ(::mkfifo(place.path("f.conf").c_str(), 0600), 0);
  EXPECT_EQ(read("systemd", place.path("none.service")).error().code, ENOENT);
  EXPECT_FALSE(read("systemd", place.path("d.service")));
  EXPECT_FALSE(read("supervisord", place.path("f.conf")));
  EXPECT_EQ(read("procfile", place.path("none")).error().code, ENOENT);
}

}  // namespace
}  // namespace kindred
