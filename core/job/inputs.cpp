#include "core/job/inputs.hpp"

#include "core/job/facts.hpp"
#include "core/lanes.hpp"
#include "core/languages.hpp"

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
std::string words_of(const job_state& st, std::uint32_t lane,
                     std::uint32_t item) {
  if (auto i = stage_in(*st.plan, lane, work_kind::speak); i >= 0)
    if (auto& spec = st.plan->stages[static_cast<std::size_t>(i)];
        !spec.text_of.empty())
      return text_from(st, spec.text_of, item);
  auto& translations = st.dub(lane).translations;
  return item < translations.size() ? translations[item].value_or("")
                                    : std::string{};
}

std::string language_of(const job_state& st, std::uint32_t lane) {
  return lane > 0 ? language_in(st, lane) : st.source->target_language;
}

/// The gateway's job as if it was for that language alone.
shared_value<fetched> source_for(const job_state& st, std::uint32_t lane) {
  auto out = st.source;
  auto language = language_of(st, lane);
  auto voice = voice_for(*out->options, language);
  if (lane > 0)
    out.edit().target_language = language;
  if (voice != out->options->voice)
    out.edit().options.edit().voice = voice;
  return out;
}

merge_input merge_of(const job_state& st, const stage_spec& spec) {
  merge_input in;
  auto source = source_for(st, spec.lane);
  auto& dub = st.dub(spec.lane);
  in.source_object_key = source->source_object_key;
  in.source_language = source->options->source_language;
  in.target_language = source->target_language;
  in.options = source->options;
  in.seconds = st.media->seconds;
  in.notes = st.speech->notes;
  for (std::size_t i = 0; i < st.speech->segments.size(); ++i) {
    auto& heard = st.speech->segments[i];
    auto item = static_cast<std::uint32_t>(i);
    merge_piece piece{heard.span, heard.text, words_of(st, spec.lane, item),
                      dub.speeches[i] ? *dub.speeches[i] : spoken{}};
    if (auto lost = dub.degraded.find(item); lost != dub.degraded.end())
      piece.degraded = lost->second;
    if (piece.degraded || dub.speeches[i])
      in.pieces.push_back(std::move(piece));
  }
  if (auto made = answer_of(st, spec.background, 0); made && made->file)
    in.background = *made->file;
  return in;
}

/// What the stage has come to, for others to refer to.
std::optional<work_result> result_of(const job_state& st, std::uint32_t stage,
                                     std::uint32_t item) {
  auto& spec = st.plan->stages[stage];
  auto& dub = st.dub(spec.lane);
  switch (spec.kind) {
  case work_kind::fetch:
    return st.source ? std::optional<work_result>{*st.source} : std::nullopt;
  case work_kind::extract:
    return st.media ? std::optional<work_result>{*st.media} : std::nullopt;
  case work_kind::transcribe:
    return st.speech ? std::optional<work_result>{*st.speech} : std::nullopt;
  case work_kind::translate:
    if (item < dub.translations.size() && dub.translations[item])
      return translated{*dub.translations[item]};
    return std::nullopt;
  case work_kind::speak:
    if (item < dub.speeches.size() && dub.speeches[item])
      return *dub.speeches[item];
    return std::nullopt;
  case work_kind::merge:
    return dub.result ? std::optional<work_result>{*dub.result} : std::nullopt;
  case work_kind::upload:
    return uploaded{dub.output_object_key, dub.output_files
                                             ? *dub.output_files
                                             : decltype(uploaded::files){}};
  case work_kind::http:
    if (auto made = answer_of(st, spec.name, item))
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
  known_result out{std::string{defined_name(spec.name)}, false, {}};
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
  http_input in{spec.http, source_for(st, spec.lane)};
  in.job_id = st.row.job_id;
  auto by_segment = spec.each == fan_out::segments;
  if (st.media)
    in.seconds = st.media->seconds;
  if (by_segment) {
    in.segment = st.speech->segments[item];
    in.seconds = in.segment->span.length();
  }
  for (auto& name : spec.http->refers_to)
    if (auto i = stage_in(*st.plan, spec.lane, name); i >= 0)
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
      st.source->options->source_language, language_of(st, spec.lane)};
  case work_kind::speak: {
    auto language = language_of(st, spec.lane);
    return speak_input{words_of(st, spec.lane, item), language,
                       voice_for(*st.source->options, language),
                       slot_of(st, item)};
  }
  case work_kind::merge:
    return merge_of(st, spec);
  case work_kind::upload:
    return upload_input{*st.dub(spec.lane).result, facts_of(st, spec.lane),
                        spec.lane > 0 ? language_in(st, spec.lane)
                                      : std::string{}};
  case work_kind::http:
    return http_of(st, spec, item);
  default:
    return fetch_input{};
  }
}

} // namespace dubber
