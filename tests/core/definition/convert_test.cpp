// All families' codecs: what each writes it reads, what all can say survives every journey, and nothing is lost in
// silence.

#include "core/definition/convert.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/definition/chain.h"
#include "core/definition/directory_codec.h"
#include "core/definition/tools_named.h"

namespace kindred {
namespace {

using namespace definition;
using DefinedScript = definition::Script;

constexpr auto kSoft = definition::SetLimit::Which::Soft;

std::string text_of(const std::vector<Loss>& losses) {
  std::string text;
  for (const Loss& loss : losses)
    text += loss.file + ":" + std::to_string(loss.line) + ": " + loss.thing + ": " + loss.why + "\n";
  return text;
}

std::string text_of(const DirectoryContent& content) {
  std::string text = content.name + " " + std::to_string(content.mode) + "\n";
  for (const File& file : content.files)
    text += "--- " + file.path + " " + std::to_string(static_cast<int>(file.kind)) + " " +
            std::to_string(file.mode) + " " + file.owner + "\n" + file.bytes;
  return text;
}

/// What every family has words for.
ServiceDefinition common() {
  ServiceDefinition service;
  service.name = "web";
  service.run = Body{
      Command{{" the web"},
              {CopyDescriptor{2, 1}, definition::SetFileMask{027}, definition::EnterDirectory{"/srv/web"},
               definition::SetVariable{"LANG", "de DE"}, definition::ReadEnvDirectory{"./env"},
               definition::SetLimit{'c', kSoft, 0}, definition::SetLimit{'o', kSoft, 99},
               definition::AddNiceness{5}, definition::Become{{.user = "web"}}},
              {"/usr/bin/web", "--say", "it's \"$HOME\" \\ here", ""}}};
  service.down = true;
  service.files = {{"env", File::Kind::Directory, 0755},
                   {"env/PORT", File::Kind::Regular, 0644, "80\n"},
                   {"notes", File::Kind::Link, 0777, "/usr/share/doc/web"}};
  ServiceDefinition log;
  log.run = Body{Command{{}, {definition::Become{{.user = "log"}}}, {"/usr/bin/logger", "-t", "web"}}};
  log.files = {{"main", File::Kind::Directory, 02750, "", "log"}};
  service.log.push_back(log);
  return service;
}

void expect_same(const ServiceDefinition& got, const ServiceDefinition& wanted,
                 const WrittenDefinition& written, const std::string& of) {
  EXPECT_TRUE(got == wanted) << of << "\n" << text_of(written.content) << text_of(written.losses);
}

TEST(Convert, EveryFamilyReadsWhatItWrites) {
  for (const DefinitionCodec* const codec : definition_codecs()) {
    const WrittenDefinition written = codec->write(common());
    EXPECT_EQ(text_of(written.losses), "") << codec->family;
    const ReadDefinition read = codec->read(written.content);
    EXPECT_EQ(text_of(read.losses), "") << codec->family;
    expect_same(read.definition, common(), written, codec->family);
  }
}

TEST(Convert, WhatAllCanSaySurvivesEveryJourney) {
  for (const DefinitionCodec* const from : definition_codecs())
    for (const DefinitionCodec* const to : definition_codecs()) {
      const std::string journey = std::string(from->family) + " -> " + to->family;
      const DirectoryContent begin = from->write(common()).content;
      const WrittenDefinition there = convert(begin, *from, *to);
      EXPECT_EQ(text_of(there.losses), "") << journey;
      const WrittenDefinition back = convert(there.content, *to, *from);
      EXPECT_EQ(text_of(back.losses), "") << journey;
      EXPECT_EQ(text_of(back.content), text_of(begin)) << journey << "\n" << text_of(there.content);
    }
}

struct Mutation {
  std::string name;
  std::function<void(ServiceDefinition&)> change;
};

std::vector<Step>& steps(ServiceDefinition& service) { return std::get<Command>(service.run->what).steps; }

Body as_it_is(const char* text, std::vector<Word> words = {}) {
  return {DefinedScript{text}, std::move(words)};
}

std::vector<Mutation> mutations() {
  std::vector<Mutation> all{
      {"name", [](auto& s) { s.name = "other"; }},
      {"description", [](auto& s) { s.description = "serves"; }},
      {"no run", [](auto& s) { s.run.reset(); }},
      {"run as it is", [](auto& s) { s.run = as_it_is("#!/bin/sh\n. ./conf\nexec web $OPTIONS\n"); }},
      {"run that looks at its words",
       [](auto& s) {
         s.run = as_it_is("#!/bin/sh\nexec web $1\n", {Word::LiteralStart, Word::ServiceName});
       }},
      {"no comment", [](auto& s) { std::get<Command>(s.run->what).comments.clear(); }},
      {"program", [](auto& s) { std::get<Command>(s.run->what).program = {"other"}; }},
      {"start",
       [](auto& s) {
         s.start = Body{Command{{}, {}, {"prepare"}}};
       }},
      {"stop",
       [](auto& s) {
         s.stop = Body{Command{{}, {}, {"clean", "up"}}};
       }},
      {"check",
       [](auto& s) {
         s.check = Body{Command{{}, {}, {"ask"}}};
       }},
      {"notify", [](auto& s) { s.notify = as_it_is("#!/bin/sh\necho $1 | mail root\n"); }},
      {"finish",
       [](auto& s) {
         s.finish = Body{Command{{}, {}, {"after"}}};
       }},
      {"finish for ever",
       [](auto& s) {
         s.finish = Body{Command{{}, {}, {"after"}}};
         s.finish_limit = Duration{0};
       }},
      {"finish in time",
       [](auto& s) {
         s.finish = Body{Command{{}, {}, {"after"}}};
         s.finish_limit = std::chrono::seconds(9);
       }},
      {"finish by 125",
       [](auto& s) {
         s.finish = Body{Command{{}, {}, {"after"}}};
         s.verdict = Verdict::DownBy125;
       }},
      {"finish by failure",
       [](auto& s) {
         s.finish = Body{Command{{}, {}, {"after"}}};
         s.verdict = Verdict::DownByFail;
       }},
      {"finish as it is",
       [](auto& s) {
         s.finish =
             as_it_is("#!/bin/sh\n[ $1 = -1 ] && sleep 1\n", {Word::CodeOrMinusOne, Word::WaitStatusLowByte});
       }},
      {"custom t", [](auto& s) { s.custom.emplace_back('t', as_it_is("#!/bin/sh\nkill -2 1\n")); }},
      {"custom d",
       [](auto& s) {
         s.custom.emplace_back('d', Body{Command{{}, {}, {"say", "down"}}});
       }},
      {"no log", [](auto& s) { s.log.clear(); }},
      {"log down", [](auto& s) { s.log[0].down = true; }},
      {"log user", [](auto& s) { steps(s.log[0]) = {definition::Become{{.user = "other"}}}; }},
      {"log file",
       [](auto& s) {
         s.log[0].files.push_back({"rules", File::Kind::Regular, 0600, "x"});
       }},
      {"log finish",
       [](auto& s) {
         s.log[0].finish = Body{Command{{}, {}, {"after"}}};
       }},
      {"log in the directory above",
       [](auto& s) { steps(s.log[0]).insert(steps(s.log[0]).begin(), definition::EnterDirectory{".."}); }},
      {"log as it is", [](auto& s) { s.log[0].run = as_it_is("#!/bin/sh\nexec tee $FILE\n"); }},
      {"not down", [](auto& s) { s.down = false; }},
      {"restart on failure", [](auto& s) { s.restart = Restart::OnFailure; }},
      {"restart on success", [](auto& s) { s.restart = Restart::OnSuccess; }},
      {"restart never",
       [](auto& s) {
         s.down = false;
         s.restart = Restart::Never;
       }},
      {"back off", [](auto& s) { s.back_off = BackOff{}; }},
      {"process tree", [](auto& s) { s.tree = TreeWish{.follow = true}; }},
      {"session", [](auto& s) { s.own_session = true; }},
      {"no session", [](auto& s) { s.own_session = false; }},
      {"stop signal", [](auto& s) { s.stop_signal = 2; }},
      {"reload signal", [](auto& s) { s.reload_signal = 10; }},
      {"hang up", [](auto& s) { s.hang_up = true; }},
      {"kill after", [](auto& s) { s.kill_after = std::chrono::milliseconds(1500); }},
      {"never kill", [](auto& s) { s.kill_after = Duration{0}; }},
      {"stays up empty", [](auto& s) { s.stays_up_empty = true; }},
      {"ready by descriptor",
       [](auto& s) {
         s.readiness = {Readiness::How::Descriptor, 3};
       }},
      {"ready by socket",
       [](auto& s) {
         s.readiness = {Readiness::How::Socket, -1};
       }},
      {"ready when ended",
       [](auto& s) {
         s.readiness = {Readiness::How::Exited, -1};
       }},
      {"lock descriptor", [](auto& s) { s.lock_descriptor = 9; }},
      {"death tally", [](auto& s) { s.death_tally = 5; }},
      {"relation",
       [](auto& s) {
         s.relations.push_back({Relation::Kind::After, "database", "../../database"});
       }},
      {"listener",
       [](auto& s) {
         s.listeners.push_back({Listener::Kind::Tcp, "127.0.0.1", "80"});
       }},
      {"supervise elsewhere", [](auto& s) { s.supervise_link = "/run/runit/supervise.web"; }},
      {"another file",
       [](auto& s) {
         s.files.push_back({"zzz", File::Kind::Regular, 0640, "text"});
       }},
      {"a file gone", [](auto& s) { s.files.pop_back(); }},
      {"a file's mode", [](auto& s) { s.files[1].mode = 0600; }},
      {"a file's owner", [](auto& s) { s.files[1].owner = "web:web"; }},
      {"a file's content", [](auto& s) { s.files[1].bytes = "81\n"; }},
      {"where a link leads", [](auto& s) { s.files[2].bytes = "/usr/share/doc/other"; }},
      {"a variable that is read otherwise", [](auto& s) { s.files[1].bytes = "  80 \n"; }},
  };
  for (const char* const name :
       {"run",     "start",   "finish", "stop",       "check",     "notify",          "log-run.original",
        "control", "rc.main", "rc.log", "flag.once",  "no-setsid", "notification-fd", "down-signal",
        "wants",   "service", "remain", "use_hangup", "supervise", "restart"})
    all.push_back({name, [name](auto& s) {
                     s.files.push_back({name, File::Kind::Regular, 0755, "3\n"});
                     std::sort(s.files.begin(), s.files.end(),
                               [](const File& a, const File& b) { return a.path < b.path; });
                   }});
  using HoldLock = definition::HoldLock;
  const std::vector<Step> changes{
      definition::Become{{.user = "web", .group = "www"}},
      definition::Become{{.user = "web", .group = "www", .more_groups = {"adm"}}},
      definition::Become{{.user = "web", .all_groups = true}},
      definition::Become{{.user = "web", .group = "www", .all_groups = true}},
      definition::Become{{.user = "7", .group = "8", .numeric = true}},
      definition::TellAccount{{.user = "web"}},
      definition::TellAccount{{.user = "web", .group = "www"}},
      definition::TellAccount{{.user = "web"}, true},
      definition::SetVariable{"A", std::nullopt},
      definition::SetVariable{"A", ""},
      definition::SetVariable{"A-B", "x"},
      definition::ClearEnvironment{},
      definition::ReadEnvDirectory{"/etc/env"},
      definition::EnterDirectory{"/other"},
      definition::ChangeRoot{"/jail", true},
      definition::ChangeRoot{"/jail", false},
      definition::SetLimit{'s', kSoft, 8192},
      definition::SetLimit{'a', kSoft, std::nullopt},
      definition::SetLimit{'o', definition::SetLimit::Which::Hard, 64},
      definition::SetLimit{'o', definition::SetLimit::Which::Both, 64},
      definition::AddNiceness{-3},
      definition::SetFileMask{077},
      HoldLock{"/run/web.lock", true},
      HoldLock{"/run/web.lock", false},
      HoldLock{"/run/web.lock", true, HoldLock::Kind::Record},
      HoldLock{"/run/web.lock", false, HoldLock::Kind::Record},
      HoldLock{"/run/web.lock", false, HoldLock::Kind::Flock, true},
      OpenFile{0, "/dev/null", OpenFile::For::Reading},
      OpenFile{4, "/var/log/x y", OpenFile::For::Appending},
      CopyDescriptor{3, 2},
      definition::CloseDescriptor{0},
      definition::CloseDescriptor{5},
      definition::NewSession{},
      definition::NameProgram{"-web"},
      RunThrough{{"kindred", "run", "--notify"}},
  };
  for (const Step& step : changes)
    all.push_back({"step " + describe(step), [step](auto& s) { steps(s).push_back(step); }});
  for (std::size_t at = 0; at < steps(*std::make_unique<ServiceDefinition>(common())).size(); ++at)
    all.push_back({"a step gone",
                   [at](auto& s) { steps(s).erase(steps(s).begin() + static_cast<std::ptrdiff_t>(at)); }});
  return all;
}

/// What is in neither the directory nor the list was lost in silence.
TEST(Convert, NothingIsLostInSilence) {
  std::vector<Mutation> all = mutations();
  for (const DefinitionCodec* const codec : definition_codecs()) {
    const WrittenDefinition before = codec->write(common());
    for (const Mutation& mutation : all) {
      ServiceDefinition changed = common();
      mutation.change(changed);
      const WrittenDefinition after = codec->write(changed);
      const std::string of = std::string(codec->family) + ": " + mutation.name;
      // Who leads a session anyway, or never does, has nothing to write for it.
      if (!changed.own_session) {
        EXPECT_NE(text_of(before.content) + text_of(before.losses),
                  text_of(after.content) + text_of(after.losses))
            << of;
      }
      if (!after.losses.empty()) continue;
      // A program of another's that runs the chain is a program to whoever reads it.
      if (changed.run && std::holds_alternative<Command>(changed.run->what) && !steps(changed).empty() &&
          (std::holds_alternative<RunThrough>(steps(changed).back()) ||
           text_of(after.content).find("kindred run --user=") != std::string::npos))
        continue;
      ReadDefinition read = codec->read(after.content);
      if (!read.losses.empty()) continue;
      ServiceDefinition wanted = changed;
      // What the family does anyway is not written.
      if (wanted.own_session == true) std::erase(steps(read.definition), Step(definition::NewSession{}));
      if (!read.definition.own_session) wanted.own_session.reset();
      const auto as_usual = [](ServiceDefinition& one, const ServiceDefinition& other) {
        if (!one.finish) return;
        if (!one.finish_limit) one.finish_limit = other.finish_limit;
        if (one.verdict == Verdict::Nothing && other.verdict == Verdict::DownBy125)
          one.verdict = other.verdict;
      };
      as_usual(wanted, read.definition);
      for (std::size_t at = 0; at < wanted.log.size() && at < read.definition.log.size(); ++at)
        as_usual(wanted.log[at], read.definition.log[at]);
      if (wanted.run && std::holds_alternative<Command>(wanted.run->what)) put_limits_in_order(steps(wanted));
      expect_same(read.definition, wanted, after, of);
    }
  }
}

/// A service whose log is a plain logger of the family itself.
ServiceDefinition logged(Stamp stamp, LogDirectory directory) {
  ServiceDefinition service = common();
  std::get<Command>(service.log[0].run->what).program.clear();
  service.log[0].logger = Logger{stamp, {std::move(directory)}};
  return service;
}

TEST(Convert, EveryFamilysOwnLoggerIsReadBack) {
  struct Own {
    const char* family;
    Stamp stamp;
    LogDirectory directory;
  };
  const Own kOwn[] = {
      {"daemontools", Stamp::Tai64n, {.path = "./main", .size = 20000, .files = 3, .processor = "exec gzip"}},
      {"encore", Stamp::Seconds, {.path = "/var/log/web", .size = 99999, .files = 10}},
      {"runit",
       Stamp::Readable,
       {.path = "./main",
        .size = 20000,
        .files = 3,
        .every = std::chrono::hours(1),
        .processor = "gzip",
        .prefix = "web: "}},
      {"s6",
       Stamp::Local,
       {.path = "./main", .size = 20000, .files = 3, .total = 100000, .processor = "gzip", .prefix = "web "}},
      {"perp", Stamp::Compact, {.path = "/var/log/web", .size = 20000, .files = 3, .processor = "gzip"}},
      {"nosh", Stamp::Tai64n, {.path = "main", .size = 20000, .total = 100000}},
      {"freedt", Stamp::Calendar, {.path = "main", .size = 0, .files = 0}},
  };
  for (const Own& own : kOwn) {
    const DefinitionCodec& codec = *find_codec(own.family);
    const ServiceDefinition service = logged(own.stamp, own.directory);
    const WrittenDefinition written = codec.write(service);
    EXPECT_EQ(text_of(written.losses), "") << own.family;
    const ReadDefinition read = codec.read(written.content);
    // What svlogd may have been told in a directory of the system's nobody knows.
    if (own.directory.path.starts_with("./") || std::string(own.family) != "runit") {
      EXPECT_EQ(text_of(read.losses), "") << own.family;
    }
    expect_same(read.definition, service, written, own.family);
  }
}

TEST(Convert, ALoggersRotationSurvivesWhereBothCanSayIt) {
  const LogDirectory directory{.path = "./main", .size = 20000, .files = 3};
  const char* const kCounting[] = {"daemontools", "encore", "runit", "s6", "perp"};
  for (const char* const from : kCounting)
    for (const char* const to : kCounting) {
      const DirectoryContent begin = find_codec(from)->write(logged(Stamp::None, directory)).content;
      const WrittenDefinition there = convert(begin, *find_codec(from), *find_codec(to));
      EXPECT_EQ(text_of(there.losses), "") << from << " -> " << to;
      const WrittenDefinition back = convert(there.content, *find_codec(to), *find_codec(from));
      EXPECT_EQ(text_of(back.content), text_of(begin)) << from << " -> " << to << "\n"
                                                       << text_of(there.content);
    }
}

TEST(Convert, NoLoggersSettingIsLostInSilence) {
  const LogDirectory usual{.path = "./main", .size = 20000, .files = 3};
  for (const DefinitionCodec* const codec : definition_codecs()) {
    const WrittenDefinition before = codec->write(logged(Stamp::None, usual));
    for (int which = 0; which < 9; ++which) {
      LogDirectory changed = usual;
      Stamp stamp = Stamp::None;
      switch (which) {
        case 0:
          changed.path = "/var/log/web";
          break;
        case 1:
          changed.size = 4096000;
          break;
        case 2:
          changed.size = 0;
          break;
        case 3:
          changed.files = 4;
          break;
        case 4:
          changed.files = 0;
          break;
        case 5:
          changed.total = 123456;
          break;
        case 6:
          changed.every = std::chrono::minutes(2);
          break;
        case 7:
          changed.processor = "exec xz";
          break;
        default:
          stamp = Stamp::ReadableIso;
          break;
      }
      const WrittenDefinition after = codec->write(logged(stamp, changed));
      EXPECT_NE(text_of(before.content) + text_of(before.losses),
                text_of(after.content) + text_of(after.losses))
          << codec->family << " " << which;
    }
  }
}

std::vector<File> files_of(std::initializer_list<std::pair<const char*, const char*>> scripts) {
  std::vector<File> files;
  for (const auto& [path, text] : scripts) files.push_back({path, File::Kind::Regular, 0755, text});
  return files;
}

TEST(Convert, WhatIsToldWordsIsNoScriptOfAnInterpreterThatTakesNone) {
  const DirectoryContent content{
      "web", 0755,
      files_of({{"finish", "#!/bin/sh\nexec chpst -u web clean\n"}, {"run", "#!/bin/sh\nexec web\n"}})};
  const WrittenDefinition there = convert(content, *find_codec("runit"), *find_codec("nosh"));
  FileSet files(there.content.files);
  EXPECT_EQ(files.find("service/run")->bytes, "#!/usr/bin/env nosh\nweb\n");
  EXPECT_EQ(files.find("service/restart.original")->bytes, "#!/bin/sh\nexec setuidgid -- web clean\n");
  EXPECT_EQ(convert(there.content, *find_codec("nosh"), *find_codec("runit")).content.files, content.files);
  const WrittenDefinition without = convert({"web", 0755, files_of({{"run", "#!/bin/sh\nexec web\n"}})},
                                            *find_codec("runit"), *find_codec("nosh"));
  EXPECT_EQ(FileSet(without.content.files).find("service/restart")->bytes, "#!/bin/sh\nexec true\n");
}

/// As in-the-wild.md has them: what Debian and Void write for runit.
TEST(Convert, ADebianServiceWithItsLogBecomesS6s) {
  DirectoryContent content{
      "web", 0755,
      files_of({{"run", "#!/bin/sh\nexec 2>&1\nexec chpst -ugitdaemon -o250 /usr/bin/git daemon --verbose\n"},
                {"log/run", "#!/bin/sh\nexec chpst -ulog svlogd -tt ./main\n"}})};
  content.files.insert(content.files.begin(), {"log", File::Kind::Directory, 0755});
  const WrittenDefinition written = convert(content, *find_codec("runit"), *find_codec("s6"));
  FileSet files(written.content.files);
  EXPECT_EQ(files.find("run")->bytes,
            "#!/usr/bin/env -S execlineb -P\nfdmove -c 2 1\ns6-envuidgid gitdaemon export GIDLIST \"\" "
            "s6-applyuidgid -Uz\n"
            "s6-softlimit -o 250\n/usr/bin/git daemon --verbose\n");
  EXPECT_EQ(text_of(written.losses),
            "log/run:0: stamps: UTC, _ between: the logger of s6 puts others: TAI64N labels\n");
}

TEST(Convert, WhoRunsAsSomebodyNeverRunsAsRootInstead) {
  ServiceDefinition web;
  web.name = "web";
  web.run = Body{Command{
      {}, {definition::Become{{.user = "web", .group = "www", .all_groups = true}}}, {"/usr/bin/web"}}};
  for (const char* const family : {"runit", "s6", "daemontools", "freedt", "encore"}) {
    const WrittenDefinition written = find_codec(family)->write(web);
    EXPECT_EQ(text_of(written.losses), "") << family;
    EXPECT_NE(text_of(written.content).find("kindred run --user=web --group=www"), std::string::npos)
        << text_of(written.content);
  }
}

TEST(Convert, WhatAToolHearsIsToldInTheFamilysWay) {
  ServiceDefinition web;
  web.name = "web";
  web.run = Body{Command{{}, {RunThrough{{"kindred", "run", "--notify"}}}, {"/usr/bin/web"}}};
  web.readiness.how = Readiness::How::Socket;
  const WrittenDefinition s6 = find_codec("s6")->write(web);
  EXPECT_EQ(text_of(s6.losses), "");
  EXPECT_EQ(FileSet(s6.content.files).find("notification-fd")->bytes, "3\n");
  const WrittenDefinition runit = find_codec("runit")->write(web);
  EXPECT_EQ(text_of(runit.losses), "");
  EXPECT_NE(FileSet(runit.content.files).find("run")->bytes.find("--notify --notify-file=supervise/ready"),
            std::string::npos);
  EXPECT_EQ(FileSet(runit.content.files).find("check")->bytes, "#!/bin/sh\nexec test -e supervise/ready\n");
  EXPECT_NE(text_of(find_codec("perp")->write(web).losses).find("READY=1"), std::string::npos);
}

TEST(Convert, AScriptThatIsNoChainIsCarriedAndItsToolsAreNamed) {
  const DirectoryContent content{"web", 0755,
                                 files_of({{"run",
                                            "#!/bin/sh\n[ -r ./conf ] && . ./conf\nsv check dbus >/dev/null "
                                            "|| exit 1\nexec chpst -u web web $OPTS\n"}})};
  const WrittenDefinition written = convert(content, *find_codec("runit"), *find_codec("daemontools"));
  EXPECT_EQ(written.content.files, content.files);
  EXPECT_EQ(text_of(written.losses),
            "run:3: sv: a program of runit that the script runs as it did\nrun:4: chpst: a program of runit "
            "that the script runs as it did\n");
}

TEST(Convert, OldPerpScriptsAreTakenApartInAllTheirShapes) {
  const char* const kShapes[] = {
      "#!/bin/sh\nTARGET=${1}\nSVNAME=${2}\nstart() {\n  exec 2>&1\n  exec runuid web "
      "/usr/bin/web\n}\nreset() {\n  exit 0\n}\neval ${TARGET} \"$@\"\nexit 0\n",
      "#!/bin/sh\nexec 2>&1\nif test ${1} = 'start' ; then\n  exec runuid web /usr/bin/web\nfi\nexit 0\n",
      "#!/bin/sh\ncase $1 in\nstart)\n  exec 2>&1\n  exec runuid web /usr/bin/web\n  ;;\nesac\n",
  };
  for (const char* const text : kShapes) {
    const WrittenDefinition written =
        convert({"web", 01755, files_of({{"rc.main", text}})}, *find_codec("perp"), *find_codec("runit"));
    EXPECT_EQ(text_of(written.losses), "") << text;
    EXPECT_EQ(written.content.files,
              files_of({{"run", "#!/bin/sh\nexec 2>&1\nexec chpst -u web /usr/bin/web\n"}}))
        << text;
  }
}

TEST(Convert, OnePerpScriptThatIsNotPlainIsCalledByTwo) {
  const char* const kText =
      "#!/bin/sh\ncase $1 in start) exec web $FLAGS ;; reset) logger \"$2 $3 $4\" ;; esac\n";
  const DirectoryContent content{"web", 01755, files_of({{"rc.main", kText}})};
  const WrittenDefinition there = convert(content, *find_codec("perp"), *find_codec("s6"));
  FileSet files(there.content.files);
  EXPECT_EQ(files.find("run.original")->bytes, kText);
  EXPECT_EQ(files.find("finish.original")->bytes, kText);
  EXPECT_EQ(convert(there.content, *find_codec("s6"), *find_codec("perp")).content.files, content.files);
}

TEST(Convert, WhatADefinitionsSettingsDoNotSayIsNamedByFileAndLine) {
  const DirectoryContent content{
      "web",
      0755,
      {{"down-signal", File::Kind::Regular, 0644, "SIGBOGUS\n"},
       {"notification-fd", File::Kind::Regular, 0644, "3\n"},
       {"run", File::Kind::Regular, 0755, "#!/command/execlineb -P\ns6-setuidgid web\nweb\n"}}};
  const WrittenDefinition written = convert(content, *find_codec("s6"), *find_codec("daemontools"));
  EXPECT_EQ(text_of(written.losses),
            "down-signal:1: down-signal SIGBOGUS: s6-supervise does not take it either\n"
            "notification-fd:1: notification-fd 3: daemontools takes what runs for ready\n");
  EXPECT_EQ(FileSet(written.content.files).find("run")->bytes,
            "#!/bin/sh\nexec 3>/dev/null\nexec /usr/sbin/chroot --userspec=web --skip-chdir / web\n");
}

DirectoryContent with_scripts(const std::string& run, const std::string& log_run = "") {
  DirectoryContent content;
  content.files.push_back({"run", File::Kind::Regular, 0755, run});
  if (!log_run.empty()) content.files.push_back({"log/run", File::Kind::Regular, 0755, log_run});
  return content;
}

TEST(FamilyOfTools, IsTheOneWhoseOwnProgramsTheScriptsName) {
  const auto family = [](const DirectoryContent& content) {
    const DefinitionCodec* const codec = family_of_tools(content);
    return std::string(codec != nullptr ? codec->family : "");
  };
  EXPECT_EQ(
      family(with_scripts("#!/bin/sh\nexec web\n", "#!/bin/sh\nexec /usr/bin/svlogd -tt /var/log/web\n")),
      "runit");
  EXPECT_EQ(family(with_scripts("#!/usr/bin/execlineb -P\nweb\n")), "s6");
  EXPECT_EQ(family(with_scripts("#!/bin/sh\nexec runuid web web\n")), "perp");
  // These are several families'.
  EXPECT_EQ(
      family(with_scripts("#!/bin/sh\nexec setuidgid web web\n", "#!/bin/sh\nexec multilog t ./main\n")), "");
  EXPECT_EQ(family(with_scripts("#!/bin/sh\nexec chpst -u web web\n", "#!/bin/sh\nexec s6-log t ./main\n")),
            "");
}

TEST(FamilyOfTools, HeedsNoCommentNoDirectoryAndNoData) {
  EXPECT_EQ(family_of_tools(with_scripts("#!/bin/sh\n# once with chpst\ncd /etc/sv/web\nexec ./web\n")),
            nullptr);
  EXPECT_EQ(family_of_tools(with_scripts("\177ELF chpst")), nullptr);
}

}  // namespace
}  // namespace kindred
