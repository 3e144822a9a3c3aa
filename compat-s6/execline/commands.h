#pragma once
// execline's commands. Source: interfaces/execline.md.

#include "core/chain/interpreter.h"

namespace kindred::execline {

// script.cpp
ChainTurn execlineb(const ChainCall& call);

// substituting.cpp: what replaces variables in the words after it
ChainTurn define(const ChainCall& call);
ChainTurn importas(const ChainCall& call);
ChainTurn elglob(const ChainCall& call);
ChainTurn elgetpositionals(const ChainCall& call);
ChainTurn multidefine(const ChainCall& call);
ChainTurn multisubstitute(const ChainCall& call);

// environment_tools.cpp
ChainRequest parse_export(int argc, char** argv, const Environment& environment);
ChainRequest parse_unexport(int argc, char** argv, const Environment& environment);
ChainRequest parse_emptyenv(int argc, char** argv, const Environment& environment);
ChainTurn export_array(const ChainCall& call);
ChainTurn envfile(const ChainCall& call);
ChainTurn getcwd(const ChainCall& call);
ChainTurn getpid(const ChainCall& call);
ChainTurn withstdinas(const ChainCall& call);

// children.cpp: what starts a program and goes on
ChainTurn foreground(const ChainCall& call);
ChainTurn background(const ChainCall& call);
ChainTurn pipeline(const ChainCall& call);
ChainTurn backtick(const ChainCall& call);
ChainTurn heredoc(const ChainCall& call);

// wait.cpp, trap.cpp
ChainTurn wait(const ChainCall& call);
ChainTurn trap(const ChainCall& call);

// conditions.cpp
ChainTurn if_(const ChainCall& call);
ChainTurn ifelse(const ChainCall& call);
ChainTurn ifte(const ChainCall& call);
ChainTurn ifthenelse(const ChainCall& call);

// case.cpp, eltest.cpp
ChainTurn case_(const ChainCall& call);
ChainTurn eltest(const ChainCall& call);

// loops.cpp
ChainTurn forx(const ChainCall& call);
ChainTurn forstdin(const ChainCall& call);
ChainTurn forbacktickx(const ChainCall& call);
ChainTurn loopwhilex(const ChainCall& call);

// descriptors.cpp
ChainRequest parse_fdclose(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdmove(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdswap(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdblock(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdreserve(int argc, char** argv, const Environment& environment);
ChainRequest parse_piperw(int argc, char** argv, const Environment& environment);
ChainTurn redirfd(const ChainCall& call);

// arguments.cpp: the script's own
ChainTurn dollarat(const ChainCall& call);
ChainTurn elgetopt(const ChainCall& call);
ChainTurn shift(const ChainCall& call);
ChainTurn runblock(const ChainCall& call);

// process.cpp
ChainTurn exec(const ChainCall& call);
ChainTurn tryexec(const ChainCall& call);
ChainTurn exit(const ChainCall& call);
ChainTurn homeof(const ChainCall& call);
ChainRequest parse_cd(int argc, char** argv, const Environment& environment);
ChainRequest parse_umask(int argc, char** argv, const Environment& environment);

// posix.cpp
ChainTurn posix_cd(const ChainCall& call);
ChainTurn posix_umask(const ChainCall& call);

}  // namespace kindred::execline
