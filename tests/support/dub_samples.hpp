#pragma once

#include "core/overload.hpp"
#include "core/work.hpp"

#include <string>
#include <vector>

namespace dubber::test {

/// How large a played dub is.
struct dub_shape {
  std::uint32_t chunks = 1;
  std::uint32_t segments = 3; ///< of the whole source; at least one a chunk
  std::string language = "hi";
  std::vector<std::string> further = {}; ///< languages besides it
};

inline artifact sample_artifact(const std::string& name) {
  return {"artifacts/" + name, std::string(64, 'a'), 1'000};
}

/// Ten seconds a segment.
inline double seconds_of(const dub_shape& shape) {
  return 10.0 * shape.segments;
}

/// Where chunk `n` lies: the last one takes what does not divide.
inline media_span chunk_span(const dub_shape& shape, std::uint32_t n) {
  auto each = shape.segments / shape.chunks;
  auto end = n + 1 == shape.chunks ? shape.segments : each * (n + 1);
  return {10.0 * each * n, 10.0 * end};
}

namespace detail {

inline work_result heard(const transcribe_input& x) {
  transcript out;
  for (auto at = x.chunk.start; at + 10 <= x.chunk.end; at += 10)
    out.segments.push_back(
      {{at + 1, at + 8}, "words at " + std::to_string(static_cast<int>(at))});
  return out;
}

inline work_result cut(const dub_shape& shape) {
  extracted out{sample_artifact("sound"), seconds_of(shape), {}};
  for (std::uint32_t n = 0; n < shape.chunks; ++n)
    out.chunks.push_back(chunk_span(shape, n));
  return out;
}

} // namespace detail

/// What a faultless neighbour answers: the same to the same order, always.
inline work_result sample_answer(const work_order& order,
                                 const dub_shape& shape) {
  auto id = std::to_string(order.job_id);
  return std::visit(
    overload{
      [&](const fetch_input&) -> work_result {
        fetched out{
          "1_film " + id + ".mp4", shape.language, {}, "{\"id\":" + id + "}"};
        if (!shape.further.empty()) {
          auto& all = out.options.edit().target_languages;
          all = {shape.language};
          all.insert(all.end(), shape.further.begin(), shape.further.end());
        }
        return out;
      },
      [&](const extract_input&) { return detail::cut(shape); },
      [&](const transcribe_input& x) { return detail::heard(x); },
      [&](const translate_input& x) -> work_result {
        return translated{x.target_language + ": " + x.text};
      },
      [&](const speak_input& x) -> work_result {
        return spoken{sample_artifact(x.text), x.slot_seconds / 2, 1};
      },
      [&](const merge_input& x) -> work_result {
        auto in = order.language.empty() ? "" : "." + order.language;
        return merged{sample_artifact("video" + in),
                      sample_artifact("srt" + in), sample_artifact("vtt" + in),
                      sample_artifact("report" + in), x.seconds};
      },
      [&](const upload_input& x) -> work_result {
        auto in = x.language.empty() ? "" : "." + x.language;
        return uploaded{"dubbed_" + id + in + ".mp4"};
      },
      [&](const http_input& x) -> work_result {
        answered out;
        if (x.call->answer == answer_kind::file)
          out.file = sample_artifact(order.stage + id);
        if (x.call->answer == answer_kind::json)
          out.json = "{\"of\":" + std::to_string(order.item) + "}";
        if (!x.call->text.empty())
          out.text = order.stage + " " + std::to_string(order.item);
        return out;
      },
    },
    order.input);
}

} // namespace dubber::test
