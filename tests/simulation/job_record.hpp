#pragma once

#include "core/event.hpp"
#include "core/job/state.hpp"

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

/// Of the shipped pipeline: its stage, in whatever language it works.
const stage_spec& spec_of(const std::string& stage);

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

  /// Whether the first segment is through all that is done by segments in that
  /// language.
  bool pioneer_is_through(std::uint32_t lane) const;

  /// In which language the stage works (0: the gateway's, or all).
  std::uint32_t lane_of_stage(const std::string& stage) const;

  /// Whether nothing goes on any more in any language, though not all are done.
  bool stands_still() const;

  /// Whether all is done that is for that language alone.
  bool is_through(std::uint32_t lane) const;

  pipeline_ptr plan = dubbing_pipeline(); ///< for its languages
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
  /// What is said in the segments, and what that is in the other languages.
  std::map<std::uint32_t, std::string> texts;
  std::map<std::uint32_t, std::map<std::uint32_t, std::string>> translations;
  /// When a segment was last edited, and any of them.
  std::map<std::uint32_t, time_point> edits;
  std::optional<time_point> edited_at;
  std::set<std::uint32_t> pioneer_was_through; ///< before it was taken back

private:
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

  const stage_spec* spec(const std::string& stage) const;
  void note_pioneers();
  void edit_in(std::uint32_t lane, const ev::segment_edited& x, bool own);
  bool runs(const std::string& stage) const;
  bool is_of_its_words(const ev::item_completed& x) const;
  void reset(const std::string& stage);
  void reopen_degraded();
  bool is_uploaded() const;
  std::string end(job_status next, bool allowed);

  time_point at_;
};

} // namespace dubber::sim
