#include "http/orchestrate.hpp"

#include "core/overload.hpp"
#include "http/json.hpp"

namespace dubber {

using nlohmann::json;

namespace {

constexpr int max_depth = 64; // INTERFACES, Limits

std::string reason_of(int status) {
  switch (status) {
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 422:
    return "Unprocessable Content";
  case 429:
    return "Too Many Requests";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "Internal Server Error";
  }
}

/// One entry of `detail`, as FastAPI's clients know it.
json mistake(const char* field, const char* what) {
  return {{"loc", {"body", field}}, {"msg", what}, {"type", "value_error"}};
}

/// All mistakes at once; the command is only good when there are none.
json read_command(const json& body, intake_command& command) {
  auto wrong = json::array();
  auto id = body.find("job_id");
  if (id == body.end())
    wrong.push_back(mistake("job_id", "field required"));
  else if (!id->is_number_integer()
           || (id->is_number_unsigned()
               && id->get<std::uint64_t>() > INT64_MAX))
    wrong.push_back(mistake("job_id", "is not an integer"));
  else
    command.job_id = id->get<std::int64_t>();
  if (auto i = body.find("pipeline"); i != body.end()) {
    if (!i->is_string())
      wrong.push_back(mistake("pipeline", "is not a string"));
    else if (*i != "dub")
      wrong.push_back(mistake("pipeline", "is not known; there is: dub"));
    else
      command.pipeline = *i;
  }
  if (auto i = body.find("priority"); i != body.end()) {
    if (!i->is_number_integer() || *i < -1000 || *i > 1000)
      wrong.push_back(
        mistake("priority", "is not an integer from -1000 to 1000"));
    else
      command.priority = i->get<int>();
  }
  if (auto i = body.find("restart"); i != body.end())
    if (!i->is_boolean() || i->get<bool>())
      wrong.push_back(mistake("restart", "a restart is not offered yet"));
  return wrong;
}

http_answer accepted(const intake_accepted& x) {
  auto& row = x.job.row;
  json body{{"message", x.known ? "Job is known already" : "Job accepted"},
            {"job", gateway_job(x.job)},
            {"run", row.run},
            {"state", std::string{to_string(row.status)}}};
  http_answer out{x.known ? 200 : 202, "application/json", text_of(body), {}};
  out.headers.emplace_back("Location", "/jobs/" + std::to_string(row.job_id));
  return out;
}

http_answer answer_of(const intake_answer& a) {
  return std::visit(
    overload{
      [](const intake_accepted& x) { return accepted(x); },
      [](const intake_rejected& x) {
        return problem(404, "job_not_found", x.reason);
      },
      [](const intake_conflict& x) {
        return problem(
          409, "conflict", x.why,
          text_of({{"state", std::string{to_string(x.job.row.status)}}}));
      },
      [](const intake_refused& x) {
        auto full = x.why == intake_refused::reason::full;
        auto out = problem(full ? 429 : 503,
                           full ? "too_many_jobs"
                           : x.why == intake_refused::reason::stopping
                             ? "stopping"
                             : "journal_away",
                           x.message);
        out.headers.emplace_back(
          "Retry-After", std::to_string((x.retry_after.count() + 999) / 1000));
        return out;
      },
    },
    a);
}

} // namespace

http_answer problem(int status, const std::string& code,
                    const std::string& detail, const std::string& more) {
  json j{
    {"type", "about:blank"}, {"title", reason_of(status)},
    {"status", status},      {"detail", detail},
    {"code", code},          {"retryable", status == 429 || status >= 500}};
  if (!more.empty())
    j.update(json::parse(more));
  return {status, "application/problem+json", text_of(j), {}};
}

void orchestrate(const route_settings& with, const http_call_in& call,
                 const answer_callback& on_answer) {
  if (call.body.size() > with.max_body)
    return on_answer(problem(413, "too_large",
                             "the body is longer than "
                               + std::to_string(with.max_body) + " bytes"));
  auto type = call.content_type.substr(0, call.content_type.find(';'));
  while (!type.empty() && type.back() == ' ')
    type.pop_back();
  if (type != "application/json")
    return on_answer(problem(415, "content_type",
                             "the content type has to be application/json"));
  auto deep = false;
  auto body = json::parse(
    call.body,
    [&](int depth, json::parse_event_t, json&) {
      deep |= depth > max_depth;
      return !deep;
    },
    false);
  if (deep || body.is_discarded())
    return on_answer(
      problem(400, "bad_json",
              deep ? "the body is nested too deeply" : "the body is not JSON"));
  intake_command command;
  command.traceparent = call.traceparent;
  auto wrong = body.is_object()
                 ? read_command(body, command)
                 : json::array({mistake("", "is not a JSON object")});
  if (!wrong.empty())
    return on_answer(problem(422, "validation", "the request is not valid",
                             text_of({{"detail", wrong}})));
  with.jobs.intake(std::move(command),
                   [on_answer](intake_answer a) { on_answer(answer_of(a)); });
}

} // namespace dubber
