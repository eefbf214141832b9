#pragma once

#include "core/event.hpp"
#include "core/job/state.hpp"
#include "tests/simulation/graph.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dubber::sim {

struct stage_record {
  bool started = false;
  bool ended = false;
  time_point since;
  std::uint32_t items = 0;
  std::set<std::uint32_t> done;
};

/// A language that does not go on.
struct stop_record {
  std::string stage;
  bool fails = false;
  time_point since;
};

/// One job as its history tells it: a reading of the events of its own, strict
/// where `evolve` is total. The referee judges the actors by it.
class job_record {
public:
  using item_ref = std::pair<std::string, std::uint32_t>;

  /// @param book Which pipelines there are; outlives it.
  explicit job_record(const pipeline_book& book);

  /// Takes the next fact. @returns What is wrong with it; empty: nothing.
  std::string take(const event& fact);

  bool is_final() const {
    return dubber::is_final(status);
  }

  /// Whether results of its calls still count.
  bool takes_results() const {
    return status == job_status::running || status == job_status::paused
           || status == job_status::parked;
  }

  bool is_done(const item_ref& item) const;

  /// Whether all that the item rests on is on record.
  bool may_begin(const item_ref& item) const;

  /// Failed attempts that count.
  int failed(const item_ref& item) const;

  /// The pause after the last of them is over then.
  std::optional<time_point> due(const item_ref& item) const;

  /// Whether the first segment is through all that goes by segments in the
  /// stage's wave, and in its language.
  bool pioneer_is_through(const stage_spec& stage) const;

  /// Null: there is no such stage.
  const stage_spec* spec(const std::string& stage) const {
    return stage_named(*plan, stage);
  }

  /// How many segments go without that stage's results, or those before it.
  std::size_t degraded_at(const stage_spec& stage) const;

  /// In which language the stage works (0: the gateway's, or all).
  std::uint32_t lane_of_stage(const std::string& stage) const;

  /// Whether nothing goes on any more in any language, though not all are done.
  bool stands_still() const;

  /// Whether all is done that is for that language alone.
  bool is_through(std::uint32_t lane) const;

  pipeline_ptr plan = dubbing_pipeline(); ///< in all its languages
  std::string language;                   ///< the gateway's
  std::map<std::uint32_t, stop_record> stopped;
  std::uint64_t job_no = 0;
  std::uint64_t seq = 0;
  std::int64_t job_id = 0;
  job_status status = job_status::queued;
  time_point status_since;
  std::uint32_t run = 1;
  time_point run_since;
  time_point lost_at; ///< an artifact, last
  std::string source;
  std::uint32_t segments = 0;
  std::vector<media_span> chunks; ///< as the sound was cut first
  std::vector<media_span> spans;  ///< of the items of asr; of no length: halved
  std::map<std::string, stage_record> stages;
  struct failure {
    int attempts = 0;
    time_point due;
  };
  std::map<item_ref, failure> failures;
  /// By language: segments that go without, and the stage that gave up.
  std::map<std::uint32_t, std::map<std::uint32_t, std::string>> degraded;
  std::optional<fault> error;
  bool was_parked = false; ///< in this run
  std::optional<final_report> owed;
  std::vector<final_report> ever_owed;
  std::vector<std::string> delivered;
  std::set<std::string> wishes; ///< reasons of control events
  /// What is said in the segments, and what stages have made of it.
  std::map<std::uint32_t, std::string> texts;
  std::map<std::string, std::map<std::uint32_t, std::string>> said;
  /// When a segment was last edited, and any of them.
  std::map<std::uint32_t, time_point> edits;
  std::optional<time_point> edited_at;

private:
  /// A lane of its own for what is done once for all languages.
  static constexpr std::uint32_t all_lanes = ~0u;
  using wave_ref = std::pair<std::uint32_t, std::uint32_t>; ///< lane, wave

  std::string take_body(const ev::job_accepted& x);
  std::string take_body(const ev::pipeline_chosen& x);
  std::string take_body(const ev::languages_chosen& x);
  std::string take_body(const ev::language_stopped& x);
  std::string take_body(const ev::job_rejected& x);
  std::string take_body(const ev::run_started& x);
  std::string take_body(const ev::job_completed& x);
  std::string take_body(const ev::job_failed& x);
  std::string take_body(const ev::job_parked& x);
  std::string take_body(const ev::job_paused& x);
  std::string take_body(const ev::job_resumed& x);
  std::string take_body(const ev::job_cancelled& x);
  std::string take_body(const ev::stage_started& x);
  std::string take_body(const ev::item_completed& x);
  std::string take_body(const ev::stage_completed& x);
  std::string take_body(const ev::stage_failed& x);
  std::string take_body(const ev::artifact_lost& x);
  std::string take_body(const ev::attempt_failed& x);
  std::string take_body(const ev::report_owed& x);
  std::string take_body(const ev::report_delivered& x);
  std::string take_body(const ev::item_degraded& x);
  std::string take_body(const ev::chunk_halved& x);
  std::string take_body(const ev::segment_edited& x);

  void go_by(pipeline_ptr next);
  wave_ref wave(const stage_spec& stage) const;
  void note_pioneers();
  bool concerns(const ev::segment_edited& x, const stage_spec& stage) const;
  bool is_again(const ev::segment_edited& x, const stage_spec& stage) const;
  void edit_item(const ev::segment_edited& x, const stage_spec& stage);
  void put_back_gatherers(const ev::segment_edited& x);
  bool runs(const std::string& stage) const;
  std::optional<std::string> words_for(const stage_spec& stage,
                                       std::uint32_t item) const;
  bool is_of_its_words(const ev::item_completed& x) const;
  void reset(const std::string& stage);
  void reopen_degraded();
  bool reopen_degraded_in(std::uint32_t lane);
  bool is_under_way() const;
  bool is_all_but_told() const;
  std::string end(job_status next, bool allowed);

  const pipeline_book* book_;
  std::map<std::string, std::uint32_t> waves_; ///< of `plan`
  std::set<wave_ref> pioneer_was_through_;     ///< before it was taken back
  /// Stages that an edit has put back, with its segments: what others they let
  /// begin before may go on.
  std::map<std::string, std::set<std::uint32_t>> put_back_;
  time_point at_;
};

} // namespace dubber::sim
