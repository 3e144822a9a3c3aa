#include "core/sys/socket.h"

#include <fcntl.h>

#include <cstdio>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

TEST(Request, CarriesAByteAndTheSendersStandardFiles) {
  Result<std::array<UniqueFd, 2>> ends = make_socket_pair();
  ASSERT_TRUE(ends);
  ASSERT_TRUE(send_request((*ends)[0].get(), 'a', true));
  const std::optional<Request> request = receive_request((*ends)[1].get());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->what, 'a');
  for (const UniqueFd& file : request->files) EXPECT_TRUE(file);
}

TEST(Request, CarriesOtherDescriptors) {
  Result<std::array<UniqueFd, 2>> ends = make_socket_pair();
  ASSERT_TRUE(ends);
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  const UniqueFd reading(pipe[0]);
  {
    const UniqueFd writing(pipe[1]);
    const std::array files{writing.get()};
    ASSERT_TRUE(send_request((*ends)[0].get(), 'd', files));
  }
  const std::optional<Request> request = receive_request((*ends)[1].get());
  ASSERT_TRUE(request);
  ASSERT_TRUE(request->files[0]);
  EXPECT_FALSE(request->files[1]);
  char byte = 0;
  EXPECT_EQ(::write(request->files[0].get(), "x", 1), 1);
  EXPECT_EQ(::read(reading.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(Request, TellsNothingYetFromTheEnd) {
  Result<std::array<UniqueFd, 2>> ends = make_socket_pair();
  ASSERT_TRUE(ends);
  EXPECT_FALSE(receive_request((*ends)[1].get()));
  (*ends)[0].reset();
  const std::optional<Request> end = receive_request((*ends)[1].get());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->what, 0);
}

TEST(Listen, WorksBelowAPathThatIsTooLongForASocket) {
  TestDirectory dir;
  const std::string name(100, 'd');
  dir.make_directory(name);
  const std::string deeper = name + "/" + name;
  dir.make_directory(deeper);
  const UniqueFd deep(::open(dir.path(deeper).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Result<UniqueFd> listener = listen_at(deep.get(), "core");
  ASSERT_TRUE(listener);
  Result<UniqueFd> client = connect_to(deep.get(), "core");
  ASSERT_TRUE(client);
  EXPECT_TRUE(accept_own(listener->get()));
}

TEST(Connect, SaysThatNobodyListens) {
  TestDirectory dir;
  EXPECT_EQ(connect_to(dir.fd(), "core").error().code, ENOENT);
  { ASSERT_TRUE(listen_at(dir.fd(), "core")); }
  EXPECT_EQ(connect_to(dir.fd(), "core").error().code, ECONNREFUSED);
}

}  // namespace
}  // namespace kindred
