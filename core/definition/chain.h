#pragma once
// Chains of tools and steps, in both directions. A family adds its tools; what they cannot say is said by those of
// coreutils and util-linux, which run below every family: env, nice, setsid, flock, prlimit, chroot, sh -c.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/chain/tool.h"
#include "core/definition/service_definition.h"

namespace kindred {

struct Chain {
  std::vector<definition::Step> steps;
  std::vector<std::string> program;
  friend bool operator==(const Chain&, const Chain&) = default;
};

/// What a family's reader takes from the front of a chain that its table of tools does not say. Returns how many words.
using ChainIdiom = std::size_t (*)(std::span<const std::string> words, std::vector<definition::Step>& steps);

/// The steps of all tools at the front that are plain; the first that is not begins the program, since whatever it is it
/// can be run as it is. `idiom` may be null.
[[nodiscard]] Chain read_chain(std::vector<std::string> words, std::span<const ChainTool> tools,
                               ChainIdiom idiom = nullptr);

/// Puts as many steps as one tool can say into its words, at the end of `words`. Returns how many; 0: the family's tools
/// cannot say the first one.
using ChainWriter = std::size_t (*)(std::span<const definition::Step> steps, std::vector<std::string>& words);

/// The words of the whole chain. What nobody can say is told to `lost`, and left out.
[[nodiscard]] std::vector<std::string> write_chain(std::span<const definition::Step> steps,
                                                   const std::vector<std::string>& program,
                                                   ChainWriter writer,
                                                   const std::function<void(const definition::Step&)>& lost);

/// Limits that stand together stand in the order of their letters, of two of one kind the last.
void put_limits_in_order(std::vector<definition::Step>& steps);

/// The step in a few words, for losses: "become web:www".
[[nodiscard]] std::string describe(const definition::Step& step);
/// "web:www:adm", as chpst and others have it.
[[nodiscard]] std::string account_text(const definition::Account& account);

}  // namespace kindred
