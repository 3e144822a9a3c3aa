// One table of scenarios for all families: what they share runs for each of them, and where they differ a
// line says for whom it is. Source of each line: interfaces/daemontools.md sections 4 and 5, runit.md sections
// 4 to 6, s6.md sections 6 and 7, perp.md sections 5 to 7, encore.md sections 4 and 5, nosh.md sections 5 and
// 6. The grammar of the steps stands in tests/core/scenario.h.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/scenario.h"

namespace kindred::test {
namespace {

constexpr Scenario kScenarios[] = {
    // --- throttle ---
    {"ARunThatDiesAtOnceIsStartedAgainASecondLater", "", R"(
        begin -> run
        = running up
        exit 1
        = waiting up
        timer 1s
        wait 999ms
        wait 1ms -> run
        no timer)"},
    {"ALongRunIsStartedAgainAtOnceButByS6", "", R"(
        begin -> run
        wait 5s
        @daemontools,runit,perp,encore exit 0 -> run
        @s6 exit 0
        @s6 timer 1s
        @s6 wait 1s -> run
        = running up)"},
    {"AShortRunWaitsForTheRestOfItsSecondOrForAWholeOne", "", R"(
        begin -> run
        wait 300ms
        exit 0
        @daemontools,perp,encore timer 700ms
        @runit,s6 timer 1s
        wait 600ms
        @daemontools,perp,encore wait 100ms -> run
        @runit,s6 wait 400ms -> run)"},
    {"DownWhileWaitingCancelsTheRestart", "", R"(
        begin -> run
        exit 1
        d
        = stopped down
        no timer
        wait 10s)"},
    {"DownThenUpWhileWaitingComesUp", "", R"(
        begin -> run
        exit 1
        wait 400ms
        d
        @daemontools,runit,perp,encore u
        @daemontools,runit,perp,encore timer 600ms
        @daemontools,runit,perp,encore wait 600ms -> run
        @s6 u -> run
        = running up)"},
    {"UpWhileWaitingKeepsTheThrottleButInS6", "", R"(
        begin -> run
        exit 1
        @daemontools,runit,perp,encore u
        @daemontools,runit,perp,encore timer 1s
        @daemontools,runit,perp,encore wait 1s -> run
        @s6 u -> run
        no timer)"},
    {"TheThrottleOutlivesADownCommand", "", R"(
        begin -> run
        d -> TERM CONT
        killed 15
        = stopped down
        @daemontools,runit,perp,encore u
        @daemontools,runit,perp,encore timer 1s
        @daemontools,runit,perp,encore wait 1s -> run
        @s6 u -> run)"},
    {"AQuickRunHeldUpByItsFinishStartsAtOnceInRunit", "runit", R"(
        finish stays
        begin -> run
        wait 300ms
        exit 1 -> finish
        wait 700ms
        exit 0 -> run
        wait 300ms
        exit 1 -> finish
        wait 699ms
        exit 0
        timer 1s)"},

    // --- up, down, once ---
    {"DownStopsTheProcessForGood", "", R"(
        begin -> run
        wait 5s
        d -> TERM CONT
        = running down term
        killed 15
        = stopped down
        wait 10s
        u -> run
        = running up)"},
    {"DownWithoutAProcessSendsNothing", "", R"(
        begin down
        = stopped down
        d
        = stopped down
        wait 10s)"},
    {"UpOnARunningServiceDoesNothing", "", R"(
        begin -> run
        u
        = running up)"},
    {"UpAfterDownRestartsTheDyingProcess", "", R"(
        begin -> run
        wait 5s
        d -> TERM CONT
        u
        = running up term
        @daemontools,runit,perp,encore killed 15 -> run
        @s6 killed 15
        @s6 wait 1s -> run)"},
    {"AServiceRunOnceIsNotRestarted", "", R"(
        begin down
        o -> run
        wait 5s
        exit 0
        @daemontools,encore = stopped once
        @runit,s6,perp = stopped down
        no timer
        wait 10s)"},
    {"OnceLetsTheLivingProcessBeTheLast", "", R"(
        begin -> run
        wait 5s
        o
        @daemontools,s6,perp,encore = running once
        @runit = running down
        exit 0
        is stopped
        wait 10s)"},
    {"OnceWhileWaitingStillRunsOnce", "", R"(
        begin -> run
        exit 1
        @daemontools,runit,perp,encore o
        @daemontools,runit,perp,encore wait 1s -> run
        @s6 o -> run
        wait 5s
        exit 1
        is stopped
        wait 10s)"},
    {"UpAfterOnceRestartsAgain", "", R"(
        begin down
        o -> run
        u
        exit 0
        wait 1s -> run)"},
    {"OnceAtMostAndNoRestartSendNothingAndStartNothing", "", R"(
        begin -> run
        wait 5s
        O
        is running
        exit 0
        is stopped
        O
        is stopped
        u -> run
        wait 5s
        _
        = running down
        exit 0
        = stopped down
        _
        wait 10s)"},
    {"OnceAtMostWhileWaitingCancelsTheRestart", "", R"(
        begin -> run
        exit 1
        O
        is stopped
        no timer
        wait 10s)"},
    {"NoRestartWhileWaitingCancelsTheRestart", "", R"(
        begin -> run
        exit 1
        _
        = stopped down
        no timer)"},
    {"AServiceThatIsBegunOnceRunsOnce", "", R"(
        begin once -> run
        = running once
        exit 0
        is stopped
        wait 10s)"},

    // --- pause and continue ---
    {"PauseStopsAndContinueResumes", "", R"(
        begin -> run
        p -> STOP
        = running up paused
        c -> CONT
        = running up)"},
    {"ThePausedMarkDoesNotOutliveTheProcess", "", R"(
        begin -> run
        p -> STOP
        killed 9
        = waiting up
        wait 1s -> run
        = running up)"},
    {"PauseWithoutAProcessDoesNothing", "", R"(
        begin down
        p
        = stopped down
        c
        = stopped down)"},
    {"DownWakesAPausedProcess", "", R"(
        begin -> run
        p -> STOP
        d -> TERM CONT
        @daemontools,s6,perp,encore = running down term
        killed 15
        = stopped down)"},

    // --- signals ---
    {"SignalsReachTheProcessAndLeaveTheWantAlone", "", R"(
        begin -> run
        hup -> HUP
        alrm -> ALRM
        int -> INT
        quit -> QUIT
        usr1 -> USR1
        usr2 -> USR2
        = running up)"},
    {"SignalsWithoutAProcessAreDropped", "", R"(
        begin down
        hup
        t
        k
        = stopped down)"},
    {"TerminateRestartsAServiceThatIsWantedUp", "", R"(
        begin -> run
        t -> TERM
        = running up term
        killed 15
        = waiting up
        wait 1s -> run
        = running up)"},
    {"TerminateAddsContToADownServiceInRunit", "runit", R"(
        begin -> run
        o
        t -> TERM CONT
        killed 15
        = stopped down)"},
    {"KillLeavesTheServiceUpUntilItIsReaped", "", R"(
        begin -> run
        wait 5s
        k -> KILL
        = running up
        @daemontools,runit,perp,encore killed 9 -> run
        @s6 killed 9
        @s6 wait 1s -> run)"},

    // --- exit ---
    {"ExitWhileDownLeavesAtOnce", "", R"(
        begin down
        @daemontools,runit,perp,encore x -> retire
        @s6 x -> drop-output retire
        u)"},
    {"ExitWhileWaitingLeavesAtOnce", "", R"(
        begin -> run
        exit 1
        @daemontools,runit,perp,encore x -> retire
        @s6 x -> drop-output retire
        wait 10s)"},
    {"ExitWhileUpLeavesWhenTheProcessHasEnded", "", R"(
        begin -> run
        wait 5s
        @daemontools,perp,encore x
        @s6 x -> drop-output
        @daemontools,s6,perp,encore = running up exiting
        @runit x -> TERM CONT
        @runit = running down exiting term
        exit 0 -> retire
        wait 10s)"},
    {"ExitThenUpOnAServiceThatIsUp", "", R"(
        begin -> run
        wait 5s
        @daemontools,perp,encore x
        @s6 x -> drop-output
        @runit x -> TERM CONT
        u
        @daemontools,s6,perp,encore exit 0 -> retire
        @runit = running up term
        @runit exit 0 -> run)"},
    {"UpThenExitOnAServiceThatIsDown", "", R"(
        begin down
        u -> run
        @daemontools,perp,encore x
        @s6 x -> drop-output
        @runit x -> TERM CONT
        killed 15 -> retire)"},
    {"DownThenExit", "", R"(
        begin -> run
        d -> TERM CONT
        @daemontools,perp,encore x
        @s6 x -> drop-output
        @runit x -> TERM CONT
        = running down exiting term
        killed 15 -> retire)"},
    {"OnceThenExit", "", R"(
        begin down
        o -> run
        @daemontools,perp,encore x
        @s6 x -> drop-output
        @runit x -> TERM CONT
        exit 0 -> retire)"},
    {"QuitLeavesTheProcessBe", "", R"(
        begin -> run
        Q -> retire
        wait 10s)"},
    {"TermToTheSupervisorStopsTheServiceAndLeaves", "", R"(
        begin -> run
        @daemontools,runit,perp,encore term -> TERM CONT
        @s6 term -> drop-output TERM CONT
        = running down exiting term
        killed 15 -> retire)"},
    {"TermToTheSupervisorOfAServiceThatIsDownLeavesAtOnce", "", R"(
        begin down
        @daemontools,runit,perp,encore term -> retire
        @s6 term -> drop-output retire)"},
    {"TermToTheSupervisorWhileWaitingLeavesAtOnce", "", R"(
        begin -> run
        exit 1
        @daemontools,runit,perp,encore term -> retire
        @s6 term -> drop-output retire)"},

    // --- finish ---
    {"FinishFollowsEveryRun", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 5s
        exit 1 -> finish
        = finishing up
        wait 2s
        @runit,perp exit 0 -> run
        @s6 exit 0
        @s6 wait 1s -> run
        d -> TERM CONT
        killed 15 -> finish
        = finishing down
        exit 3
        = stopped down)"},
    {"AFamilyWithoutFinishNeverRunsIt", "daemontools", R"(
        finish stays
        begin -> run
        wait 5s
        exit 1 -> run)"},
    {"AMissingFinishIsNoFinish", "runit,s6", R"(
        begin -> run
        wait 5s
        d -> TERM CONT
        killed 15
        = stopped down)"},
    {"DownDuringFinishLetsItEnd", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        @runit,s6 d
        @perp d -> finishing:CONT
        = finishing down
        exit 0
        = stopped down
        wait 10s)"},
    {"DownThenUpDuringFinishComesUp", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        @runit,s6 d
        @perp d -> finishing:CONT
        u
        = finishing up
        @runit,perp exit 0 -> run
        @s6 exit 0
        @s6 wait 1s -> run)"},
    {"SignalsDoNotReachFinish", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        t
        hup
        p
        = finishing up
        @runit,s6 k
        @runit,s6 c
        @perp k -> finishing:KILL
        @perp c -> finishing:CONT
        = finishing up)"},
    {"AResetThatIsKilledHasEnded", "perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        k -> finishing:KILL
        killed 9 -> run)"},
    {"ExitDuringFinishLeavesAfterIt", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        @runit,perp x
        @s6 x -> drop-output
        exit 0 -> retire)"},
    {"TermToTheSupervisorDuringFinishLeavesAfterIt", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        @runit term
        @s6 term -> drop-output
        @perp term -> finishing:CONT
        exit 0 -> retire)"},
    {"OnceDuringFinish", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        o
        exit 0
        = stopped down
        wait 10s)"},
    {"AFinishThatCannotBeForkedIsDoneWithout", "runit,s6,perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        d -> TERM CONT
        fork fails
        killed 15 -> no-finish
        = stopped down
        no timer)"},
    {"AFinishBeyondItsLimitIsKilledAgainAndAgain", "s6,runit", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        @s6 timer 5s
        @s6 wait 5s -> finishing:CONT finishing:KILL
        @runit timer 300s
        @runit wait 300s -> finishing:CONT finishing:KILL
        timer 5s
        wait 5s -> finishing:CONT finishing:KILL
        @s6 killed 9
        @runit killed 9 -> run
        )"},
    {"AResetHasNoLimit", "perp", R"(
        finish stays
        begin -> run
        wait 1500ms
        exit 1 -> finish
        no timer)"},

    // --- s6: readiness, events, down files ---
    {"TheRestartDelayCountsFromReadiness", "s6", R"(
        begin -> run
        ready
        = running up ready
        wait 300ms
        exit 1
        = waiting up
        timer 700ms
        wait 700ms -> run
        ready
        wait 5s
        exit 1 -> run
        wait 5s
        exit 1
        timer 1s)"},
    {"ReadinessIsToldOnceAndOnlyWhileRunning", "s6", R"(
        tell notices
        begin -> 's run 'u
        ready -> 'U
        ready
        exit 1 -> 'd 'D
        ready
        = waiting up)"},
    {"EventsFollowTheStatus", "s6", R"(
        tell notices
        tell status
        finish stays
        begin -> status:stopped 's run status:running 'u
        ready -> status:running 'U
        wait 5s
        d -> TERM CONT status:running
        killed 15 -> finish status:finishing 'd
        exit 0 -> status:stopped 'D
        x -> drop-output 'x retire)"},
    {"EventsFollowTheStatusWithoutFinish", "s6", R"(
        tell notices
        tell status
        begin -> status:stopped 's run status:running 'u
        wait 5s
        exit 0 -> status:waiting 'd 'D)"},
    {"AFinishThatExits125IsTheEnd", "s6", R"(
        tell notices
        tell status
        finish stays
        begin -> status:stopped 's run status:running 'u
        wait 5s
        exit 1 -> finish status:finishing 'd
        exit 125 -> status:stopped 'O 'D
        = stopped down
        wait 10s)"},
    {"TheEndIsToldOnce", "s6", R"(
        finish stays
        begin -> run
        wait 5s
        exit 1 -> finish
        exit 125
        u -> run
        wait 5s
        exit 1 -> finish
        tell notices
        exit 0 -> 'D)"},
    {"AnyOtherEndOfFinishIsIgnored", "s6,runit", R"(
        finish stays
        begin -> run
        wait 5s
        exit 1 -> finish
        @runit exit 125 -> run
        @s6 exit 126
        @s6 wait 1s -> run
        wait 5s
        exit 1 -> finish
        @runit killed 11 -> run
        @s6 killed 11
        @s6 wait 1s -> run)"},

    // --- custom control scripts ---
    {"ACustomScriptTakesTheSignalsPlace", "runit", R"(
        control t
        begin -> run
        wait 5s
        t -> control/t
        = running up
        custom exit 0
        = running up
        t -> control/t
        custom exit 1 -> TERM
        = running up term)"},
    {"ACustomScriptThatIsKilledHasNotSucceeded", "runit", R"(
        control h
        begin -> run
        hup -> control/h
        custom killed 15 -> HUP
        hup -> control/h
        custom lost -> HUP)"},
    {"EachLetterAsksItsOwnScript", "runit", R"(
        control pchaiq12k
        begin -> run
        p -> control/p
        custom exit 0
        = running up paused
        c -> control/c
        custom exit 0
        = running up
        alrm -> control/a
        custom exit 0
        int -> control/i
        custom exit 0
        quit -> control/q
        custom exit 0
        usr1 -> control/1
        custom exit 0
        usr2 -> control/2
        custom exit 0
        k -> control/k
        custom exit 1 -> KILL)"},
    {"DownAsksForTermThenTellsDown", "runit", R"(
        control td
        begin -> run
        wait 5s
        d -> control/t
        = running down
        custom exit 1 -> TERM CONT control/d
        custom exit 0
        = running down term
        killed 15
        = stopped down)"},
    {"DownSendsContEvenIfTheScriptTookOver", "runit", R"(
        control td
        begin -> run
        wait 5s
        d -> control/t
        custom exit 0 -> CONT control/d
        custom exit 1
        = running down)"},
    {"ExitAsksForTermThenTellsExit", "runit", R"(
        control tdx
        begin -> run
        wait 5s
        x -> control/t
        custom exit 1 -> TERM CONT control/x
        killed 15
        custom exit 0 -> retire)"},
    {"CommandsWaitForTheCustomScript", "runit", R"(
        control t
        begin -> run
        wait 5s
        t -> control/t
        hup
        d
        = running up
        custom exit 0 -> HUP control/t
        custom exit 0 -> CONT
        = running down)"},
    {"AProcessThatDiesUnderTheCustomScriptIsNotSignalled", "runit", R"(
        control t
        begin -> run
        wait 5s
        t -> control/t
        killed 15
        = waiting up
        timer 60s
        custom exit 1 -> run
        = running up)"},
    {"DownIsToldEvenIfTheProcessDiedMeanwhile", "runit", R"(
        control td
        begin -> run
        wait 5s
        d -> control/t
        killed 15
        = stopped down
        custom exit 0 -> control/d
        custom exit 0
        = stopped down)"},
    {"AServiceThatExitsWaitsForItsCustomScripts", "runit", R"(
        control tx
        begin -> run
        wait 5s
        x -> control/t
        killed 15
        = stopped down exiting
        custom exit 0 -> control/x
        custom exit 0 -> retire)"},
    {"ARestartIsHeldUntilTheCustomScriptHasEnded", "runit", R"(
        control tu
        begin -> control/u
        = waiting up
        custom exit 1 -> run
        t -> control/t
        exit 0
        = waiting up
        timer 1s
        wait 2s
        = waiting up
        custom exit 0 -> control/u
        custom exit 0 -> run
        = running up)"},
    {"EveryStartAsksU", "runit", R"(
        control u
        begin -> control/u
        d
        = waiting up
        custom exit 0 -> run TERM CONT
        killed 15
        = stopped down
        o
        wait 1s -> control/u
        custom exit 7 -> run
        exit 0
        = stopped down)"},
    {"ACustomScriptBeyondItsLimitIsKilled", "runit", R"(
        control t
        begin -> run
        t -> control/t
        timer 60s
        wait 60s -> control:KILL
        timer 5s
        wait 5s -> control:KILL
        custom killed 9 -> TERM
        no timer)"},
    {"AnUpDuringARetryHeldByTheScriptStartsOneProcess", "runit", R"(
        fork fails
        begin -> no-run
        timer 5s
        control u
        fork works
        u -> control/u
        timer 60s
        wait 30s
        custom exit 0 -> run
        wait 10s
        = running up)"},

    // --- main and log ---
    {"TheLogStartsBeforeItsMain", "runit,perp,encore", R"(
        begin log -> log:run run
        log = running up)"},
    {"ExitClosesThePipeAndWaitsForTheLog", "runit,perp", R"(
        begin log -> log:run run
        wait 5s
        @runit x -> TERM CONT
        @perp x
        @runit killed 15 -> close-pipe
        @perp killed 15 -> close-pipe log:TERM log:CONT
        u
        wait 5s
        log exit 0 -> retire)"},
    {"ALogThatDiesAsItsMainLeavesIsNotRestarted", "runit,perp,encore", R"(
        begin log -> log:run run
        term -> TERM CONT
        @runit killed 15 -> close-pipe
        @perp killed 15 -> close-pipe log:TERM log:CONT
        @encore killed 15 -> log:TERM log:CONT
        log killed 11 -> retire
        wait 10s)"},
    {"NoCommandRestartsALogWhoseMainHasLeft", "runit,perp,encore", R"(
        begin log -> log:run run
        term -> TERM CONT
        @runit killed 15 -> close-pipe
        @perp killed 15 -> close-pipe log:TERM log:CONT
        @encore killed 15 -> log:TERM log:CONT
        log u
        log o
        log exit 0 -> retire)"},
    {"ALogWithoutAProcessIsNotWaitedFor", "runit,perp,encore", R"(
        begin log -> log:run run
        log d -> log:TERM log:CONT
        log killed 15
        log = stopped down
        wait 5s
        term -> TERM CONT
        @runit,perp killed 15 -> close-pipe retire
        @encore killed 15 -> retire)"},
    {"ALogThatWaitsForItsThrottleIsNotWaitedFor", "runit,perp", R"(
        begin log -> log:run run
        log exit 1
        log = waiting up
        term -> TERM CONT
        killed 15 -> close-pipe retire
        wait 10s)"},
    {"ALogThatWaitsIsShownAtRestOnce", "runit", R"(
        begin log -> log:run run
        log exit 1
        x -> TERM CONT
        tell status
        killed 15 -> status:stopped close-pipe log:status:stopped retire)"},
    {"TheLogHasAThrottleOfItsOwn", "runit,perp,encore", R"(
        begin log -> log:run run
        wait 400ms
        log exit 1
        log = waiting up
        = running up
        @runit timer 1s
        @perp,encore timer 600ms
        wait 300ms
        exit 0
        @runit wait 700ms -> log:run
        @perp,encore wait 300ms -> run log:run
        @runit wait 300ms -> run)"},
    {"ExitIsIgnoredOnTheLog", "runit,perp,encore", R"(
        begin log -> log:run run
        log x
        log Q
        log = running up
        = running up)"},
    {"CommandsForTheLogLeaveItsMainAlone", "runit,perp,encore", R"(
        begin log -> log:run run
        log hup -> log:HUP
        log p -> log:STOP
        log c -> log:CONT
        log d -> log:TERM log:CONT
        log killed 15
        = running up
        wait 5s
        log u -> log:run
        d -> TERM CONT
        killed 15
        = stopped down
        log = running up)"},
    {"MainDownLeavesTheLogRunning", "runit,perp,encore", R"(
        begin log -> log:run run
        d -> TERM CONT
        killed 15
        wait 5s
        log exit 0 -> log:run)"},
    {"ExitWithALogOnAServiceThatIsDown", "runit,perp,encore", R"(
        begin log -> log:run run
        d -> TERM CONT
        killed 15
        @runit x -> close-pipe
        @perp x -> close-pipe log:TERM log:CONT
        @encore x -> log:TERM log:CONT
        log exit 0 -> retire)"},
    {"QuitLeavesMainAndLogBe", "runit,perp,encore", R"(
        begin log -> log:run run
        Q -> retire)"},
    {"AResetOfTheLogIsNotTerminated", "perp", R"(
        finish stays
        begin log -> log:run run
        wait 5s
        log exit 1 -> log:finish
        term -> TERM CONT
        killed 15 -> finish
        exit 0 -> close-pipe log:finishing:CONT
        log exit 0 -> retire)"},
    {"TheLogIsResetBeforeTheGroupLeaves", "perp", R"(
        finish stays
        begin log -> log:run run
        log p -> log:STOP
        term -> TERM CONT
        killed 15 -> finish
        exit 0 -> close-pipe log:TERM log:CONT
        log = running up exiting term
        log killed 15 -> log:finish
        log exit 0 -> retire)"},

    // --- failing starts, adopted processes ---
    {"AFailedForkIsTriedAgain", "", R"(
        fork fails
        begin -> no-run
        = waiting up
        @daemontools,runit,perp,encore timer 5s
        @daemontools,runit,perp,encore wait 5s -> no-run
        @s6 timer 10s
        @s6 wait 10s -> no-run
        fork works
        u -> run
        = running up
        no timer)"},
    {"DownEndsTheTries", "", R"(
        fork fails
        begin -> no-run
        d
        = stopped down
        no timer
        fork works
        wait 100s)"},
    {"ExitEndsTheTries", "", R"(
        fork fails
        begin -> no-run
        @daemontools,runit,perp,encore x -> retire
        @s6 x -> drop-output retire)"},
    {"AnAdoptedProcessIsOurs", "", R"(
        adopt
        = running up
        hup -> HUP
        p -> STOP
        = running up paused
        d -> TERM CONT
        lost
        = stopped down)"},
    {"AnAdoptedProcessIsRestartedThoughNobodyKnowsHowItEnded", "", R"(
        adopt
        wait 5s
        @daemontools,runit,perp,encore lost -> run
        @s6 lost
        @s6 wait 1s -> run
        = running up)"},

    // --- start and stop scripts ---
    {"StartPrecedesTheFirstRunAndTheFirstAfterDown", "encore", R"(
        with start
        begin -> start
        = starting up
        exit 0 -> run
        wait 5s
        exit 1 -> run
        d -> TERM CONT
        killed 15
        = stopped down
        u
        wait 1s -> start
        exit 0 -> run
        = running up)"},
    {"AFailingStartIsTheEnd", "encore", R"(
        with start
        with stop
        begin -> start
        exit 1
        = failed down
        wait 10s
        u -> start
        killed 11
        = failed down)"},
    {"AStartThatFailsForOnceStaysOnce", "encore", R"(
        with start
        begin once -> start
        exit 1
        = failed once)"},
    {"TheFailingCodeOfAnyScriptIsTheEnd", "encore", R"(
        with stop
        finish stays
        begin -> run
        ready
        wait 5s
        exit 100
        = failed down
        wait 5s
        u -> run
        d -> TERM CONT
        killed 15 -> stop
        = stopping down
        exit 100
        = failed down)"},
    {"AFailureIsToldAsAnEnd", "encore", R"(
        tell notices
        begin -> 's run 'u
        exit 100 -> 'd 'D)"},
    {"ExitLeavesAFailedService", "encore", R"(
        with start
        begin log -> log:run start
        exit 1
        = failed down
        x -> log:TERM log:CONT
        log exit 0 -> retire)"},
    {"StopRunsOnceTheServiceIsDown", "encore", R"(
        with stop
        finish stays
        begin -> run
        wait 5s
        d -> TERM CONT
        killed 15 -> stop
        = stopping down
        exit 0
        = stopped down
        d
        = stopped down
        u -> run
        wait 5s
        o
        exit 0 -> stop
        exit 0
        = stopped once)"},
    {"DownDuringStopRunsItAgain", "encore", R"(
        with stop
        finish stays
        begin -> run
        wait 5s
        d -> TERM CONT
        killed 15 -> stop
        d -> stopping:TERM stopping:CONT
        killed 15 -> stop
        exit 0
        = stopped down)"},
    {"AMissingStopIsOwedNoMore", "encore", R"(
        begin down
        tell status
        d -> status:stopping status:stopped
        d -> status:stopped)"},
    {"UpDuringStopRunsWithoutStart", "encore", R"(
        with start
        with stop
        finish stays
        begin -> start
        exit 0 -> run
        wait 5s
        d -> TERM CONT
        killed 15 -> stop
        u
        = stopping up
        exit 0 -> run)"},
    {"DownOnAServiceThatNeverRanStillStopsIt", "encore", R"(
        with stop
        finish stays
        begin down
        d -> stop
        exit 0
        = stopped down
        d)"},
    {"DownDuringStartStopsTheService", "encore", R"(
        with start
        with stop
        finish stays
        begin -> start
        d -> starting:TERM starting:CONT
        killed 15 -> stop
        exit 0
        = stopped down)"},
    {"DownThenUpDuringStartRunsWhateverStartSays", "encore", R"(
        with start
        with stop
        finish stays
        begin -> start
        d -> starting:TERM starting:CONT
        u
        killed 15 -> run
        = running up)"},
    {"OnceDuringStartStillRuns", "encore", R"(
        with start
        begin -> start
        o
        exit 0 -> run
        = running once)"},
    {"ExitDuringStartLeavesWithoutRun", "encore", R"(
        with start
        begin -> start
        x
        exit 0 -> retire)"},
    {"AStartUnderExitOwesNoStop", "encore", R"(
        with start
        with stop
        begin -> start
        x
        exit 0 -> retire)"},
    {"ARunUnderExitOwesItsStop", "encore", R"(
        with stop
        finish stays
        begin -> run
        x
        exit 0 -> stop
        exit 0 -> retire)"},
    {"AServiceWithoutRunIsStarted", "encore", R"(
        without run
        with start
        with stop
        finish stays
        begin -> start
        exit 0
        = started up
        no timer
        d -> stop
        exit 0
        = stopped down
        u
        wait 1s -> start
        exit 0
        = started up
        _
        is stopped)"},
    {"ExitLeavesAServiceWithoutRun", "encore", R"(
        without run
        begin
        = started up
        x -> retire)"},
    {"AStopThatCannotBeForkedIsDoneWithout", "encore", R"(
        with stop
        begin -> run
        wait 5s
        d -> TERM CONT
        fork fails
        killed 15 -> no-stop
        = stopped down)"},
    {"TheLogIsToldToEndByTermAlone", "encore", R"(
        begin log -> log:run run
        term -> TERM CONT
        killed 15 -> log:TERM log:CONT
        log exit 100 -> retire)"},
    {"AFailedLogLeavesItsMainAlone", "encore", R"(
        begin log -> log:run run
        log exit 100
        log = failed down
        = running up
        term -> TERM CONT
        killed 15 -> retire)"},

    // --- finish as judge ---
    {"AFailingJudgeStopsTheService", "asked,nosh", R"(
        finish stays
        with start
        with stop
        begin -> start
        exit 9 -> run
        wait 5s
        exit 0 -> finish
        exit 0 -> run
        wait 5s
        exit 0 -> finish
        exit 1 -> stop
        exit 0
        = stopped down
        u -> start)"},
    {"AScriptThatIsToldTakesNothingsPlace", "asked", R"(
        control d
        begin -> run
        d -> TERM control/d
        custom exit 0 -> CONT
        killed 15
        = stopped down)"},
    {"StartPrecedesEveryRunFromRest", "asked,nosh", R"(
        with start
        begin once -> start
        exit 0 -> run
        wait 5s
        exit 0
        = stopped once
        o -> start
        exit 0 -> run)"},
    {"WithoutAJudgeTheRunJudges", "nosh", R"(
        begin -> run
        wait 5s
        exit 0 -> run
        wait 5s
        exit 1
        = stopped down
        u -> run
        wait 5s
        killed 9
        = stopped down)"},
    {"EachScriptHasItsTurn", "nosh", R"(
        finish stays
        with start
        with stop
        begin down
        = stopped down
        d
        = stopped down
        u -> start
        = starting up
        exit 7 -> run
        = running up
        wait 5s
        d -> TERM CONT
        = running down term
        killed 15 -> finish
        = finishing down
        exit 0 -> stop
        = stopping down
        exit 0
        = stopped down)"},
    {"DownReachesWhicheverScriptRuns", "nosh", R"(
        finish stays
        with start
        with stop
        begin -> start
        d -> starting:TERM starting:CONT
        killed 15 -> stop
        d -> stopping:TERM stopping:CONT
        killed 15
        = stopped down
        u -> start
        exit 0 -> run
        wait 5s
        exit 0 -> finish
        d -> finishing:TERM finishing:CONT
        killed 15 -> stop
        exit 0
        = stopped down)"},
    {"UpDuringStopStartsAnew", "nosh", R"(
        finish stays
        with start
        with stop
        begin -> start
        exit 0 -> run
        wait 5s
        d -> TERM CONT
        killed 15 -> finish
        exit 0 -> stop
        u
        = stopping up
        exit 0 -> start
        exit 0 -> run)"},
    {"ExitWaitsForRestAndStopsNoRestart", "nosh", R"(
        finish stays
        with stop
        begin -> run
        x
        = running up exiting
        wait 5s
        exit 0 -> finish
        exit 0 -> run
        exit 0 -> finish
        exit 0
        = waiting up exiting
        wait 5s -> run
        u
        d -> TERM CONT
        killed 15 -> finish
        exit 0 -> stop
        u
        exit 0 -> run
        wait 5s
        d -> TERM CONT
        killed 15 -> finish
        exit 0 -> stop
        exit 0 -> retire)"},
    {"TermToTheManagerBringsDownAndLeaves", "nosh", R"(
        finish stays
        with stop
        begin -> run
        term -> TERM CONT
        = running down exiting term
        killed 15 -> finish
        exit 0 -> stop
        exit 0 -> retire)"},
    {"WhatWasNeverStartedIsNotStopped", "nosh", R"(
        with stop
        finish stays
        begin down
        d
        _
        O
        = stopped once
        term -> retire)"},
    {"ARunThatDiesAtOnceIsStartedAgainASecondLaterOrAtACommand", "nosh", R"(
        finish stays
        with stop
        begin -> run
        exit 0 -> finish
        exit 0
        = waiting up
        timer 1s
        wait 1s -> run
        exit 0 -> finish
        exit 0
        u -> run
        exit 0 -> finish
        exit 0
        d -> stop
        = stopping down
        exit 0
        = stopped down)"},
    {"OnEmptyAServiceStaysUpUntilItIsWantedDown", "nosh", R"(
        finish stays
        with start
        with stop
        begin down
        remains
        u -> start
        exit 0 -> run
        exit 0
        = started up
        no timer
        u
        hup
        x
        = started up exiting
        o
        = started once exiting
        O
        d -> finish
        = finishing down exiting
        exit 0 -> stop
        exit 0 -> retire)"},
    {"OnEmptyADownedRunIsJudged", "nosh", R"(
        finish stays
        with stop
        begin -> run
        remains
        d -> TERM CONT
        killed 15 -> finish
        exit 0 -> stop
        exit 0
        = stopped down
        u -> run
        _
        exit 0 -> finish
        exit 0 -> stop
        exit 0)"},
    {"FinishIsNotSignalledInPlaceOfItsRun", "asked", R"(
        finish stays
        control t
        begin -> run
        wait 5s
        d -> control/t
        killed 15 -> finish
        custom exit 1
        = finishing down
        timer 3s)"},
    {"AStartThatIsHeldIsCancelledByDown", "asked", R"(
        control t
        begin -> run
        wait 5s
        _ -> control/t
        exit 0
        = waiting up
        custom exit 1
        = stopped down
        no timer
        wait 10s)"},
    {"AnArmedKillComesWhateverElseIsSaid", "asked", R"(
        begin -> run
        d -> TERM CONT
        timer 7s
        wait 3s
        d -> TERM CONT
        timer 7s
        u
        wait 7s -> CONT KILL
        timer 5s
        killed 9 -> run)"},
};

std::vector<std::pair<const Scenario*, const Family*>> rows() {
  std::vector<std::pair<const Scenario*, const Family*>> all;
  for (const Scenario& scenario : kScenarios)
    for (const Family* family : kAllFamilies) {
      const bool real =
          std::find(std::begin(kRealFamilies), std::end(kRealFamilies), family) != std::end(kRealFamilies);
      if (*scenario.families == 0 ? real : names_family(scenario.families, family->name))
        all.emplace_back(&scenario, family);
    }
  return all;
}

class MachineScenario : public testing::TestWithParam<std::pair<const Scenario*, const Family*>> {};

TEST_P(MachineScenario, GoesAsWritten) {
  const auto& [scenario, family] = GetParam();
  EXPECT_EQ(ScenarioPlayer(*scenario, *family).play(), "");
}

INSTANTIATE_TEST_SUITE_P(Table, MachineScenario, testing::ValuesIn(rows()), [](const auto& row) {
  return std::string(row.param.first->name) + "_" + row.param.second->name;
});

}  // namespace
}  // namespace kindred::test
