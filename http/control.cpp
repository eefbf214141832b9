#include "core/overload.hpp"
#include "http/handlers.hpp"
#include "http/json.hpp"
#include "http/json_body.hpp"

namespace dubber {

using nlohmann::json;

namespace {

constexpr std::size_t max_stage = 64;

/// Of a wish that an earlier process has recorded without answering.
http_answer answer_again(const query_answer& a) {
  if (auto job = std::get_if<job_view>(&a))
    return ok(to_json(*job), 202);
  return refused(std::get<fault>(a));
}

http_answer answer_of(const control_answer& a) {
  return std::visit(
    overload{
      [](const control_done& x) {
        return ok(to_json(x.job), x.changed ? 202 : 200);
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
  if (!wrong.empty())
    return scope.to(invalid(std::move(wrong)));
  auto once = take_once(scope, command.job_id, answer_again);
  if (!once)
    return;
  command.notes = std::move(once->notes);
  scope.with.jobs.control(
    std::move(command), [to = once->to](control_answer a) {
      to.later([a = std::move(a)] { return answer_of(a); });
    });
}

} // namespace dubber
