#pragma once

#include "core/artifact.hpp"
#include "core/boxed.hpp"
#include "core/fault.hpp"
#include "core/shared_value.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the stages of a job ask for and get back: one input and one result a
/// kind of work. Times of media are seconds on the source's clock.
namespace dubber {

/// The kinds of work that the program knows how to have done.
enum class work_kind {
  fetch,      ///< the gateway's job object
  extract,    ///< the video's sound as 16 kHz mono, and where to cut it
  transcribe, ///< one chunk of sound to segments of text
  translate,  ///< one segment's text
  speak,      ///< one segment's translation to sound
  merge,      ///< sound, subtitles and video to the result
  upload,     ///< the result under its final name
  report,     ///< the final state, told to the gateway
  http,       ///< a call that the pipeline's definition describes
};

std::string_view to_string(work_kind kind);
std::optional<work_kind> work_kind_from(std::string_view name);

/// INTERFACES, Limits: a longer source is refused.
inline constexpr double max_media_seconds = 12 * 3600.0;

/// A stretch of speech as ASR heard it.
struct heard_segment {
  media_span span;
  std::string text;

  bool operator==(const heard_segment&) const = default;
};

/// What the job's owner may ask for (`optionsJson`).
struct job_options {
  std::string source_language = "en";
  std::string voice;          ///< empty: the service's choice
  bool keep_original = false; ///< the original sound, ducked, underneath
  bool subtitles = true;      ///< a subtitle track in the result
  std::string pipeline;       ///< empty: the shipped one
  int priority = 0;           ///< higher is served first
  std::vector<std::string> unknown_keys;
  /// All languages of the job, the gateway's first; empty: that one alone.
  std::vector<std::string> target_languages = {};
  std::map<std::string, std::string> voices = {}; ///< before `voice`

  bool operator==(const job_options&) const = default;
};

// -- results
// -------------------------------------------------------------------

struct fetched {
  std::string source_object_key;
  std::string target_language;
  shared_value<job_options> options;
  /// The gateway's job object as it came (JSON text).
  std::string gateway_json;

  bool operator==(const fetched&) const = default;
};

struct extracted {
  artifact audio; ///< WAV, 16 kHz, mono, 16 bit
  double seconds = 0;
  /// Where the sound is cut for transcription: in order, gapless, at silences.
  std::vector<media_span> chunks;
  /// Silences at which a chunk may be cut further, in order: seconds.
  std::vector<double> cuts = {};

  bool operator==(const extracted&) const = default;
};

/// Of one chunk: as ASR said it, on the source's clock. Of the stage: cleaned
/// (`core/transcript.hpp`).
struct transcript {
  std::vector<heard_segment> segments;
  /// What had to be mended, for the report; one short sentence each.
  std::vector<std::string> notes;

  bool operator==(const transcript&) const = default;
};

struct translated {
  std::string text;

  bool operator==(const translated&) const = default;
};

struct spoken {
  artifact audio; ///< WAV
  double seconds = 0;
  double rate = 1; ///< speaking rate that was asked for

  bool operator==(const spoken&) const = default;
};

struct merged {
  artifact video;
  artifact srt;
  artifact vtt;
  artifact report; ///< JSON: what was placed where, what did not fit
  double seconds = 0;

  bool operator==(const merged&) const = default;
};

struct uploaded {
  std::string output_object_key;
  /// What lies beside it, by name: `srt vtt report report_html`.
  std::map<std::string, std::string> files = {};

  bool operator==(const uploaded&) const = default;
};

/// The gateway has answered the final state.
struct reported {
  bool operator==(const reported&) const = default;
};

/// What is heard of a segment whose speech could not be made.
enum class stand_in {
  original, ///< the source's own sound; `keep_original` to people
  silence,
};

std::string_view to_string(stand_in how);
std::optional<stand_in> stand_in_from(std::string_view name);

/// A segment that goes without its speech, and why.
struct degradation {
  std::string stage; ///< that gave up
  stand_in how = stand_in::original;
  fault why;

  bool operator==(const degradation&) const = default;
};

/// What an `http` stage was answered.
struct answered {
  std::string json; ///< the answer, compact; empty: none is kept
  std::string text; ///< what in it is the stage's text; may be empty
  std::optional<artifact> file;
  std::string content_type; ///< of `file`

  bool operator==(const answered&) const = default;
};

using work_result = std::variant<fetched, extracted, transcript, translated,
                                 spoken, merged, uploaded, reported, answered>;

// -- inputs
// --------------------------------------------------------------------

struct fetch_input {};

struct extract_input {
  std::string source_object_key;
};

struct transcribe_input {
  artifact audio;     ///< the whole sound
  media_span chunk;   ///< the part to transcribe
  bool whole = false; ///< the chunk is the whole sound: no need to cut
};

struct translate_input {
  std::string text;
  std::string source_language;
  std::string target_language;
};

struct speak_input {
  std::string text;
  std::string language;
  std::string voice;
  /// Room on the source's clock up to the next segment, seconds.
  double slot_seconds = 0;
};

/// One segment for the merge.
struct merge_piece {
  media_span span;
  std::string text;
  std::string translation; ///< empty where it could not be made
  spoken speech;           ///< nothing in it where `degraded` is set
  std::optional<degradation> degraded = {};
};

struct merge_input {
  std::string source_object_key;
  std::string source_language;
  std::string target_language;
  shared_value<job_options> options;
  double seconds = 0;              ///< of the extracted sound
  std::vector<merge_piece> pieces; ///< all segments, in their order
  std::vector<std::string> notes;  ///< of the transcript, for the report
  /// Lies under the speech instead of the original's sound.
  boxed<artifact> background = {};
};

/// Where the time of a finished stage went, and what had to be tried again.
struct stage_fact {
  std::string stage;
  double seconds = 0; ///< from its start to its end
  std::uint32_t items = 0;
  std::map<fault_code, std::uint32_t> failed_attempts;

  bool operator==(const stage_fact&) const = default;
};

struct upload_input {
  shared_value<merged> result;
  std::vector<stage_fact> facts
    = {};                    ///< for the report, in the pipeline's order
  std::string language = {}; ///< a further one; empty: the gateway's
};

/// What an earlier stage has come to, for the call that refers to it.
struct known_result {
  std::string stage;
  bool each = false; ///< one for each segment; else `items` has one
  /// Nothing for segments that were left out of the dub.
  std::vector<std::optional<work_result>> items;
};

struct http_call; // core/http_call.hpp

/// What the pointers of an `http` stage can point at.
struct http_input {
  std::shared_ptr<const http_call> call;
  shared_value<fetched> source;
  /// Of a stage by segments: its segment, and its place.
  std::optional<heard_segment> segment = {};
  std::vector<known_result> results = {}; ///< those that the call refers to
  double seconds = 0;      ///< of media that the call is about; 0: not known
  std::int64_t job_id = 0; ///< the gateway's
};

/// Small: each open call has one. What some kinds have much of is beside it.
using work_input
  = std::variant<fetch_input, extract_input, transcribe_input, translate_input,
                 speak_input, merge_input, upload_input, http_input>;

/// One attempt of one piece of work, as a worker gets it. Everything is
/// constant over the attempts of a piece but `attempt` and `timeout`.
struct work_order {
  work_kind kind = work_kind::fetch;
  std::string service; ///< whose gate gave the permit
  std::int64_t job_id = 0;
  std::uint64_t job_no = 0; ///< ours; unique where job_id is not
  std::uint32_t run = 1;
  std::string stage;
  std::uint32_t item = 0;
  /// Raised by redo only; part of the call key.
  std::uint32_t generation = 0;
  bool fresh = false;        ///< redone: a kept result will not do
  std::string language = {}; ///< of work for a further one alone
  work_input input;
};

/// What an attempt is told besides its order.
struct attempt_info {
  int number = 1;
  ms timeout{30'000};
  std::string traceparent;
  std::string url = {}; ///< base URL of the service, for this attempt
};

/// Seconds of media the order is about: what its timeout grows with.
double media_seconds(const work_order& order);

/// A chunk of sound that fails is cut in two, down to this length, seconds.
inline constexpr double least_halved_seconds = 20;

/// Whether work that fails may be made smaller instead (core/job/halving.hpp).
bool may_be_halved(const work_order& order);

} // namespace dubber
