#include "app/call_file.hpp"

#include "app/pipeline_file.hpp"
#include "app/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace dubber {

namespace {

using json = nlohmann::json;

/// `{"$from": "/job/id"}`: a hole that is filled with any JSON.
const std::string* pointer_in(const json& value) {
  if (!value.is_object() || value.size() != 1)
    return nullptr;
  auto i = value.find("$from");
  return i != value.end() && i->is_string() ? &i->get_ref<const std::string&>()
                                            : nullptr;
}

/// Whether somewhere there is a hole with something else in it.
bool has_odd_hole(const json& value) {
  if (value.is_object() && value.contains("$from"))
    return pointer_in(value) == nullptr;
  return value.is_structured()
         && std::any_of(value.begin(), value.end(), has_odd_hole);
}

/// Whether a `{/` has no end.
bool has_open_hole(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '{')
      continue;
    if (text[i + 1] == '/') {
      i = text.find('}', i);
      if (i == std::string_view::npos)
        return true;
    } else if (text[i + 1] == '{') {
      ++i;
    }
  }
  return false;
}

bool is_plain(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < ' ' && c != '\t') || c == 0x7f;
  });
}

void write_body(const json& value, text_template& out) {
  auto& text = out.pieces;
  if (auto pointer = pointer_in(value)) {
    out.pointers.push_back(*pointer);
    text.emplace_back();
  } else if (value.is_object()) {
    auto first = true;
    text.back() += '{';
    for (auto& [key, inner] : value.items()) {
      text.back() += (first ? "" : ",") + json(key).dump() + ":";
      write_body(inner, out);
      first = false;
    }
    text.back() += '}';
  } else if (value.is_array()) {
    auto first = true;
    text.back() += '[';
    for (auto& inner : value) {
      text.back() += first ? "" : ",";
      write_body(inner, out);
      first = false;
    }
    text.back() += ']';
  } else {
    text.back() += value.dump();
  }
}

bool is_token(const std::string& text) {
  return !text.empty() && text.size() <= 64
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '-' || c == '_';
            });
}

bool is_reserved(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  static const std::set<std::string> ours{
    "host",        "content-length", "transfer-encoding", "connection",
    "expect",      "upgrade",        "keep-alive",        "trailer",
    "traceparent", "idempotency-key"};
  return ours.count(name) > 0;
}

class call_reader {
public:
  call_reader(std::string place, std::vector<std::string>& mistakes)
    : place_(std::move(place)), mistakes_(mistakes) {
    // nop
  }

  http_call out;

  void read(const json& stage) {
    auto request = stage.find("request");
    if (request == stage.end() || !request->is_object())
      say("request", "must be an object");
    else
      read_request(*request);
    if (auto answer = stage.find("answer"); answer != stage.end())
      read_answer(*answer);
    if (auto cache = stage.find("cache"); cache != stage.end()) {
      if (cache->is_boolean())
        out.cache = cache->get<bool>();
      else
        say("cache", "must be true or false");
    }
    if (out.answer == answer_kind::none)
      out.cache = false; // it is called for what it does
    std::set<std::string> stages;
    for (auto& pointer : pointers_of(out))
      if (auto parts = pointer_parts(pointer);
          parts && parts->size() > 1 && parts->front() == "stages")
        stages.insert((*parts)[1]);
    out.refers_to.assign(stages.begin(), stages.end());
  }

private:
  void say(const std::string& field, const std::string& what) {
    mistakes_.push_back(place_ + field + " " + what);
  }

  void only(const json& object, const std::string& where,
            std::initializer_list<std::string_view> known) {
    for (auto& [key, value] : object.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        say(where + "." + key, "is not a known key");
  }

  std::string text(const json& object, const std::string& where,
                   const char* key, std::string otherwise) {
    auto i = object.find(key);
    if (i == object.end())
      return otherwise;
    if (i->is_string() && !i->get_ref<const std::string&>().empty())
      return i->get<std::string>();
    say(where + "." + key, "must be a string that is not empty");
    return otherwise;
  }

  void read_request(const json& request) {
    only(request, "request", {"method", "path", "headers", "body", "upload"});
    out.method = text(request, "request", "method", "POST");
    if (out.method != "GET" && out.method != "POST" && out.method != "PUT"
        && out.method != "PATCH" && out.method != "DELETE")
      say("request.method", "must be GET, POST, PUT, PATCH or DELETE");
    auto path = text(request, "request", "path", "");
    out.path = read_template(path);
    if (has_open_hole(path))
      say("request.path", no_end);
    if (!path.starts_with('/')
        || std::any_of(path.begin(), path.end(),
                       [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
      say("request.path", "must begin with '/', without spaces");
    if (auto i = request.find("headers"); i != request.end())
      read_headers(*i);
    auto body = request.find("body");
    auto upload = request.find("upload");
    if (body != request.end() && upload != request.end())
      say("request", "cannot have both body and upload");
    else if (out.method == "GET"
             && (body != request.end() || upload != request.end()))
      say("request", "cannot have a body with GET");
    if (body != request.end()) {
      if (has_odd_hole(*body))
        say("request.body", "must have $from alone in its object, with a JSON "
                            "Pointer");
      out.body.emplace();
      write_body(*body, *out.body);
    }
    if (upload != request.end())
      read_upload(*upload);
  }

  void read_headers(const json& headers) {
    if (!headers.is_object())
      return say("request.headers", "must be an object");
    for (auto& [name, value] : headers.items()) {
      auto field = "request.headers." + name;
      if (!is_token(name) || is_reserved(name))
        say(field, "cannot be set");
      else if (!value.is_string())
        say(field, "must be a string");
      else
        read_header(field, name, value.get<std::string>());
    }
  }

  void read_header(const std::string& field, const std::string& name,
                   const std::string& value) {
    if (!is_plain(value))
      say(field, "must be plain text of one line");
    if (has_open_hole(value))
      say(field, no_end);
    out.headers.emplace_back(name, read_template(value));
  }

  void read_upload(const json& upload) {
    if (!upload.is_object())
      return say("request.upload", "must be an object");
    only(upload, "request.upload",
         {"file", "field", "filename", "content_type"});
    upload_part part;
    part.pointer = text(upload, "request.upload", "file", "");
    if (part.pointer.empty())
      say("request.upload.file", "must be there");
    part.field = text(upload, "request.upload", "field", part.field);
    part.filename = text(upload, "request.upload", "filename", part.filename);
    part.content_type
      = text(upload, "request.upload", "content_type", part.content_type);
    out.upload = std::move(part);
  }

  void read_answer(const json& answer) {
    if (!answer.is_object())
      return say("answer", "must be an object");
    only(answer, "answer", {"kind", "text", "content_type", "max_bytes"});
    auto kind = text(answer, "answer", "kind", "json");
    if (kind == "file")
      out.answer = answer_kind::file;
    else if (kind == "none")
      out.answer = answer_kind::none;
    else if (kind != "json")
      say("answer.kind", "must be json, file or none");
    out.text = text(answer, "answer", "text", "");
    if (!out.text.empty() && (kind != "json" || !pointer_parts(out.text)))
      say("answer.text", "must be a JSON Pointer into a JSON answer");
    out.content_type = text(answer, "answer", "content_type", "");
    if (!out.content_type.empty() && kind != "file")
      say("answer.content_type", "is of files only");
    auto most = kind == "file" ? max_file_answer : max_json_answer;
    out.max_bytes = kind == "file" ? 64ull << 20 : max_json_answer;
    if (auto i = answer.find("max_bytes"); i != answer.end()) {
      auto bytes = i->is_string()
                     ? parse_bytes(i->get_ref<const std::string&>())
                     : std::nullopt;
      if (bytes && *bytes > 0 && *bytes <= most)
        out.max_bytes = *bytes;
      else
        say("answer.max_bytes", "must be a number of bytes such as \"64MB\", "
                                "at most "
                                  + print_bytes(most));
    }
  }

  static constexpr auto no_end = "has a '{/' without its '}'";
  std::string place_;
  std::vector<std::string>& mistakes_;
};

} // namespace

text_template read_template(std::string_view text) {
  text_template out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto end = text[i] == '{' && i + 1 < text.size() && text[i + 1] == '/'
                 ? text.find('}', i)
                 : std::string_view::npos;
    if (end == std::string_view::npos) {
      // A doubled brace is one.
      if (text.substr(i, 2) == "{{")
        ++i;
      out.pieces.back() += text[i];
      continue;
    }
    out.pointers.emplace_back(text.substr(i + 1, end - i - 1));
    out.pieces.emplace_back();
    i = end;
  }
  return out;
}

http_call read_call(const json& stage, const std::string& place,
                    std::vector<std::string>& mistakes) {
  call_reader reader{place, mistakes};
  reader.read(stage);
  return std::move(reader.out);
}

} // namespace dubber
