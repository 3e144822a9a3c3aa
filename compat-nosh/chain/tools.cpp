#include "compat-nosh/chain/tools.h"

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/turns.h"
#include "compat-nosh/chain/voice.h"

namespace kindred::nosh {
namespace {

using Parser = ChainRequest (*)(int, char**, const Environment&);

constexpr int kTemporary = 111;

/// `failure`: where it is not 1.
constexpr ChainTool by_steps(const char* name, Parser parse, const char* summary,
                             std::optional<int> failure = std::nullopt) {
  ChainTool tool{name, nullptr, parse, summary, kExitFailed};
  tool.failure_code = failure;
  return tool;
}

template <class OneTool>
constexpr ChainTool by_turn(const char* name, const char* summary) {
  ChainTool tool{name, nullptr, parse_words_of<OneTool>, summary, kExitFailed};
  tool.turn = turn_of<OneTool>;
  return tool;
}

constexpr ChainTool kTools[] = {
    by_steps("appendpath", parse_appendpath, "add a directory to the end of a path variable"),
    by_turn<BackgroundTool>("background", "run a program beside the one that comes next"),
    by_steps("cd", parse_chdir, "change the working directory"),
    by_steps("chdir", parse_chdir, "change the working directory"),
    by_steps("chroot", parse_chroot, "change the root directory"),
    by_steps("clearenv", parse_clearenv, "clear the environment"),
    by_turn<CreateControlGroupTool>("create-control-group", "make a control group"),
    by_turn<DelegateControlGroupTool>("delegate-control-group-to", "give the control group to an account"),
    by_steps("envdir", parse_envdir, "set variables from a directory"),
    by_steps("envgid", parse_envgid, "tell a group's number", kTemporary),
    by_steps("envuidgid", parse_envuidgid, "tell an account's numbers", kTemporary),
    by_steps("exec", parse_exec, "run a program"),
    by_turn<FalseTool>("false", "fail"),
    by_steps("fdmove", parse_fdmove, "move or copy a descriptor"),
    by_steps("fdredir", parse_fdredir, "open a file as a descriptor"),
    by_steps("fifo-listen", parse_fifo_listen, "open a FIFO for a server"),
    by_turn<ForegroundTool>("foreground", "run a program and wait for it before the one that comes next"),
    by_steps("getuidgid", parse_getuidgid, "tell the process's own numbers", kTemporary),
    by_steps("hardlimit", parse_hardlimit, "set hard resource limits"),
    by_steps("line-banner", parse_line_banner, "print a line"),
    by_steps("local-datagram-socket-listen", parse_local_datagram_listen,
             "open a local datagram socket for a server"),
    by_steps("local-reaper", parse_local_reaper, "adopt orphans, or do not"),
    by_turn<LocalAcceptTool>("local-seqpacket-socket-accept", "run a program for each connection"),
    by_steps("local-seqpacket-socket-listen", parse_local_seqpacket_listen,
             "open a local sequential-packet socket for a server"),
    by_turn<LocalAcceptTool>("local-stream-socket-accept", "run a program for each connection"),
    by_steps("local-stream-socket-connect", parse_local_stream_connect, "connect to a local stream socket"),
    by_steps("local-stream-socket-listen", parse_local_stream_listen,
             "open a local stream socket for a server"),
    by_steps("machineenv", parse_machineenv, "tell which machine it is"),
    by_steps("make-private-fs", parse_make_private_fs, "have directories to oneself"),
    by_steps("make-read-only-fs", parse_make_read_only_fs, "keep directories from being written"),
    by_steps("move-to-control-group", parse_move_to_control_group, "join a control group"),
    by_steps("netlink-datagram-socket-listen", parse_netlink_listen, "open a netlink socket for a server"),
    by_turn<NoshTool>("nosh", "run a script"),
    by_steps("oom-kill-protect", parse_oom_kill_protect,
             "say how likely the process is ended where memory runs out"),
    by_turn<PauseTool>("pause", "wait for a signal"),
    by_turn<PipeTool>("pipe", "run two programs with a pipe between"),
    by_steps("prependpath", parse_prependpath, "add a directory to the beginning of a path variable"),
    by_turn<PrintenvTool>("printenv", "print variables"),
    by_turn<ReadConfTool>("read-conf", "set variables from a file"),
    by_turn<RecordioTool>("recordio", "show a program's input and output"),
    by_turn<SetControlGroupKnobTool>("set-control-group-knob", "set a limit of the control group"),
    by_steps("set-mount-object", parse_set_mount_object, "say how mounts spread"),
    by_steps("setenv", parse_setenv, "set a variable"),
    by_steps("setgid-fromenv", parse_setgid_fromenv, "become a group that variables name", kTemporary),
    by_steps("setlock", parse_setlock, "hold a lock"),
    by_steps("setlogin", parse_setlogin, "say in whose name the session is", kTemporary),
    by_steps("setpgrp", parse_setpgrp, "lead a process group"),
    by_steps("setsid", parse_setsid, "lead a session"),
    by_steps("setuidgid", parse_setuidgid, "become an account", kTemporary),
    by_steps("setuidgid-fromenv", parse_setuidgid_fromenv, "become a user and groups that variables name",
             kTemporary),
    by_steps("softlimit", parse_softlimit, "set soft resource limits"),
    by_turn<TcpAcceptTool>("tcp-socket-accept", "run a program for each connection"),
    by_steps("tcp-socket-connect", parse_tcp_connect, "connect to a TCP port"),
    by_steps("tcp-socket-listen", parse_tcp_listen, "open a TCP socket for a server"),
    by_turn<TcpserverTool>("tcpserver", "listen, and run a program for each connection"),
    by_turn<TimeEnvAddTool>("time-env-add", "add to a time in a variable"),
    by_turn<TimeEnvSetTool>("time-env-set", "set a variable to a time"),
    by_turn<TimeEnvSetIfEarlierTool>("time-env-set-if-earlier", "set a variable to an earlier time"),
    by_turn<TimeEnvUnsetIfLaterTool>("time-env-unset-if-later", "remove a variable where a time is later"),
    by_turn<TimePauseUntilTool>("time-pause-until", "wait until a time"),
    by_turn<TimePrintTool>("time-print-tai64n", "print a time"),
    by_turn<TrueTool>("true", "succeed"),
    by_turn<RulesCheckTool>("ucspi-socket-rules-check", "turn away connections that rules do not allow"),
    by_steps("udp-socket-connect", parse_udp_connect, "connect to a UDP port"),
    by_steps("udp-socket-listen", parse_udp_listen, "open a UDP socket for a server"),
    by_steps("ulimit", parse_ulimit, "set resource limits"),
    by_steps("umask", parse_umask, "set the file mode creation mask"),
    by_steps("unsetenv", parse_unsetenv, "remove a variable"),
    by_steps("unshare", parse_unshare, "leave namespaces"),
    by_steps("userenv", parse_userenv, "set the variables of a log-in for the process's user"),
    by_steps("userenv-fromenv", parse_userenv_fromenv, "set the variables of a log-in for the account UID"),
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

int chain_main(int argc, char** argv) {
  return run_chain_program(kTools, kVoice, argc, argv, {}, InOneProcess::Yes);
}

}  // namespace kindred::nosh
