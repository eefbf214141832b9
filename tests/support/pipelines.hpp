#pragma once

#include "core/pipeline_check.hpp"
#include "tests/support/job_play.hpp"

#include <functional>

/// Pipelines for tests, and the services that they call.
namespace dubber::test {

inline service_policies some_services() {
  auto out = default_policies();
  out["separate"].urls = {"http://separate:8500"};
  out["words"].urls = {"http://words:8600"};
  out["patient"].policy_only = true;
  return out;
}

inline stage_spec call_stage(const std::string& name,
                             std::vector<std::string> after, http_call call,
                             fan_out each = fan_out::none,
                             const std::string& service = "words") {
  for (auto& pointer : pointers_of(call))
    if (auto parts = pointer_parts(pointer);
        parts && parts->size() > 1 && parts->front() == "stages")
      call.refers_to.push_back((*parts)[1]);
  return {name,
          work_kind::http,
          service,
          service,
          std::move(after),
          each,
          std::make_shared<const http_call>(std::move(call))};
}

/// The shipped one with `more` put before its merge, which waits for `wait`.
inline pipeline_ptr
with_stages(const std::string& name, const std::vector<stage_spec>& more,
            const std::vector<std::string>& wait,
            const std::function<void(pipeline&)>& change = {}) {
  auto plan = *dubbing_pipeline();
  plan.name = name;
  plan.id = name + "-id";
  plan.definition = "{}";
  auto merge = plan.stages.begin() + plan.find("merge");
  merge->after.insert(merge->after.end(), wait.begin(), wait.end());
  plan.stages.insert(merge, more.begin(), more.end());
  if (change)
    change(plan);
  put_in_order(plan);
  return std::make_shared<const pipeline>(std::move(plan));
}

/// A branch beside ASR, whose file lies under the speech.
inline const pipeline_ptr& music_pipeline() {
  static const auto plan = [] {
    http_call call;
    call.path.pieces = {"/separate"};
    call.upload = upload_part{"/stages/extract/audio"};
    call.answer = answer_kind::file;
    return with_stages(
      "music",
      {call_stage("separate", {"extract"}, call, fan_out::none, "separate")},
      {"separate"}, [](pipeline& p) {
        p.stages[static_cast<std::size_t>(p.find("merge"))].background
          = "separate";
      });
  }();
  return plan;
}

/// Between translate and tts, by segments.
inline stage_spec polish_stage(std::vector<std::string> after) {
  http_call call;
  call.path.pieces = {"/polish"};
  call.body = text_template{{"{\"text\":", "}"}, {"/stages/translate/text"}};
  call.text = "/text";
  return call_stage("polish", std::move(after), call, fan_out::segments);
}

inline void speak_polished(pipeline& p) {
  auto& tts = p.stages[static_cast<std::size_t>(p.find("tts"))];
  tts.after = {"polish"};
  tts.text_of = "polish";
}

inline const pipeline_ptr& polish_pipeline() {
  static const auto plan
    = with_stages("polish", {polish_stage({"translate"})}, {}, speak_polished);
  return plan;
}

/// What waits for all translations stands between them and the rest.
inline const pipeline_ptr& two_waves_pipeline() {
  static const auto plan = [] {
    http_call call;
    call.path.pieces = {"/terms"};
    call.body = text_template{{"", ""}, {"/stages/translate"}};
    return with_stages("waves",
                       {call_stage("terms", {"translate"}, call),
                        polish_stage({"translate", "terms"})},
                       {}, speak_polished);
  }();
  return plan;
}

inline const pipeline_book& book_of_all() {
  static const pipeline_book book = [] {
    pipeline_book out;
    for (auto& plan :
         {music_pipeline(), polish_pipeline(), two_waves_pipeline()}) {
      out.offered[plan->name] = plan;
      out.known[plan->id] = plan;
    }
    return out;
  }();
  return book;
}

/// The fetch's answer, with this in optionsJson.
inline in::item_done fetched_with(const job_play& play,
                                  const std::string& pipeline) {
  auto out = play.answer(play.ref("fetch"));
  std::get<fetched>(out.result).options.edit().pipeline = pipeline;
  return out;
}

} // namespace dubber::test
