#include "core/job/stage_results.hpp"

#include "core/overload.hpp"

namespace dubber {

namespace {

void keep_answer(job_state& st, std::size_t stage, std::uint32_t item,
                 const answered& r) {
  auto i = st.answers.find(static_cast<std::uint32_t>(stage));
  if (i != st.answers.end() && item < i->second.size())
    i->second[item] = r;
}

void keep_source(job_state& st, const fetched& r) {
  st.source = r;
  st.row.source_object_key = r.source_object_key;
  st.row.target_language = r.target_language;
}

} // namespace

void expect_results(job_state& st, std::size_t stage, std::uint32_t items) {
  auto& spec = st.plan->stages[stage];
  switch (spec.kind) {
  case work_kind::transcribe:
    st.chunks.assign(items, {});
    st.spans = st.media ? st.media->chunks : std::vector<media_span>{};
    break;
  case work_kind::translate:
    st.dub(spec.lane).translations.assign(items, {});
    break;
  case work_kind::speak:
    st.dub(spec.lane).speeches.assign(items, {});
    break;
  case work_kind::http:
    st.answers[static_cast<std::uint32_t>(stage)].assign(items, {});
    break;
  default:
    break;
  }
}

void keep_item(job_state& st, std::size_t stage, std::uint32_t item,
               const work_result& result) {
  if (auto r = std::get_if<transcript>(&result); r && item < st.chunks.size())
    st.chunks[item] = *r;
  auto& dub = st.dub(st.plan->stages[stage].lane);
  if (auto r = std::get_if<translated>(&result);
      r && item < dub.translations.size())
    dub.translations[item] = r->text;
  if (auto r = std::get_if<spoken>(&result); r && item < dub.speeches.size())
    dub.speeches[item] = *r;
  if (auto r = std::get_if<answered>(&result))
    keep_answer(st, stage, item, *r);
}

void keep_result(job_state& st, std::size_t stage, const work_result& result) {
  auto& dub = st.dub(st.plan->stages[stage].lane);
  std::visit(overload{
               [&](const fetched& r) { keep_source(st, r); },
               [&](const extracted& r) { st.media = r; },
               [&](const transcript& r) {
                 st.speech = r;
                 st.segments = static_cast<std::uint32_t>(r.segments.size());
                 st.chunks = {};
               },
               [&](const merged& r) { dub.result = r; },
               [&](const uploaded& r) {
                 dub.output_object_key = r.output_object_key;
                 dub.output_files.reset();
                 if (!r.files.empty())
                   dub.output_files = r.files;
               },
               [&](const answered& r) { keep_answer(st, stage, 0, r); },
               [](const auto&) {},
             },
             result);
}

void drop_item(job_state& st, std::size_t stage, std::uint32_t item) {
  auto& spec = st.plan->stages[stage];
  auto& dub = st.dub(spec.lane);
  if (spec.kind == work_kind::speak && item < dub.speeches.size())
    dub.speeches[item].reset();
  auto i = st.answers.find(static_cast<std::uint32_t>(stage));
  if (i != st.answers.end() && item < i->second.size())
    i->second[item].reset();
}

} // namespace dubber
