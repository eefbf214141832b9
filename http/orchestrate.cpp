#include "core/overload.hpp"
#include "http/handlers.hpp"
#include "http/json.hpp"
#include "http/json_body.hpp"
#include "http/trace.hpp"

namespace dubber {

using nlohmann::json;

namespace {

std::optional<std::int64_t> integer(const json& value) {
  if (!value.is_number_integer()
      || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    return std::nullopt;
  return value.get<std::int64_t>();
}

/// Fills the command; all mistakes at once.
std::vector<field_mistake> read_command(const json& body,
                                        const pipeline_book& pipelines,
                                        intake_command& command) {
  std::vector<field_mistake> wrong;
  auto say = [&](const char* field, std::string what) {
    wrong.push_back({{"body", field}, std::move(what)});
  };
  auto id = body.find("job_id");
  if (id == body.end())
    say("job_id", "field required");
  else if (auto n = integer(*id))
    command.job_id = *n;
  else
    say("job_id", "is not an integer of 64 bits");
  if (auto i = body.find("pipeline"); i != body.end()) {
    if (!i->is_string())
      say("pipeline", "is not a string");
    else if (!pipelines.find(i->get_ref<const std::string&>()))
      say("pipeline", "is not known; there is: " + pipelines.names());
    else
      command.pipeline = *i;
  }
  if (auto i = body.find("priority"); i != body.end()) {
    auto n = integer(*i);
    if (n && *n >= -1000 && *n <= 1000)
      command.priority = static_cast<int>(*n);
    else
      say("priority", "is not an integer from -1000 to 1000");
  }
  if (auto i = body.find("restart"); i != body.end()) {
    if (!i->is_boolean())
      say("restart", "is not true or false");
    else
      command.restart = i->get<bool>();
  }
  return wrong;
}

http_answer accepted(const intake_accepted& x) {
  auto& row = x.job.row;
  auto out = ok({{"message", x.known ? "Job is known already" : "Job accepted"},
                 {"job", gateway_job(x.job)},
                 {"run", row.run},
                 {"state", to_string(row.status)}},
                x.known ? 200 : 202);
  out.headers.emplace_back("Location", "/jobs/" + std::to_string(row.job_id));
  return out;
}

http_answer turned_away(const intake_refused& x) {
  auto seconds = static_cast<int>((x.retry_after.count() + 999) / 1000);
  using r = intake_refused::reason;
  if (x.why != r::full)
    return unavailable(x.why == r::stopping ? "stopping" : "journal_away",
                       x.message, seconds);
  auto out = problem(429, "too_many_jobs", x.message);
  out.headers.emplace_back("Retry-After", std::to_string(seconds));
  return out;
}

http_answer answer_of(const intake_answer& a) {
  return std::visit(
    overload{
      [](const intake_accepted& x) { return accepted(x); },
      [](const intake_rejected& x) {
        return problem(404, "job_not_found", x.reason);
      },
      [](const intake_refused& x) { return turned_away(x); },
      [](const intake_conflict& x) { return not_possible(x.why, x.job); },
    },
    a);
}

/// Of a job that an earlier process has taken in without answering.
http_answer answer_again(const query_answer& a) {
  auto job = std::get_if<job_view>(&a);
  if (!job)
    return refused(std::get<fault>(a));
  if (job->row.status == job_status::rejected)
    return problem(404, "job_not_found",
                   job->error ? job->error->why.message : "");
  return accepted({*job, false, !job->gateway_json.empty()});
}

} // namespace

void orchestrate(const route_scope& scope) {
  auto body = read_json_object(scope.call, false);
  if (auto bad = std::get_if<http_answer>(&body))
    return scope.to(std::move(*bad));
  intake_command command;
  command.by = scope.by;
  command.traceparent = traceparent_of(scope.call);
  auto& book = scope.with.pipelines ? *scope.with.pipelines : shipped_book();
  auto wrong = read_command(std::get<json>(body), book, command);
  if (!wrong.empty())
    return scope.to(invalid(std::move(wrong)));
  auto once = take_once(scope, command.job_id, answer_again);
  if (!once)
    return;
  command.notes = std::move(once->notes);
  scope.with.jobs.intake(std::move(command), [to = once->to](intake_answer a) {
    to.later([a = std::move(a)] { return answer_of(a); });
  });
}

} // namespace dubber
