#pragma once

#include "http/handlers.hpp"
#include "http/uri.hpp"
#include "tests/support/wire.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

/// Holds answers against the OpenAPI document, as far as the document uses
/// JSON Schema.
namespace dubber::test {

using nlohmann::json;

inline const json& api_document() {
  static const auto document = json::parse(openapi_json());
  return document;
}

/// What a `$ref` stands for; the thing itself when it is none.
inline const json& resolved(const json& thing) {
  if (!thing.contains("$ref"))
    return thing;
  auto where = thing.at("$ref").get<std::string>();
  return api_document().at(json::json_pointer{where.substr(1)});
}

inline bool fits_type(const json& value, const std::string& type) {
  if (type == "object")
    return value.is_object();
  if (type == "array")
    return value.is_array();
  if (type == "string")
    return value.is_string();
  if (type == "boolean")
    return value.is_boolean();
  if (type == "integer")
    return value.is_number_integer();
  return type == "number" && value.is_number();
}

/// All properties that the schema names, also within `allOf`.
inline void known_properties(const json& raw, std::set<std::string>& names,
                             bool& open) {
  auto& schema = resolved(raw);
  if (schema.contains("allOf"))
    for (auto& part : schema["allOf"])
      known_properties(part, names, open);
  open |= schema.contains("additionalProperties");
  // An object without properties is one of any shape.
  open
    |= schema.value("type", "") == "object" && !schema.contains("properties");
  if (schema.contains("properties"))
    for (auto& [name, what] : schema["properties"].items())
      names.insert(name);
}

inline std::string schema_mismatch(const json& value, const json& raw,
                                   const std::string& at, bool whole = true);

inline std::string object_mismatch(const json& value, const json& schema,
                                   const std::string& at, bool whole) {
  for (auto& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>()))
      return at + " lacks " + name.get<std::string>();
  auto named = schema.value("properties", json::object());
  for (auto& [name, what] : value.items())
    if (named.contains(name))
      if (auto wrong = schema_mismatch(what, named[name], at + "/" + name);
          !wrong.empty())
        return wrong;
  std::set<std::string> names;
  bool open = false;
  known_properties(schema, names, open);
  if (whole && !open)
    for (auto& [name, what] : value.items())
      if (!names.count(name))
        return at + "/" + name + " is not in the document";
  return {};
}

/// Empty when the value fits. @param whole Members that the schema does not
/// name are mistakes.
inline std::string schema_mismatch(const json& value, const json& raw,
                                   const std::string& at, bool whole) {
  auto& schema = resolved(raw);
  if (value.is_null())
    return schema.value("nullable", false) ? "" : at + " is null";
  if (schema.contains("oneOf")) {
    auto fitting = std::count_if(
      schema["oneOf"].begin(), schema["oneOf"].end(),
      [&](auto& one) { return schema_mismatch(value, one, at).empty(); });
    return fitting == 1 ? "" : at + " fits " + std::to_string(fitting);
  }
  if (schema.contains("type") && !fits_type(value, schema["type"]))
    return at + " is not " + schema["type"].get<std::string>() + ": "
           + value.dump();
  if (schema.contains("enum")
      && std::find(schema["enum"].begin(), schema["enum"].end(), value)
           == schema["enum"].end())
    return at + " is none of the listed: " + value.dump();
  if (schema.contains("minimum") && value < schema["minimum"])
    return at + " is too small";
  if (schema.contains("allOf"))
    for (auto& part : schema["allOf"])
      if (auto wrong = schema_mismatch(value, part, at, false); !wrong.empty())
        return wrong;
  if (value.is_array() && schema.contains("items"))
    for (auto& item : value)
      if (auto wrong = schema_mismatch(item, schema["items"], at + "[]");
          !wrong.empty())
        return wrong;
  return value.is_object() ? object_mismatch(value, schema, at, whole) : "";
}

/// The document's path for a request's; empty when there is none.
inline std::string documented_path(const std::string& target) {
  auto path = target.substr(0, target.find('?'));
  constexpr std::string_view scheme = "http://"; // "GET http://host/path"
  if (path.starts_with(scheme))
    path.erase(0, std::min(path.find('/', scheme.size()), path.size()));
  auto parts = path_parts(path);
  if (!parts)
    return {};
  for (auto& [known, what] : api_document()["paths"].items()) {
    auto form = path_parts(known).value();
    auto fits = std::equal(
      form.begin(), form.end(), parts->begin(), parts->end(),
      [](auto& a, auto& b) { return a.starts_with('{') || a == b; });
    if (fits)
      return known;
  }
  return {};
}

/// What of an answer the document does not tell; empty when it is all there.
/// Refusals of what is no route (404, 405) need no entry.
inline std::string undocumented(const std::string& method,
                                const std::string& target,
                                const wire_answer& answer) {
  auto path = documented_path(target);
  auto verb = method == "HEAD" ? "get" : method;
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  auto type = answer.header("content-type");
  type = type.substr(0, type.find(';'));
  auto problem = json{{"$ref", "#/components/schemas/Problem"}};
  if (path.empty() || !api_document()["paths"][path].contains(verb))
    return method == "HEAD"
             ? ""
             : schema_mismatch(json::parse(answer.body), problem, "");
  auto& answers = api_document()["paths"][path][verb]["responses"];
  auto status = std::to_string(answer.status);
  if (!answers.contains(status))
    return "status " + status + " is not in the document";
  auto& said = resolved(answers[status]);
  if (answer.status == 304 || answer.status == 307)
    return {};
  if (!said["content"].contains(type))
    return "the type " + type + " is not in the document for " + status;
  auto& schema = resolved(said["content"][type]["schema"]);
  auto text = !schema.contains("allOf") && schema.value("type", "") == "string";
  if (method == "HEAD" || text)
    return {};
  return schema_mismatch(json::parse(answer.body), schema, "");
}

} // namespace dubber::test
