#include "core/job/inputs.hpp"

#include "core/job/facts.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// What the stage was answered; null: nothing yet, or there is no such stage.
const answered* answer_of(const job_state& st, const std::string& stage,
                          std::uint32_t item) {
  auto i = st.answers.find(static_cast<std::uint32_t>(st.plan->find(stage)));
  return i != st.answers.end() && item < i->second.size() && i->second[item]
           ? &*i->second[item]
           : nullptr;
}

std::string text_from(const job_state& st, const std::string& stage,
                      std::uint32_t item) {
  auto made = answer_of(st, stage, item);
  return made ? made->text : std::string{};
}

double slot_of(const job_state& st, std::uint32_t item) {
  auto& segments = st.speech->segments;
  auto end = item + 1 < segments.size() ? segments[item + 1].span.start
                                        : st.media->seconds;
  return std::max(end, segments[item].span.end) - segments[item].span.start;
}

/// What is said in the dub: the translation, or what a stage made of it.
std::string words_of(const job_state& st, std::uint32_t item) {
  for (auto& spec : st.plan->stages)
    if (spec.kind == work_kind::speak && !spec.text_of.empty())
      return text_from(st, spec.text_of, item);
  return item < st.translations.size() ? st.translations[item].value_or("")
                                       : std::string{};
}

merge_input merge_of(const job_state& st, const stage_spec& spec) {
  merge_input in;
  in.source_object_key = st.source->source_object_key;
  in.source_language = st.source->options.source_language;
  in.target_language = st.source->target_language;
  in.options = st.source->options;
  in.seconds = st.media->seconds;
  in.notes = st.speech->notes;
  for (std::size_t i = 0; i < st.speech->segments.size(); ++i) {
    auto& heard = st.speech->segments[i];
    auto item = static_cast<std::uint32_t>(i);
    merge_piece piece{heard.span, heard.text, words_of(st, item),
                      st.speeches[i].value_or(spoken{})};
    if (auto lost = st.degraded.find(item); lost != st.degraded.end())
      piece.degraded = lost->second;
    if (piece.degraded || st.speeches[i])
      in.pieces.push_back(std::move(piece));
  }
  if (auto made = answer_of(st, spec.background, 0))
    in.background = made->file;
  return in;
}

/// What the stage has come to, for others to refer to.
std::optional<work_result> result_of(const job_state& st, std::uint32_t stage,
                                     std::uint32_t item) {
  switch (st.plan->stages[stage].kind) {
  case work_kind::fetch:
    return st.source ? std::optional<work_result>{*st.source} : std::nullopt;
  case work_kind::extract:
    return st.media ? std::optional<work_result>{*st.media} : std::nullopt;
  case work_kind::transcribe:
    return st.speech ? std::optional<work_result>{*st.speech} : std::nullopt;
  case work_kind::translate:
    if (item < st.translations.size() && st.translations[item])
      return translated{*st.translations[item]};
    return std::nullopt;
  case work_kind::speak:
    if (item < st.speeches.size() && st.speeches[item])
      return *st.speeches[item];
    return std::nullopt;
  case work_kind::merge:
    return st.result ? std::optional<work_result>{*st.result} : std::nullopt;
  case work_kind::upload:
    return uploaded{st.output_object_key, st.output_files};
  case work_kind::http:
    if (auto made = answer_of(st, st.plan->stages[stage].name, item))
      return *made;
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

/// @param by_item Of the stage that refers to it: the same segment only.
known_result known_of(const job_state& st, std::uint32_t stage,
                      std::optional<std::uint32_t> by_item) {
  auto& spec = st.plan->stages[stage];
  known_result out{spec.name, false, {}};
  if (spec.each != fan_out::segments) {
    out.items.push_back(result_of(st, stage, 0));
    return out;
  }
  if (by_item) {
    out.items.push_back(result_of(st, stage, *by_item));
    return out;
  }
  out.each = true;
  for (std::uint32_t i = 0; i < st.segments; ++i)
    out.items.push_back(result_of(st, stage, i));
  return out;
}

http_input http_of(const job_state& st, const stage_spec& spec,
                   std::uint32_t item) {
  http_input in{spec.http, *st.source};
  auto by_segment = spec.each == fan_out::segments;
  if (st.media)
    in.seconds = st.media->seconds;
  if (by_segment) {
    in.segment = st.speech->segments[item];
    in.seconds = in.segment->span.length();
  }
  for (auto& name : spec.http->refers_to)
    if (auto i = st.plan->find(name); i >= 0)
      in.results.push_back(
        known_of(st, static_cast<std::uint32_t>(i),
                 by_segment ? std::optional{item} : std::nullopt));
  return in;
}

} // namespace

work_input input_of(const job_state& st, work_ref work) {
  auto item = work.item;
  auto& spec = st.plan->stages[work.stage];
  switch (spec.kind) {
  case work_kind::extract:
    return extract_input{st.source->source_object_key};
  case work_kind::transcribe:
    return transcribe_input{st.media->audio, st.spans[item],
                            st.spans.size() == 1};
  case work_kind::translate:
    return translate_input{
      spec.text_of.empty() ? st.speech->segments[item].text
                           : text_from(st, spec.text_of, item),
      st.source->options.source_language, st.source->target_language};
  case work_kind::speak:
    return speak_input{words_of(st, item), st.source->target_language,
                       st.source->options.voice, slot_of(st, item)};
  case work_kind::merge:
    return merge_of(st, spec);
  case work_kind::upload:
    return upload_input{*st.result, facts_of(st)};
  case work_kind::http:
    return http_of(st, spec, item);
  default:
    return fetch_input{};
  }
}

} // namespace dubber
