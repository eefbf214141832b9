#pragma once

#include "journal/journal.hpp"
#include "tests/support/job_play.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

/// A journal of unfinished jobs, as a platform in the middle of its day has
/// them: made by the job's own decisions, through the journal's interface.
namespace dubber::bench {

/// Where a job stands.
struct share {
  int percent;
  const char* stage; ///< it waits at its gate
  job_status status = job_status::running;
};

inline const std::vector<share>& shares() {
  static const std::vector<share> all{
    {10, "fetch"},
    {15, "extract"},
    {40, "asr"},
    {14, "translate"},
    {14, "tts"},
    {3, "merge"},
    {2, "asr", job_status::paused},
    {2, "tts", job_status::parked},
  };
  return all;
}

inline constexpr std::uint32_t most_segments = 20;

/// A short film: a minute or two.
inline std::uint32_t segments_of(std::uint64_t n) {
  return static_cast<std::uint32_t>(4 + n * 7'919 % (most_segments - 3));
}

/// Jobs of one film share what they have stored: 1 is its sound, from 2 on its
/// lines.
inline artifact stored(std::uint64_t what) {
  char hash[65];
  std::snprintf(hash, sizeof hash, "%016llx%048d",
                static_cast<unsigned long long>(what * 0xbf58476d1ce4e5b9), 7);
  return {"artifacts/" + std::string{hash}, hash, 480'044};
}

/// All that the jobs' histories name.
inline void fill_store(const std::filesystem::path& store) {
  std::filesystem::create_directories(store / "artifacts");
  std::ofstream{store / "film.mp4"} << "a film";
  for (std::uint64_t what = 1; what < 2 + most_segments; ++what)
    std::ofstream{store / stored(what).key} << "a sound";
}

/// An answer as long as a neighbour's.
inline work_result long_answer(const work_order& order,
                               const test::dub_shape& shape) {
  auto out = test::sample_answer(order, shape);
  const std::string words
    = " and then they went down to the river, as they did in those days";
  if (auto x = std::get_if<fetched>(&out)) {
    x->source_object_key = "film.mp4";
    x->gateway_json
      = R"({"id":)" + std::to_string(order.job_id)
        + R"(,"sourceObjectKey":"film.mp4","outputObjectKey":null,)"
          R"("targetLanguage":"hi","optionsJson":"{}","status":"QUEUED",)"
          R"("progress":0,"activity":null,"createdAt":"2026-11-25T04:00:00Z"})";
  }
  if (auto x = std::get_if<extracted>(&out))
    x->audio = stored(1);
  if (auto x = std::get_if<transcript>(&out))
    for (auto& segment : x->segments)
      segment.text += words;
  if (auto x = std::get_if<translated>(&out))
    x->text += words;
  if (auto x = std::get_if<spoken>(&out))
    x->audio = stored(2 + order.item);
  return out;
}

/// The history of one job up to where it stands.
inline test::job_play history_of(std::uint64_t n, const share& where,
                                 std::uint32_t segments, time_point begun) {
  test::dub_shape shape{1, segments, "hi"};
  test::job_play play{shape};
  play.now = begun;
  play.state.row.job_no = n;
  auto id = static_cast<std::int64_t>(n);
  play.feed(in::accept{id, n, "", 0, "http", ""});
  // Of a stage over segments half are done already.
  auto there = [&] {
    auto& stage = play.stage(where.stage);
    return stage.status == stage_status::running
           && (stage.items.size() < 2 || 2 * stage.done >= stage.items.size());
  };
  while (!there()) {
    auto next = play.next().front();
    play.feed(in::item_done{next, 1,
                            long_answer(*make_order(play.state, next), shape)});
  }
  if (where.status == job_status::paused) {
    in::control pause;
    pause.what = control_verb::pause;
    pause.by = "bench";
    play.feed(pause);
  }
  if (where.status == job_status::parked)
    play.feed(in::gave_up{play.next().front(),
                          6,
                          {fault_code::timeout, "no answer in time", 0, {}}});
  return play;
}

/// What fills the journal, in batches.
class filler {
public:
  explicit filler(journal& to) : to_(to), epoch_(must(to.open_epoch())) {
    // nop
  }

  void add(test::job_play play) {
    journal_append all;
    all.job_no = play.state.row.job_no;
    all.epoch = epoch_;
    all.row = play.row;
    events += play.history.size();
    all.events = std::move(play.history);
    batch_.push_back(std::move(all));
    if (batch_.size() == 1'000)
      flush();
  }

  void flush() {
    for (auto& x : must(to_.commit(batch_)))
      if (x.refused)
        throw std::runtime_error(x.refused->message);
    batch_.clear();
  }

  std::size_t events = 0;

private:
  template <class T>
  static T must(result<T> x) {
    if (!x)
      throw std::runtime_error(x.error().message);
    return std::move(*x);
  }

  journal& to_;
  std::uint64_t epoch_;
  std::vector<journal_append> batch_;
};

/// `n` jobs numbered from 1, mixed.
inline std::size_t fill_journal(journal& to, std::uint64_t n) {
  filler out{to};
  auto begun
    = std::chrono::time_point_cast<ms>(std::chrono::system_clock::now())
      - std::chrono::hours{1};
  for (std::uint64_t i = 1; i <= n; ++i) {
    auto at = static_cast<int>(i * 61 % 100);
    auto where = shares().begin();
    while (at >= where->percent)
      at -= where++->percent;
    out.add(history_of(i, *where, segments_of(i), begun));
  }
  out.flush();
  return out.events;
}

} // namespace dubber::bench
