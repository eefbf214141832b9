#include "tests/simulation/trouble.hpp"

namespace dubber::sim {

namespace {

constexpr std::array<std::string_view, trouble_count> names{
  "refused_connection",
  "outage",
  "no_answer",
  "last_moment",
  "answer_at_once",
  "slow",
  "too_many_requests",
  "unavailable",
  "server_error",
  "still_running",
  "bad_answer",
  "empty_audio",
  "scratch_full",
  "never_works",
  "silent_film",
  "odd_transcript",
  "no_such_job",
  "lies",
  "confused",
  "flapping",
  "slowing",
  "bad_url",
  "choking",
  "lost_artifact",
  "patch_lost",
  "patch_late",
  "patch_error",
  "row_deleted",
  "gateway_reset",
  "commit_fails",
  "commit_slow",
  "read_fails",
  "read_slow",
  "stage_dies",
  "job_dies",
  "process_dies",
  "orderly_stop",
  "few_places",
  "asked_twice",
  "wishes",
  "haste",
  "hands",
  "other_policy",
};

} // namespace

std::string_view to_string(trouble what) {
  return names[static_cast<std::size_t>(what)];
}

troubles::troubles(dice& from) {
  // From a quiet world to one where nearly everything happens.
  auto one_in = from.between(2, 6);
  for (auto& there : there_)
    there = from.one_in(one_in);
}

} // namespace dubber::sim
