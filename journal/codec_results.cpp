#include "journal/codec_results.hpp"

#include "core/overload.hpp"
#include "journal/json_text.hpp"

#include <stdexcept>

namespace dubber {

using nlohmann::json;

namespace {

json to(const artifact& x) {
  return {{"key", x.key}, {"sha256", x.sha256}, {"bytes", x.bytes}};
}

artifact artifact_from(const json& j) {
  return {j.at("key"), j.at("sha256"), j.at("bytes")};
}

json to(const job_options& x) {
  json j{{"source_language", x.source_language},
         {"voice", x.voice},
         {"keep_original", x.keep_original},
         {"subtitles", x.subtitles},
         {"pipeline", x.pipeline},
         {"priority", x.priority},
         {"unknown_keys", x.unknown_keys}};
  if (!x.target_languages.empty())
    j["target_languages"] = x.target_languages;
  if (!x.voices.empty())
    j["voices"] = x.voices;
  return j;
}

job_options options_from(const json& j) {
  job_options x;
  x.source_language = j.at("source_language");
  x.voice = j.at("voice");
  x.keep_original = j.at("keep_original");
  x.subtitles = j.at("subtitles");
  x.pipeline = j.at("pipeline");
  x.priority = j.at("priority");
  x.unknown_keys = j.at("unknown_keys").get<std::vector<std::string>>();
  x.target_languages = j.value("target_languages", std::vector<std::string>{});
  x.voices = j.value("voices", std::map<std::string, std::string>{});
  return x;
}

json to(const fetched& x) {
  return {{"kind", "fetched"},
          {"source_object_key", x.source_object_key},
          {"target_language", x.target_language},
          {"options", to(*x.options)},
          {"gateway_json", x.gateway_json}};
}

json to(const extracted& x) {
  auto chunks = json::array();
  for (auto& c : x.chunks)
    chunks.push_back({c.start, c.end});
  json j{{"kind", "extracted"},
         {"audio", to(x.audio)},
         {"seconds", x.seconds},
         {"chunks", std::move(chunks)}};
  if (!x.cuts.empty())
    j["cuts"] = x.cuts;
  return j;
}

json to(const transcript& x) {
  auto segments = json::array();
  for (auto& s : x.segments)
    segments.push_back({s.span.start, s.span.end, s.text});
  return {{"kind", "transcript"},
          {"segments", std::move(segments)},
          {"notes", x.notes}};
}

json to(const translated& x) {
  return {{"kind", "translated"}, {"text", x.text}};
}

json to(const spoken& x) {
  return {{"kind", "spoken"},
          {"audio", to(x.audio)},
          {"seconds", x.seconds},
          {"rate", x.rate}};
}

json to(const merged& x) {
  return {{"kind", "merged"}, {"video", to(x.video)},   {"srt", to(x.srt)},
          {"vtt", to(x.vtt)}, {"report", to(x.report)}, {"seconds", x.seconds}};
}

json to(const uploaded& x) {
  return {{"kind", "uploaded"},
          {"output_object_key", x.output_object_key},
          {"files", x.files}};
}

json to(const reported&) {
  return {{"kind", "reported"}};
}

json to(const answered& x) {
  json j{{"kind", "answered"}};
  if (!x.json.empty())
    j["json"] = x.json;
  if (!x.text.empty())
    j["text"] = x.text;
  if (x.file) {
    j["file"] = to(*x.file);
    j["content_type"] = x.content_type;
  }
  return j;
}

answered answered_from(const json& j) {
  answered x;
  x.json = j.value("json", std::string{});
  x.text = j.value("text", std::string{});
  x.content_type = j.value("content_type", std::string{});
  if (auto i = j.find("file"); i != j.end())
    x.file = artifact_from(*i);
  return x;
}

extracted extracted_from(const json& j) {
  extracted x{artifact_from(j.at("audio")), j.at("seconds"), {}};
  for (auto& c : j.at("chunks"))
    x.chunks.push_back({c.at(0), c.at(1)});
  x.cuts = j.value("cuts", std::vector<double>{});
  return x;
}

transcript transcript_from(const json& j) {
  transcript x;
  for (auto& s : j.at("segments"))
    x.segments.push_back({{s.at(0), s.at(1)}, s.at(2)});
  x.notes = j.at("notes").get<std::vector<std::string>>();
  return x;
}

} // namespace

json result_to_json(const work_result& what) {
  return std::visit([](auto& x) { return to(x); }, what);
}

std::string result_to_text(const work_result& what) {
  if (auto x = std::get_if<translated>(&what))
    return members()
      .add("kind", std::string{"translated"})
      .add("text", x->text)
      .text();
  auto x = std::get_if<answered>(&what);
  if (!x || x->file)
    return text_of(result_to_json(what));
  members out;
  if (!x->json.empty())
    out.add("json", x->json);
  out.add("kind", std::string{"answered"});
  if (!x->text.empty())
    out.add("text", x->text);
  return out.text();
}

work_result result_from_json(const json& j) {
  const std::string kind = j.at("kind");
  if (kind == "fetched")
    return fetched{j.at("source_object_key"), j.at("target_language"),
                   unless_usual(options_from(j.at("options"))),
                   j.at("gateway_json")};
  if (kind == "extracted")
    return extracted_from(j);
  if (kind == "transcript")
    return transcript_from(j);
  if (kind == "translated")
    return translated{j.at("text")};
  if (kind == "spoken")
    return spoken{artifact_from(j.at("audio")), j.at("seconds"), j.at("rate")};
  if (kind == "merged")
    return merged{artifact_from(j.at("video")), artifact_from(j.at("srt")),
                  artifact_from(j.at("vtt")), artifact_from(j.at("report")),
                  j.at("seconds")};
  if (kind == "uploaded")
    return uploaded{j.at("output_object_key"),
                    j.value("files", std::map<std::string, std::string>{})};
  if (kind == "reported")
    return reported{};
  if (kind == "answered")
    return answered_from(j);
  throw std::invalid_argument("unknown kind of result: " + kind);
}

json fault_to_json(const fault& why) {
  json j{{"code", std::string{to_string(why.code)}},
         {"message", why.message},
         {"http_status", why.http_status}};
  if (why.retry_after)
    j["retry_after_ms"] = why.retry_after->count();
  if (!why.subject.empty())
    j["subject"] = why.subject;
  return j;
}

fault fault_from_json(const json& j) {
  fault why;
  const std::string code = j.at("code");
  auto known = fault_code_from(code);
  if (!known)
    throw std::invalid_argument("unknown fault code: " + code);
  why.code = *known;
  why.message = j.at("message");
  why.http_status = j.at("http_status");
  if (auto i = j.find("retry_after_ms"); i != j.end())
    why.retry_after = ms{i->get<ms::rep>()};
  why.subject = j.value("subject", std::string{});
  return why;
}

} // namespace dubber
