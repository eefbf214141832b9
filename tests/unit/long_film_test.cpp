/// ARCHITECTURE 4: what a film of 3,000 segments may cost the journal.
#include "journal/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;

namespace {

/// As long as what neighbours answer: a sentence, a stored file's hash.
work_result long_answer(const work_order& order, const test::dub_shape& shape) {
  auto out = test::sample_answer(order, shape);
  const std::string words
    = " and then they went down to the river, as they did in those days";
  const auto hash = std::string(64, 'b');
  if (auto x = std::get_if<transcript>(&out))
    for (auto& segment : x->segments)
      segment.text += words;
  if (auto x = std::get_if<translated>(&out))
    x->text += words;
  if (auto x = std::get_if<spoken>(&out))
    x->audio = {"artifacts/" + hash, hash, 480'044};
  return out;
}

} // namespace

TEST_CASE(
  "a film of 3,000 segments: at most 7,000 events and 5 MB, and it folds "
  "to where it was") {
  test::dub_shape shape{12, 3'000, "hi"};
  test::job_play play{shape};
  play.accept();
  for (auto next = play.next(); !next.empty(); next = play.next())
    for (auto& work : next)
      play.feed(in::item_done{
        work, 1, long_answer(*make_order(play.state, work), shape)});
  CHECK(play.state.owed);
  CHECK(play.history.size() <= 7'000);
  std::size_t bytes = 0;
  for (auto& fact : play.history)
    bytes += encode(fact.body).size();
  CHECK(bytes <= 5'000'000);
  CHECK(test::fold(play.history) == play.state);
}
