#include "core/overload.hpp"
#include "http/handlers.hpp"
#include "http/json.hpp"
#include "http/json_body.hpp"
#include "http/uri.hpp"

namespace dubber {

using nlohmann::json;

namespace {

constexpr std::size_t max_stage = 129; ///< `STAGE:LANGUAGE`
constexpr std::size_t max_language = 64;

/// Of a wish that an earlier process has recorded without answering.
http_answer answer_again(const query_answer& a) {
  if (auto job = std::get_if<job_view>(&a))
    return ok(to_json(*job), 202);
  return refused(std::get<fault>(a));
}

json done_json(const control_done& x, control_verb what) {
  auto out = to_json(x.job);
  if (what == control_verb::redo || what == control_verb::edit)
    out["repeats"] = x.repeats;
  if (x.segment)
    out["segment"] = to_json(*x.segment);
  return out;
}

http_answer answer_of(const control_answer& a, control_verb what) {
  return std::visit(
    overload{
      [&](const control_done& x) {
        return ok(done_json(x, what), x.changed ? 202 : 200);
      },
      [](const control_impossible& x) { return not_possible(x.why, x.job); },
      [](const fault& why) {
        if (why.code == fault_code::invalid_input)
          return invalid({{{"body", "stage"}, why.message}});
        return refused(why);
      },
    },
    a);
}

/// Whether the wish is only asked about.
bool read_dry_run(const http_call_in& call, std::vector<field_mistake>& wrong) {
  auto query = parse_query(call.query);
  auto i = query.find("dry_run");
  if (i == query.end() || i->second == "false")
    return false;
  if (i->second != "true")
    wrong.push_back({{"query", "dry_run"}, "is neither true nor false"});
  return true;
}

/// @param command Of a valid request.
void give(const route_scope& scope, control_command command) {
  request_once once{scope.to, {}};
  // What changes nothing may be asked again with the same key for good.
  if (!command.dry_run) {
    auto taken = take_once(scope, command.job_id, answer_again);
    if (!taken)
      return;
    once = std::move(*taken);
  }
  command.notes = std::move(once.notes);
  auto what = command.what;
  scope.with.jobs.control(
    std::move(command), [to = once.to, what](control_answer a) {
      to.later([a = std::move(a), what] { return answer_of(a, what); });
    });
}

/// A new text: without blanks around it, if it is there.
std::optional<std::string> read_words(const json& body, const char* field,
                                      std::vector<field_mistake>& wrong) {
  auto i = body.find(field);
  if (i == body.end() || i->is_null())
    return std::nullopt;
  std::string out;
  auto mistakes = wrong.size();
  read_text(body, field, max_words, out, wrong);
  if (wrong.size() > mistakes)
    return std::nullopt;
  constexpr auto blank = " \t\r\n";
  auto first = out.find_first_not_of(blank);
  if (first == std::string::npos) {
    wrong.push_back({{"body", field}, "is empty"});
    return std::nullopt;
  }
  out = out.substr(first, out.find_last_not_of(blank) - first + 1);
  for (auto c : out)
    if ((c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r')
        || c == '\x7f') {
      wrong.push_back({{"body", field}, "holds control characters"});
      return std::nullopt;
    }
  return out;
}

} // namespace

void control(const route_scope& scope, control_verb what) {
  control_command command;
  command.what = what;
  command.by = scope.by;
  auto id = job_id_of(scope);
  if (!id)
    return;
  command.job_id = *id;
  auto body = read_json_object(scope.call, true);
  if (auto bad = std::get_if<http_answer>(&body))
    return scope.to(std::move(*bad));
  std::vector<field_mistake> wrong;
  auto& fields = std::get<json>(body);
  read_text(fields, "stage", max_stage, command.stage, wrong);
  read_text(fields, "reason", max_reason, command.reason, wrong);
  command.dry_run = read_dry_run(scope.call, wrong);
  if (!wrong.empty())
    return scope.to(invalid(std::move(wrong)));
  give(scope, std::move(command));
}

void patch_segment(const route_scope& scope) {
  control_command command;
  command.what = control_verb::edit;
  command.by = scope.by;
  auto id = job_id_of(scope);
  if (!id)
    return;
  command.job_id = *id;
  auto body = read_json_object(scope.call, false);
  if (auto bad = std::get_if<http_answer>(&body))
    return scope.to(std::move(*bad));
  std::vector<field_mistake> wrong;
  auto& fields = std::get<json>(body);
  segment_edit edit;
  auto n = whole_number<std::uint32_t>(scope.values.at(1));
  if (n)
    edit.segment = *n;
  else
    wrong.push_back({{"path", "n"}, "is not the number of a segment"});
  edit.text = read_words(fields, "text", wrong);
  edit.translation = read_words(fields, "translation", wrong);
  read_text(fields, "language", max_language, edit.language, wrong);
  read_text(fields, "reason", max_reason, command.reason, wrong);
  command.dry_run = read_dry_run(scope.call, wrong);
  if (wrong.empty() && !edit.text && !edit.translation)
    wrong.push_back({{"body"}, "has neither text nor translation"});
  if (!wrong.empty())
    return scope.to(invalid(std::move(wrong)));
  command.edit = std::move(edit);
  give(scope, std::move(command));
}

} // namespace dubber
