#include "http/json_body.hpp"

#include <set>

namespace dubber {

using nlohmann::json;

namespace {

/// Looks on while a body is read.
class strict_reader {
public:
  bool operator()(int depth, json::parse_event_t what, json& value) {
    using event = json::parse_event_t;
    if (what == event::object_start || what == event::array_start)
      too_deep_ |= depth >= max_json_depth; // of its parents
    if (what == event::object_start)
      names_.emplace_back();
    else if (what == event::object_end && !names_.empty())
      names_.pop_back();
    else if (what == event::key && !names_.empty()
             && !names_.back().insert(value.get<std::string>()).second)
      twice_ = value.get<std::string>();
    return true;
  }

  std::string complaint() const {
    if (too_deep_)
      return "the body is nested more than " + std::to_string(max_json_depth)
             + " levels deep";
    if (twice_)
      return "the name \"" + *twice_ + "\" occurs twice in one object";
    return {};
  }

private:
  std::vector<std::set<std::string>> names_; ///< of the open objects
  std::optional<std::string> twice_;
  bool too_deep_ = false;
};

std::variant<json, http_answer> bad_json(std::string detail) {
  return problem(400, "bad_json", std::move(detail));
}

std::variant<json, http_answer> not_json(std::size_t byte) {
  return bad_json("the body is not JSON in UTF-8: something is wrong at byte "
                  + std::to_string(byte));
}

bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t'))
    type.remove_suffix(1);
  return same_word(type, "application/json");
}

} // namespace

std::variant<json, http_answer> read_json_object(const http_call_in& call,
                                                 bool may_be_missing) {
  if (call.body.size() > max_json_body)
    return problem(413, "too_large",
                   "the body is longer than " + std::to_string(max_json_body)
                     + " bytes");
  auto type = call.header("Content-Type");
  auto missing = may_be_missing && call.body.empty();
  if (!is_json_type(type) && !(missing && type.empty()))
    return problem(415, "content_type",
                   "the content type has to be application/json");
  if (missing)
    return json::object();
  // The parser would take it for the end of the text.
  if (auto nul = call.body.find('\0'); nul != std::string::npos)
    return not_json(nul + 1);
  strict_reader watch;
  try {
    auto body = json::parse(
      call.body, [&](int depth, json::parse_event_t what, json& value) {
        return watch(depth, what, value);
      });
    if (auto why = watch.complaint(); !why.empty())
      return bad_json(std::move(why));
    if (!body.is_object())
      return invalid({{{"body"}, "is not a JSON object"}});
    return body;
  } catch (const json::parse_error& e) {
    return not_json(e.byte);
  } catch (const json::exception&) {
    return bad_json("the body holds a number that is out of range");
  }
}

} // namespace dubber
