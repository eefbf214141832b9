#include "http/kept_request.hpp"

#include "http/idempotency.hpp"
#include "http/json.hpp"

namespace dubber {

using nlohmann::json;

note note_of(const kept_request& request) {
  json value{{"request", request.request}};
  if (auto& answer = request.answer) {
    auto headers = json::array();
    for (auto& [name, text] : answer->headers)
      headers.push_back({name, text});
    value["answer"] = {{"status", answer->status},
                       {"content_type", answer->content_type},
                       {"headers", std::move(headers)},
                       {"body", answer->body}};
  }
  return {request_area, request.key, text_of(value), request.at};
}

result<kept_request> request_of(const note& kept) {
  try {
    auto value = json::parse(kept.value);
    kept_request out{kept.name, value.at("request"), kept.at, std::nullopt};
    if (auto i = value.find("answer"); i != value.end()) {
      auto& answer = out.answer.emplace();
      answer.status = i->at("status");
      answer.content_type = i->at("content_type");
      answer.body = i->at("body");
      for (auto& field : i->at("headers"))
        answer.headers.emplace_back(field.at(0), field.at(1));
    }
    return out;
  } catch (const json::exception& e) {
    return fault{fault_code::disk,
                 std::string{"the journal's note of a keyed request is "
                             "damaged: "}
                   + e.what(),
                 0,
                 {}};
  }
}

} // namespace dubber
