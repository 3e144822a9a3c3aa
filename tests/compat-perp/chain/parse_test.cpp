#include "compat-perp/chain/parse.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/core/chain/parse_words.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

using test::parse_words;

template <class Step>
const Step* find(const ChainRequest& request) {
  for (const ChainStep& step : request.steps)
    if (const Step* found = std::get_if<Step>(&step)) return found;
  return nullptr;
}

std::vector<std::size_t> kinds(const ChainRequest& request) {
  std::vector<std::size_t> indices;
  for (const ChainStep& step : request.steps) indices.push_back(step.index());
  return indices;
}

template <class... Steps>
std::vector<std::size_t> order() {
  return {ChainStep(Steps{}).index()...};
}

TEST(Answers, AreNoMisuse) {
  const ChainRequest help = parse_words(parse_runargs, {"runargs", "-i", "-h", "x"});
  EXPECT_TRUE(help.is_answer);
  EXPECT_FALSE(help.quiet_usage);
  const ChainRequest version = parse_words(parse_runtool, {"./runtool", "-sV"});
  EXPECT_TRUE(version.is_answer);
  EXPECT_TRUE(version.quiet_usage);
  EXPECT_EQ(version.complaint, "runtool: version: 2.07");
}

TEST(Misuse, IsNamedInOneLine) {
  EXPECT_EQ(parse_words(parse_runargs, {"/x/runargs", "f"}).complaint,
            "runargs: usage error: missing argument");
  EXPECT_EQ(parse_words(parse_runenv, {"runenv", "-z", "f", "p"}).complaint,
            "runenv: usage error: illegal option -- z");
  EXPECT_EQ(parse_words(parse_runlimit, {"runlimit", "-o", "5k", "p"}).complaint,
            "runlimit: usage error: non-numeric argument for -o: 5k");
  const ChainRequest asked = parse_words(parse_runenv, {"runenv", "-?"});
  EXPECT_TRUE(asked.misused);
  EXPECT_FALSE(asked.is_answer);
  EXPECT_EQ(asked.complaint, "");
}

// interfaces/weaknesses.md: the original takes it for 0 and waits for ever.
TEST(Runpause, AnEmptyNumberIsNone) {
  EXPECT_TRUE(parse_words(parse_runpause, {"runpause", "", "prog"}).misused);
  EXPECT_TRUE(parse_words(parse_runtool, {"runtool", "-z", "", "prog"}).misused);
  EXPECT_EQ(find<Pause>(parse_words(parse_runpause, {"runpause", "-L", "x", "7", "prog"}))->seconds, 7U);
  EXPECT_TRUE(parse_words(parse_runpause, {"runpause", "4294967296", "prog"}).misused);
}

TEST(Runuid, GroupsAreAllOrListed) {
  const ChainRequest request = parse_words(parse_runuid, {"runuid", "-g", "www", "-S", "a:b", "me", "prog"});
  EXPECT_EQ(kinds(request), (order<RequireRoot, FindIdentity, BecomeFound>()));
  EXPECT_EQ(find<FindIdentity>(request)->more_groups, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(find<FindIdentity>(request)->group, "www");
  EXPECT_TRUE(parse_words(parse_runuid, {"runuid", "-sS", "a", "me", "prog"}).misused);
  for (const char* list : {"", "a:", ":a", "a::b"})
    EXPECT_TRUE(parse_words(parse_runuid, {"runuid", "-S", list, "me", "prog"}).misused) << list;
  std::string most = "g";
  for (int i = 1; i < 32; ++i) most += ":g";
  EXPECT_FALSE(parse_words(parse_runuid, {"runuid", "-S", most.c_str(), "me", "prog"}).misused);
  EXPECT_TRUE(parse_words(parse_runuid, {"runuid", "-S", (most + ":g").c_str(), "me", "prog"}).misused);
}

TEST(Runlimit, OptionsWinOverTheFileAndThatOverVariables) {
  const ChainRequest request =
      parse_words(parse_runlimit, {"runlimit", "-o", "1", "-F", "-", "-Eo", "=", "prog"},
                  {"RLIMIT_CPU=4", "RLIMIT_AS=^", "OTHER=x"});
  const auto& limits = *find<SetLimits>(request);
  ASSERT_EQ(limits.first.size(), 2U);
  EXPECT_EQ(limits.first[0].value, RLIM_INFINITY);
  EXPECT_EQ(limits.first[1].letter, 't');
  EXPECT_FALSE(limits.file->path);
  ASSERT_EQ(limits.last.size(), 2U);
  EXPECT_EQ(limits.last[1].value, RLIM_INFINITY);
  EXPECT_TRUE(parse_words(parse_runlimit, {"runlimit", "-E", "prog"}, {"RLIMIT_CPU=x"}).misused);
  EXPECT_TRUE(parse_words(parse_runlimit, {"runlimit", "-E", "prog"}, {"RLIMIT_CPU="}).misused);
  EXPECT_TRUE(parse_words(parse_runlimit, {"runlimit", "prog"}, {"RLIMIT_CPU=x"}).steps.size() == 1);
}

TEST(Runlimit, ALineOfTheFileIsALimitOrAnError) {
  const auto code = [](std::string_view text) {
    const auto limits = parse_limit_lines(text);
    return limits ? 0 : limits.error().code;
  };
  EXPECT_EQ(code("# none\n\n RLIMIT_NOFILE = 70 \nRLIMIT_NPROC = ="), 0);
  EXPECT_EQ(code("RLIMIT_BOGUS=1"), EPROTO);
  EXPECT_EQ(code("RLIMIT_CORE"), EPROTO);
  EXPECT_EQ(code("RLIMIT_CORE="), EINVAL);
  EXPECT_EQ(code("RLIMIT_CORE=1k"), EINVAL);
}

TEST(Runlock, TestsOrHolds) {
  const ChainRequest tests = parse_words(parse_runlock, {"runlock", "-cq", "f"});
  EXPECT_TRUE(tests.needs_no_program);
  EXPECT_TRUE(find<TellRecordLock>(tests)->quiet);
  const ChainRequest holds = parse_words(parse_runlock, {"runlock", "-bpx", "f", "prog"});
  EXPECT_FALSE(find<HoldRecordLock>(holds)->milliseconds);
  EXPECT_TRUE(find<HoldRecordLock>(holds)->quiet);
  EXPECT_EQ(find<HoldRecordLock>(parse_words(parse_runlock, {"runlock", "f", "prog"}))->milliseconds, 0U);
}

TEST(Runchoom, OptionsWinOverVariables) {
  const std::vector<const char*> told = {"CHOOM_BASE=/b", "CHOOM_KEY=k", "CHOOM_SET=5"};
  const ChainRequest request = parse_words(parse_runchoom, {"runchoom", "-s", "6", "-v", "prog"}, told);
  const auto& step = *find<WriteProcessFile>(request);
  EXPECT_EQ(step.base, "/b");
  EXPECT_EQ(step.name, "k");
  EXPECT_EQ(step.line, "6");
  EXPECT_EQ(step.failure, Trouble::Warning);
  EXPECT_TRUE(parse_words(parse_runchoom, {"runchoom", "prog"}, {"CHOOM_BASE=b"}).misused);
}

TEST(Runtool, TheOrderIsItsOwn) {
  const ChainRequest request = parse_words(
      parse_runtool, {"runtool", "-z",  "1",  "-u", "me", "-C", "/r",  "-c",  "/d", "-R",   "o=1",
                      "-F",      "1=2", "-m", "7",  "-P", ":f", "-sU", "you", "-E", "e",    "-A",
                      "l",       "-a",  "k",  "-0", "n",  "-S", "/b",  "-c",  "/e", "prog", "-x"});
  EXPECT_EQ(kinds(request),
            (order<RequireRoot, FindIdentity, NameProgram, ReadWords, ReadWords, SetEnvironment,
                   ReadVariables, TellIdentity, LeadGroup, HoldRecordLock, SetFileMask, MoveDescriptor,
                   SetLimits, EnterDirectory, ChangeRoot, BecomeFound, Pause, SearchIn>()));
  EXPECT_EQ(find<EnterDirectory>(request)->path, "/e");
  EXPECT_TRUE(find<HoldRecordLock>(request)->tells_pid);
  EXPECT_FALSE(find<HoldRecordLock>(request)->milliseconds);
  EXPECT_EQ(request.program.size(), 2U);
}

TEST(Runtool, DetachingIsASessionOfItsOwn) {
  EXPECT_EQ(kinds(parse_words(parse_runtool, {"runtool", "-sd", "prog"})), order<Detach>());
}

TEST(Runtool, DescriptorsAreOpenedInOrder) {
  const ChainRequest request =
      parse_words(parse_runtool, {"runtool", "-F", "0<%:1>/x:2+./y:3=1:4=!", "prog"});
  ASSERT_EQ(request.steps.size(), 5U);
  EXPECT_EQ(std::get<OpenDescriptor>(request.steps[0]).path, "/dev/null");
  EXPECT_EQ(std::get<OpenDescriptor>(request.steps[1]).flags, O_WRONLY | O_CREAT | O_TRUNC);
  EXPECT_EQ(std::get<OpenDescriptor>(request.steps[2]).flags, O_WRONLY | O_CREAT | O_APPEND);
  EXPECT_EQ(std::get<MoveDescriptor>(request.steps[3]).from, 1);
  EXPECT_EQ(std::get<CloseDescriptor>(request.steps[4]).descriptor, 4);
  for (const char* wrong : {"", "0", "0<", "0<x", "x</a", "0?/a", "0=%", "0=12", "10</a", "0</a:", ":0</a"})
    EXPECT_TRUE(parse_words(parse_runtool, {"runtool", "-F", wrong, "prog"}).misused) << wrong;
}

TEST(Runtool, WrongWordsAreMisuse) {
  for (const auto& [letter, word] : std::initializer_list<std::pair<const char*, const char*>>{{"-m", "8"},
                                                                                               {"-m", ""},
                                                                                               {"-m", "1000"},
                                                                                               {"-R", "l=1"},
                                                                                               {"-R", "o="},
                                                                                               {"-R", "o==1"},
                                                                                               {"-R", "o=1:"},
                                                                                               {"-L", ""},
                                                                                               {"-P", ":"}})
    EXPECT_TRUE(parse_words(parse_runtool, {"runtool", letter, word, "prog"}).misused) << letter << word;
  EXPECT_TRUE(parse_words(parse_runtool, {"runtool", "-L", "a", "-P", "b", "prog"}).misused);
}

// interfaces/weaknesses.md: such a pair deletes each other in the original, and a directory ends it by SIGSEGV.
TEST(Steps, NamesOfVariablesAreComparedWhole) {
  const test::TestDirectory root;
  root.write("f", "AB=2\nCE\n");
  const char* const before[] = {"AA=1", "CD=3", "CE=4", nullptr};
  ProcessState state(before);
  ASSERT_TRUE(apply(ReadVariables{root.path("f"), 100}, state));
  EXPECT_EQ(state.environment.entries(), (std::vector<std::string>{"AA=1", "CD=3", "AB=2"}));
}

TEST(Steps, ADirectoryIsNoTextFile) {
  const test::TestDirectory root;
  const char* const none[] = {nullptr};
  ProcessState state(none);
  for (const ChainStep& step :
       {ChainStep(ReadWords{root.path()}),
        ChainStep(SetLimits{{}, SetLimits::File{root.path(), parse_limit_lines, 100}})}) {
    const Status done = apply(step, state);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, EISDIR);
    EXPECT_EQ(done.error().object, root.path());
  }
}

}  // namespace
}  // namespace kindred::perp
