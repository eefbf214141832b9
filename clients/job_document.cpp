#include "clients/job_document.hpp"

#include "clients/http/url.hpp"
#include "core/overload.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

namespace {

using nlohmann::json;

json to_json(const artifact& x) {
  return {{"key", x.key}, {"sha256", x.sha256}, {"bytes", x.bytes}};
}

json parsed(const std::string& text) {
  auto out = json::parse(text, nullptr, false);
  return out.is_discarded() ? json() : out;
}

json segments_json(const transcript& x) {
  auto out = json::array();
  for (auto& s : x.segments)
    out.push_back(
      {{"start", s.span.start}, {"end", s.span.end}, {"text", s.text}});
  return out;
}

/// A result as pointers see it: no more than docs/pipelines.md promises.
json to_json(const work_result& result) {
  return std::visit(
    overload{
      [](const extracted& x) -> json {
        return {{"audio", to_json(x.audio)}, {"seconds", x.seconds}};
      },
      [](const transcript& x) -> json {
        return {{"segments", segments_json(x)}};
      },
      [](const translated& x) -> json {
        return {{"text", x.text}};
      },
      [](const spoken& x) -> json {
        return {{"audio", to_json(x.audio)}, {"seconds", x.seconds}};
      },
      [](const merged& x) -> json {
        return {{"video", to_json(x.video)},
                {"srt", to_json(x.srt)},
                {"vtt", to_json(x.vtt)},
                {"report", to_json(x.report)},
                {"seconds", x.seconds}};
      },
      [](const uploaded& x) -> json {
        return {{"output_object_key", x.output_object_key}, {"files", x.files}};
      },
      [](const answered& x) -> json {
        json out = json::object();
        if (!x.json.empty())
          out["answer"] = parsed(x.json);
        if (!x.text.empty())
          out["text"] = x.text;
        if (x.file)
          out["file"] = to_json(*x.file);
        return out;
      },
      [](const auto&) -> json { return json::object(); },
    },
    result);
}

/// The gateway's `optionsJson`, also what only the pipeline knows.
json options_json(const http_input& in) {
  auto gateway = parsed(in.source->gateway_json);
  if (gateway.is_object())
    if (auto i = gateway.find("optionsJson");
        i != gateway.end() && i->is_string())
      if (auto own = parsed(*i); own.is_object())
        return own;
  return json::object();
}

json job_json(const http_input& in, const std::string& member) {
  if (member == "id")
    return in.job_id;
  if (member == "source_object_key")
    return in.source->source_object_key;
  if (member == "source_language")
    return in.source->options->source_language;
  if (member == "target_language")
    return in.source->target_language;
  if (member == "voice")
    return in.source->options->voice;
  return member == "options" ? options_json(in) : json();
}

json job_json(const http_input& in) {
  auto out = json::object();
  for (auto name : {"id", "source_object_key", "source_language",
                    "target_language", "voice", "options"})
    out[name] = job_json(in, name);
  return out;
}

json segment_json(const heard_segment& x) {
  return {{"start", x.span.start}, {"end", x.span.end}, {"text", x.text}};
}

json stage_json(const known_result& x) {
  if (!x.each)
    return x.items.empty() || !x.items.front() ? json()
                                               : to_json(*x.items.front());
  auto out = json::array();
  for (auto& item : x.items)
    out.push_back(item ? to_json(*item) : json());
  return out;
}

/// The part of the document that the pointer goes through.
json root_of(const http_input& in, const std::vector<std::string>& parts) {
  if (parts.empty())
    return {};
  if (parts[0] == "job" && parts.size() > 1)
    return {{"job", {{parts[1], job_json(in, parts[1])}}}};
  if (parts[0] == "job")
    return {{"job", job_json(in)}};
  if (parts[0] == "segment" && in.segment)
    return {{"segment", segment_json(*in.segment)}};
  if (parts[0] == "stages" && parts.size() > 1)
    for (auto& known : in.results)
      if (known.stage == parts[1])
        return {{"stages", {{known.stage, stage_json(known)}}}};
  return {};
}

result<json> find(const http_input& in, std::string_view pointer) {
  fault nothing{fault_code::invalid_input,
                "there is nothing at " + std::string{pointer}
                  + " of the job's document",
                0,
                {}};
  auto parts = pointer_parts(pointer);
  if (!parts)
    return nothing;
  auto root = root_of(in, *parts);
  const json::json_pointer at{std::string{pointer}};
  if (!root.contains(at) || root.at(at).is_null())
    return nothing;
  return root.at(at);
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Of a hole in plain text: strings as they are.
result<std::string> plain_at(const http_input& in, const std::string& pointer) {
  auto value = find(in, pointer);
  if (!value)
    return value.error();
  if (value->is_structured())
    return fault{fault_code::invalid_input,
                 "what is at " + pointer + " is no text and no number",
                 0,
                 {}};
  return value->is_string() ? value->get<std::string>() : dumped(*value);
}

enum class hole { path, header, body };

result<std::string> fill(const http_input& in, const text_template& text,
                         hole where) {
  auto out = text.pieces.front();
  for (std::size_t i = 0; i < text.pointers.size(); ++i) {
    auto value = where == hole::body ? value_at(in, text.pointers[i])
                                     : plain_at(in, text.pointers[i]);
    if (!value)
      return value;
    // Of a path these would be parts that lead elsewhere.
    if (where == hole::path && (*value == "." || *value == ".."))
      return fault{fault_code::invalid_input,
                   "what is at " + text.pointers[i] + " cannot be in a path",
                   0,
                   {}};
    out += where == hole::path ? percent_encode(*value, false) : *value;
    out += text.pieces[i + 1];
  }
  return out;
}

result<artifact> artifact_at(const http_input& in, const std::string& pointer) {
  auto value = find(in, pointer);
  if (!value)
    return value.error();
  if (value->is_string() && pointer == source_pointer)
    return artifact{value->get<std::string>(), {}, 0};
  try {
    return artifact{value->at("key"), value->at("sha256"), value->at("bytes")};
  } catch (const json::exception&) {
    return fault{fault_code::invalid_input,
                 "what is at " + pointer + " is no stored file",
                 0,
                 {}};
  }
}

} // namespace

result<std::string> value_at(const http_input& in, std::string_view pointer) {
  auto value = find(in, pointer);
  if (!value)
    return value.error();
  return dumped(*value);
}

result<rendered_call> render(const http_input& in) {
  auto& call = *in.call;
  rendered_call out;
  auto path = fill(in, call.path, hole::path);
  if (!path)
    return path.error();
  out.path = std::move(*path);
  for (auto& [name, text] : call.headers) {
    auto value = fill(in, text, hole::header);
    if (!value)
      return value.error();
    out.headers.emplace_back(name, std::move(*value));
  }
  if (call.body) {
    auto body = fill(in, *call.body, hole::body);
    if (!body)
      return body.error();
    out.body = std::move(*body);
  }
  if (call.upload) {
    auto file = artifact_at(in, call.upload->pointer);
    if (!file)
      return file.error();
    out.upload = std::move(*file);
  }
  return out;
}

result<std::string> text_at(std::string_view answer, std::string_view pointer) {
  fault none{fault_code::bad_answer,
             "the answer has no text at " + std::string{pointer},
             0,
             {}};
  auto root = json::parse(answer, nullptr, false);
  if (root.is_discarded())
    return none;
  const json::json_pointer at{std::string{pointer}};
  if (!root.contains(at))
    return none;
  auto& value = root.at(at);
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    return none;
  return value.get<std::string>();
}

} // namespace dubber
