// Any bytes as a status record of any family: reading does no harm, and what was read can be written and read
// again.

#include <cstdio>
#include <cstdlib>

#include "compat-daemontools/status.h"
#include "compat-encore/status.h"
#include "compat-nosh/status.h"
#include "compat-runit/status.h"
#include "compat-s6/death_tally.h"
#include "compat-s6/status.h"

namespace kindred {
namespace {

const StatusCodec* const kCodecs[] = {&daemontools::kStatusCodec, &encore::kStatusCodec, &nosh::kStatusCodec,
                                      &runit::kStatusCodec, &s6::kStatusCodec};

struct Written {
  std::uint8_t bytes[kMaxStatusFile];
  std::size_t size = 0;
  [[nodiscard]] ByteView view() const { return {bytes, size}; }
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

Written record_of(const StatusCodec& codec, const GroupSnapshot& snapshot) {
  Written record;
  for (const StatusFile& file : codec.files) {
    Written written;
    for (Role role : {Role::Log, Role::Main}) {
      written.size = file.encode(snapshot, role, written.bytes);
      if (written.size > sizeof written.bytes) fail("a file longer than any file is");
    }
    if (std::string_view(file.name) == codec.record) record = written;
  }
  return record;
}

void read(const StatusCodec& codec, ByteView input) {
  const std::optional<DecodedStatus> status = codec.decode(input);
  if (!status) return;
  // What the bytes told may be more than the family writes itself; once written it is the same for ever.
  const Written once = record_of(codec, status->snapshot);
  const std::optional<DecodedStatus> again = codec.decode(once.view());
  if (!again) fail("a record that its own decoder refuses");
  const Written twice = record_of(codec, again->snapshot);
  if (!std::equal(once.view().begin(), once.view().end(), twice.view().begin(), twice.view().end()))
    fail("a record that changes when it is read and written");
}

/// Likewise, record by record, for s6's death tally.
void read_tally(ByteView input) {
  for (std::size_t i = 0; i < s6::count_deaths(input); ++i) {
    std::uint8_t once[s6::kDeathSize], twice[s6::kDeathSize];
    s6::put_death(once, 0, s6::get_death(input, i * s6::kDeathSize));
    s6::put_death(twice, 0, s6::get_death(once, 0));
    if (!std::equal(std::begin(once), std::end(once), twice)) fail("a death that changes when it is read");
  }
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const kindred::StatusCodec* codec : kindred::kCodecs) kindred::read(*codec, {data, size});
  kindred::read_tally({data, size});
  return 0;
}
