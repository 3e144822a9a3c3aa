#include "core/engine/messages.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

TEST(Message, NamesProgramOperationAndObjectInTheFamilysWords) {
  const Error locked{EAGAIN, "lock", "supervise/lock"};
  EXPECT_EQ(supervision_failed(daemontools::dialect().wording, "web", locked).view(),
            "supervise: fatal: unable to acquire web/supervise/lock: temporary failure");
  EXPECT_EQ(supervision_failed(runit::dialect().wording, "web", locked).view(),
            "runsv web: fatal: unable to lock supervise/lock: temporary failure");
  const Error full{ENOSPC, "write", "supervise/status"};
  EXPECT_EQ(message(daemontools::dialect().wording.warning, "web", full).view(),
            "supervise: warning: unable to write web/supervise/status: out of disk space");
  const Error unopened{ENOTDIR, "open", "supervise/lock"};
  EXPECT_EQ(supervision_failed(daemontools::dialect().wording, "web", unopened).view(),
            "supervise: fatal: unable to acquire web/supervise/lock: not a directory");
  EXPECT_EQ(supervision_failed(runit::dialect().wording, "web", unopened).view(),
            "runsv web: fatal: unable to open supervise/lock: not a directory");
}

TEST(Message, OfAScannerNamesItsDirectory) {
  EXPECT_EQ(message(runit::dialect().scan.warning, "/service", {ENOMEM, "create", "event queue"}).view(),
            "runsvdir /service: warning: unable to create event queue: out of memory");
}

TEST(Message, AFamilyMayPutItsOwnWayWhyAServiceCannotBegin) {
  const Error no_fifo{EEXIST, kUseAsFifo, "supervise/control"}, no_directory{ENOTDIR, kEnterService, ""};
  EXPECT_EQ(supervision_failed(runit::dialect().wording, "web", no_fifo).view(),
            "runsv web: fatal: supervise/control exists but is not a fifo");
  EXPECT_EQ(supervision_failed(runit::dialect().wording, "web", no_directory).view(),
            "runsv web: fatal: unable to change to directory: not a directory");
  EXPECT_EQ(supervision_failed(daemontools::dialect().wording, "web", no_directory).view(),
            "supervise: fatal: unable to chdir to web: not a directory");
}

TEST(Line, NothingAddsNothing) {
  EXPECT_EQ(Line(std::string_view()).add({}).view(), "");
  EXPECT_EQ(Line("a").add({}).view(), "a");
}

}  // namespace
}  // namespace kindred
