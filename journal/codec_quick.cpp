#include "journal/codec_quick.hpp"

#include "journal/json_scan.hpp"

#include <type_traits>

namespace dubber {

namespace {

void read(json_scan& in, artifact& x) {
  in.skip("{\"bytes\":").read(x.bytes).skip(",\"key\":").read(x.key);
  in.skip(",\"sha256\":").read(x.sha256).skip("}");
}

void read(json_scan& in, translated& x) {
  in.skip("{\"kind\":\"translated\",\"text\":").read(x.text).skip("}");
}

void read(json_scan& in, spoken& x) {
  in.skip("{\"audio\":");
  read(in, x.audio);
  in.skip(",\"kind\":\"spoken\",\"rate\":").read(x.rate);
  in.skip(",\"seconds\":").read(x.seconds).skip("}");
}

void read(json_scan& in, answered& x) {
  in.skip("{\"json\":").read(x.json).skip(",\"kind\":\"answered\"");
  if (in.try_skip(",\"text\":"))
    in.read(x.text);
  in.skip("}");
}

void read(json_scan& in, transcript& x) {
  in.skip("{\"kind\":\"transcript\",\"notes\":[],\"segments\":[");
  while (in.is_sound() && !in.try_skip("]")) {
    if (!x.segments.empty())
      in.skip(",");
    auto& s = x.segments.emplace_back();
    in.skip("[").read(s.span.start).skip(",").read(s.span.end);
    in.skip(",").read(s.text).skip("]");
  }
  in.skip("}");
}

void read(json_scan& in, job_options& x) {
  in.skip("{\"keep_original\":").read(x.keep_original);
  in.skip(",\"pipeline\":").read(x.pipeline);
  in.skip(",\"priority\":").read(x.priority);
  in.skip(",\"source_language\":").read(x.source_language);
  in.skip(",\"subtitles\":").read(x.subtitles);
  in.skip(",\"unknown_keys\":[],\"voice\":").read(x.voice).skip("}");
}

void read(json_scan& in, fetched& x) {
  in.skip("{\"gateway_json\":").read(x.gateway_json);
  in.skip(",\"kind\":\"fetched\",\"options\":");
  job_options options;
  read(in, options);
  x.options = unless_usual(std::move(options));
  in.skip(",\"source_object_key\":").read(x.source_object_key);
  in.skip(",\"target_language\":").read(x.target_language).skip("}");
}

/// @returns Whether the result begins so: it is read then.
template <class T>
bool try_result(json_scan& in, std::string_view begins, work_result& to) {
  auto ahead = in;
  if (!ahead.try_skip(begins))
    return false;
  read(in, to.emplace<T>());
  return true;
}

bool read(json_scan& in, work_result& to) {
  if (in.try_skip("{\"kind\":\"reported\"}")) {
    to = reported{};
    return true;
  }
  return try_result<translated>(in, "{\"kind\":\"translated\"", to)
         || try_result<transcript>(in, "{\"kind\":\"transcript\"", to)
         || try_result<fetched>(in, "{\"gateway_json\"", to)
         || try_result<answered>(in, "{\"json\"", to)
         || try_result<spoken>(in, "{\"audio\"", to);
}

std::optional<event_body> read_started(json_scan in) {
  ev::stage_started x;
  in.skip("{\"items\":").read(x.items).skip(",\"stage\":").read(x.stage);
  if (!in.skip("}").is_done())
    return std::nullopt;
  return x;
}

std::optional<event_body> read_accepted(json_scan in) {
  ev::job_accepted x;
  in.skip("{\"by\":").read(x.by).skip(",\"job_id\":").read(x.job_id);
  in.skip(",\"pipeline\":").read(x.pipeline);
  in.skip(",\"priority\":").read(x.priority);
  in.skip(",\"traceparent\":").read(x.traceparent);
  if (!in.skip("}").is_done())
    return std::nullopt;
  return x;
}

/// Of a stage, or of one of its items.
template <class T>
std::optional<event_body> read_completed(json_scan in) {
  T x;
  in.skip("{\"attempt\":").read(x.attempt);
  if constexpr (std::is_same_v<T, ev::item_completed>)
    in.skip(",\"item\":").read(x.item);
  in.skip(",\"result\":");
  if (!read(in, x.result))
    return std::nullopt;
  in.skip(",\"stage\":").read(x.stage);
  if (!in.skip("}").is_done())
    return std::nullopt;
  return x;
}

} // namespace

std::optional<event_body> decode_quickly(std::string_view type,
                                         std::string_view payload) {
  json_scan in{payload};
  if (type == "stage.started")
    return read_started(in);
  if (type == "stage.completed")
    return read_completed<ev::stage_completed>(in);
  if (type == "segment.translated" || type == "segment.spoken"
      || type == "item.completed" || type == "chunk.transcribed")
    return read_completed<ev::item_completed>(in);
  if (type == "job.accepted")
    return read_accepted(in);
  return std::nullopt;
}

} // namespace dubber
