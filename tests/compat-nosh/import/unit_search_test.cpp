#include "compat-nosh/import/unit_search.h"

#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

TEST(UnitSearch, AnInstanceHasItsTemplateAndBothDropIns) {
  const test::TestDirectory place;
  place.write("a@.service", "[Service]\nExecStart=/x\n");
  for (const char* const directory : {"a@.service.d", "a@1.service.d"}) place.make_directory(directory);
  place.write("a@.service.d/x.conf", "[Service]\nUser=one\n");
  place.write("a@.service.d/not", "[Service]\nUser=none\n");
  place.write("a@1.service.d/y.conf", "[Service]\nUser=two\n");
  auto parts = find_unit(place.path("a@1"), false);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->name.full(), "a@1.service");
  EXPECT_EQ(parts->unit.file(), place.path("a@.service"));
  EXPECT_EQ(parts->unit.take_each("service", "user"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(parts->sources, place.path("a@.service") + " and " + place.path("a@.service.d/x.conf") + " and " +
                                place.path("a@1.service.d/y.conf"));
}

TEST(UnitSearch, ASocketHasItsService) {
  const test::TestDirectory place;
  place.write("s.socket", "[Socket]\nListenStream=80\n");
  EXPECT_EQ(find_unit(place.path("s.socket"), false).error().object, place.path("s.service"));
  place.write("s.service", "[Service]\nExecStart=/x\n");
  const auto one = find_unit(place.path("s.socket"), false);
  ASSERT_TRUE(one && one->socket);
  EXPECT_EQ(one->unit.file(), place.path("s.service"));
  place.write("s.socket", "[Socket]\nListenStream=80\nAccept=Yes\n");
  EXPECT_EQ(find_unit(place.path("s.socket"), false).error().object, place.path("s@.service"));
}

TEST(UnitSearch, OnlyRegularFilesAreRead) {
  const test::TestDirectory place;
  place.make_directory("d.service");
  ASSERT_EQ(::mkfifo(place.path("f.service").c_str(), 0600), 0);
  for (const char* const name : {"d.service", "f.service"}) {
    const auto parts = find_unit(place.path(name), false);
    ASSERT_FALSE(parts) << name;
    EXPECT_EQ(parts.error().operation, "Not a regular file.");
  }
  place.write("big.service", std::string((1 << 20) + 1, '\n'));
  EXPECT_EQ(find_unit(place.path("big.service"), false).error().code, EFBIG);
}

}  // namespace
}  // namespace kindred::nosh
