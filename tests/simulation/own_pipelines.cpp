#include "tests/simulation/own_pipelines.hpp"

#include "tests/support/pipelines.hpp"

#include <string>

namespace dubber::sim {

namespace {

using names = std::vector<std::string>;

/// A body that is a list of what these point at.
text_template list_of(const names& pointers) {
  text_template out;
  out.pointers = pointers;
  out.pieces.assign(pointers.size() + 1, ",");
  out.pieces.front() = "[";
  out.pieces.back() = pointers.empty() ? "[]" : "]";
  return out;
}

http_call call_to(const std::string& path, const names& pointers) {
  http_call out;
  out.path.pieces = {"/" + path};
  out.body = list_of(pointers);
  return out;
}

/// Each job its own.
void be_about_the_job(http_call& call) {
  call.path.pieces.front() += "?job=";
  call.path.pieces.emplace_back();
  call.path.pointers = {"/job/id"};
}

http_call draw_call(const std::string& path, const names& pointers, dice& d) {
  auto out = call_to(path, pointers);
  if (d.one_in(2))
    be_about_the_job(out);
  out.answer = static_cast<answer_kind>(d.one_in(2) ? 0 : d.below(3));
  out.cache = out.answer != answer_kind::none && !d.one_in(4);
  return out;
}

/// Where the answer of that stage is found; nowhere where none is kept.
names answer_of(const stage_spec& stage) {
  switch (stage.http->answer) {
  case answer_kind::json:
    return {"/stages/" + stage.name + "/answer"};
  case answer_kind::file:
    return {"/stages/" + stage.name + "/file"};
  default:
    return {};
  }
}

std::string some_service(dice& d) {
  return own_services.at(d.one_in(5) ? 1 : 0);
}

stage_spec plain(const std::string& name, work_kind kind, names after) {
  std::string service{service_of(kind)};
  return {name, kind, service, service, std::move(after), fan_out_of(kind)};
}

pipeline_ptr made(const std::string& name, std::vector<stage_spec> stages) {
  auto out = std::make_shared<pipeline>();
  out->name = name;
  out->id = name + "-id";
  out->definition = "{\"name\":\"" + name + "\"}";
  out->stages = std::move(stages);
  put_in_order(*out);
  return out;
}

/// A call for each segment about the words at `pointer`.
stage_spec words_stage(const std::string& name, names after,
                       const std::string& pointer, dice& d) {
  auto call = call_to(name, {pointer});
  call.text = "/text";
  call.cache = !d.one_in(4);
  return test::call_stage(name, std::move(after), call, fan_out::segments);
}

/// The sound's branch: its file lies under the speech.
stage_spec separate_stage(dice& d) {
  http_call call;
  call.path.pieces = {"/separate"};
  call.upload
    = upload_part{d.one_in(4) ? source_pointer : "/stages/extract/audio"};
  call.answer = answer_kind::file;
  call.cache = !d.one_in(4);
  auto out = test::call_stage("separate", {"extract"}, call, fan_out::none,
                              "separate");
  if (d.one_in(4))
    out.policy = own_policy;
  return out;
}

} // namespace

pipeline_ptr draw_branches(dice& d) {
  std::vector<stage_spec> stages{plain("fetch", work_kind::fetch, {})};
  names ends;
  names answers;
  auto add = [&](const std::string& name, names after, const names& pointers) {
    stages.push_back(test::call_stage(name, std::move(after),
                                      draw_call(name, pointers, d),
                                      fan_out::none, some_service(d)));
    if (d.one_in(5))
      stages.back().policy = own_policy;
    return answer_of(stages.back());
  };
  for (auto n = d.between(2, 4); n > 0; --n) {
    auto name = "branch-" + std::to_string(n);
    auto kept = add(name, {"fetch"}, {});
    if (d.one_in(2)) {
      kept = add(name + "-more", {name}, kept);
      name += "-more";
    }
    ends.push_back(name);
    answers.insert(answers.end(), kept.begin(), kept.end());
  }
  add("meet", ends, answers);
  stages.push_back(plain("report", work_kind::report, {"meet"}));
  return made("branches", std::move(stages));
}

pipeline_ptr draw_dub_with_calls(dice& d) {
  auto clean = d.one_in(3);
  auto terms = d.one_in(3);
  auto tell = d.one_in(2);
  std::vector<stage_spec> stages{
    plain("fetch", work_kind::fetch, {}),
    plain("extract", work_kind::extract, {"fetch"}), separate_stage(d),
    plain("asr", work_kind::transcribe, {"extract"})};
  if (clean)
    stages.push_back(words_stage("clean", {"asr"}, "/segment/text", d));
  stages.push_back(
    plain("translate", work_kind::translate, {clean ? "clean" : "asr"}));
  if (clean)
    stages.back().text_of = "clean";
  names before{"translate"};
  if (terms) {
    stages.push_back(test::call_stage("terms", {"translate"},
                                      call_to("terms", {"/stages/translate"})));
    before.emplace_back("terms");
  }
  auto pointer = d.one_in(4) ? "/segment/text" : "/stages/translate/text";
  stages.push_back(words_stage("polish", before, pointer, d));
  if (d.one_in(2))
    stages.back().policy = d.one_in(2) ? "tts" : own_policy;
  stages.push_back(plain("tts", work_kind::speak, {"polish"}));
  stages.back().text_of = "polish";
  stages.push_back(plain("merge", work_kind::merge, {"tts", "separate"}));
  stages.back().background = "separate";
  stages.push_back(plain("upload", work_kind::upload, {"merge"}));
  if (tell) {
    auto call = call_to("tell", {});
    be_about_the_job(call);
    call.answer = answer_kind::none;
    call.cache = false;
    stages.push_back(test::call_stage("tell", {"upload"}, call));
  }
  stages.push_back(
    plain("report", work_kind::report, {tell ? "tell" : "upload"}));
  return made("dub-with-calls", std::move(stages));
}

} // namespace dubber::sim
