#pragma once

#include "core/http_call.hpp"
#include "core/work.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dubber {

/// Over what a stage fans out: one item of work for each.
enum class fan_out { none, chunks, segments };

/// Each pipeline begins and ends with these.
inline constexpr const char* fetch_stage = "fetch";
inline constexpr const char* report_stage = "report";

/// One stage of a pipeline, as data.
struct stage_spec {
  std::string name;
  work_kind kind = work_kind::fetch;
  std::string service; ///< whose gate its work passes
  std::string policy;  ///< whose retry policy and timeouts it follows
  /// Stages that must be done before this one; between two stages that fan out
  /// over segments: item by item, without a barrier.
  std::vector<std::string> after;
  fan_out each = fan_out::none;
  /// Of `http` stages.
  std::shared_ptr<const http_call> http = {};
  /// translate, speak: the `http` stage by segments whose text they take;
  /// empty: what was heard, what was translated.
  std::string text_of = {};
  /// merge: the `http` stage whose file lies under the speech; empty: none.
  std::string background = {};
  /// Barriers over all segments before it, of a stage by segments: those of one
  /// wave go on item by item together.
  std::uint32_t wave = 0;
  /// Of a job of several languages (core/lanes.hpp): for which one it works, 0
  /// being the gateway's; or for all of them.
  std::uint32_t lane = 0;
  bool shared = true;
};

struct pipeline {
  std::string name;
  std::vector<stage_spec> stages; ///< in an order that respects `after`
  /// SHA-256 of `definition`; both empty: the shipped one.
  std::string id = {};
  std::string definition = {}; ///< JSON, as it is kept in the journal
  /// The languages besides the gateway's, and the pipeline without them.
  std::vector<std::string> further = {};
  std::shared_ptr<const pipeline> base = {};

  /// Index of the stage, or -1.
  int find(std::string_view stage) const;
};

using pipeline_ptr = std::shared_ptr<const pipeline>;

/// The pipeline that a job has; never null. Equal are those with the same
/// definition and languages.
class chosen_plan {
public:
  // NOLINTNEXTLINE(google-explicit-constructor): it is one
  chosen_plan(pipeline_ptr plan) : plan_(std::move(plan)) {
    // nop
  }

  const pipeline& operator*() const {
    return *plan_;
  }
  const pipeline* operator->() const {
    return plan_.get();
  }
  const pipeline_ptr& ptr() const {
    return plan_;
  }

  bool operator==(const chosen_plan& other) const {
    return plan_->id == other->id && plan_->name == other->name
           && plan_->further == other->further;
  }

private:
  pipeline_ptr plan_;
};

/// The eight stages of a dub: fetch extract asr translate tts merge upload
/// report. What jobs have that do not say otherwise.
const pipeline_ptr& dubbing_pipeline();

/// Fills in `wave` of all stages.
void count_waves(pipeline& plan);

/// Which stages rest on `first`, itself included, by index.
std::vector<bool> stages_from(const pipeline& plan, std::uint32_t first);

/// Every pipeline that jobs may have.
struct pipeline_book {
  /// What new jobs may ask for, by name.
  std::map<std::string, pipeline_ptr, std::less<>> offered
    = {{dubbing_pipeline()->name, dubbing_pipeline()}};
  /// Those, and what jobs have begun with; by `id`. Without the shipped one.
  std::map<std::string, pipeline_ptr, std::less<>> known = {};

  /// @param name Empty: the one that jobs have that do not ask. @returns Null:
  /// there is none.
  pipeline_ptr find(std::string_view name) const;

  /// For people: "dub, music".
  std::string names() const;
};

/// The shipped pipeline alone.
const pipeline_book& shipped_book();

} // namespace dubber
