#include "http/routes.hpp"

#include "core/overload.hpp"
#include "http/docs.hpp"
#include "http/json.hpp"
#include "http/orchestrate.hpp"

#include <charconv>

namespace dubber {

using nlohmann::json;

namespace {

constexpr std::size_t max_limit = 1'000;

template <class T>
std::optional<T> number(const std::string& text) {
  T out{};
  auto end = text.data() + text.size();
  auto [p, ec] = std::from_chars(text.data(), end, out);
  if (ec != std::errc{} || p != end)
    return std::nullopt;
  return out;
}

http_answer ok(const json& j) {
  return {200, "application/json", text_of(j), {}};
}

http_answer shown(const query_answer& a) {
  return std::visit(overload{
                      [](const fault& why) {
                        if (why.code == fault_code::not_found)
                          return problem(404, "not_found", why.message);
                        auto out = problem(
                          503, std::string{to_string(why.code)}, why.message);
                        out.headers.emplace_back("Retry-After", "5");
                        return out;
                      },
                      [](const auto& x) { return ok(to_json(x)); },
                    },
                    a);
}

http_answer wrong_field(const std::string& name, const std::string& what) {
  return problem(422, "validation", name + ": " + what);
}

/// `cursor` and `limit`; the answer says what is wrong with them.
std::optional<http_answer>
read_page(const std::map<std::string, std::string>& query,
          std::uint64_t& cursor, std::size_t& limit) {
  if (auto i = query.find("cursor"); i != query.end()) {
    auto n = number<std::uint64_t>(i->second);
    if (!n)
      return wrong_field("cursor", "is not a cursor of an earlier answer");
    cursor = *n;
  }
  if (auto i = query.find("limit"); i != query.end()) {
    auto n = number<std::size_t>(i->second);
    if (!n || *n == 0 || *n > max_limit)
      return wrong_field("limit", "is not a number from 1 to 1000");
    limit = *n;
  }
  return std::nullopt;
}

void list_jobs(const route_settings& with, const http_call_in& call,
               const answer_callback& on_answer) {
  auto query = parse_query(call.query);
  list_query ask;
  if (auto bad = read_page(query, ask.cursor, ask.limit))
    return on_answer(*bad);
  if (auto i = query.find("state"); i != query.end()) {
    ask.status = job_status_from(i->second);
    if (!ask.status)
      return on_answer(wrong_field("state", "is not a state of a job"));
  }
  with.jobs.ask(ask, [on_answer](query_answer a) { on_answer(shown(a)); });
}

void show_job(const route_settings& with, const http_call_in& call,
              const std::string& id, job_query::what kind,
              const answer_callback& on_answer) {
  auto n = number<std::int64_t>(id);
  if (!n)
    return on_answer(wrong_field("id", "is not an integer"));
  job_query ask;
  ask.kind = kind;
  ask.job_id = *n;
  if (auto bad = read_page(parse_query(call.query), ask.cursor, ask.limit))
    return on_answer(*bad);
  with.jobs.ask(ask, [on_answer](query_answer a) { on_answer(shown(a)); });
}

http_answer ready(const coordinator& jobs) {
  auto r = jobs.ready();
  json j{
    {"status", r.ready ? "ready" : (r.stopping ? "stopping" : "not ready")},
    {"journal", r.journal}};
  return {r.ready ? 200 : 503, "application/json", text_of(j), {}};
}

struct named_route {
  const char* name;
  const char* method;
  std::function<void()> run;
};

} // namespace

std::string route(const route_settings& with, const http_call_in& call,
                  answer_callback on_answer) {
  auto& path = call.path;
  auto text = [&](http_answer a) {
    on_answer(std::move(a));
  };
  std::optional<named_route> found;
  if (path == "/orchestrate")
    found = {"/orchestrate", "POST", [&] {
               orchestrate(with, call, on_answer);
             }};
  else if (path == "/health")
    found = {"/health", "GET", [&] {
               text(ok({{"status", "ok"}}));
             }};
  else if (path == "/livez")
    found = {"/livez", "GET", [&] {
               text(ok({{"status", "ok"}}));
             }};
  else if (path == "/readyz")
    found = {"/readyz", "GET", [&] {
               text(ready(with.jobs));
             }};
  else if (path == "/metrics")
    found = {"/metrics", "GET", [&] {
               text({200,
                     "text/plain; version=0.0.4; charset=utf-8",
                     with.metrics(),
                     {}});
             }};
  else if (path == "/services")
    found = {"/services", "GET", [&] {
               with.jobs.services([on_answer](std::vector<service_view> all) {
                 on_answer(ok(to_json(all)));
               });
             }};
  else if (path == "/openapi.json")
    found = {"/openapi.json", "GET", [&] {
               text({200, "application/json", openapi_json(), {}});
             }};
  else if (path == "/docs" || path.starts_with("/docs/"))
    found = {"/docs", "GET", [&] {
               text(docs_page(with.swagger_dir, path));
             }};
  else if (path == "/jobs")
    found = {"/jobs", "GET", [&] {
               list_jobs(with, call, on_answer);
             }};
  else if (path.starts_with("/jobs/")) {
    auto rest = path.substr(6);
    auto slash = rest.find('/');
    auto id = rest.substr(0, slash);
    auto part = slash == std::string::npos ? "" : rest.substr(slash + 1);
    auto show = [&, id](job_query::what kind) {
      return [&with, &call, &on_answer, id, kind] {
        show_job(with, call, id, kind, on_answer);
      };
    };
    if (slash == std::string::npos)
      found = {"/jobs/{id}", "GET", show(job_query::what::job)};
    else if (part == "segments")
      found = {"/jobs/{id}/segments", "GET", show(job_query::what::segments)};
    else if (part == "history")
      found = {"/jobs/{id}/history", "GET", show(job_query::what::history)};
  }
  if (!found) {
    text(problem(404, "not_found", "there is nothing at " + path));
    return "unknown";
  }
  auto fits
    = call.method == found->method
      || (call.method == "HEAD" && std::string_view{found->method} == "GET");
  if (!fits) {
    auto answer = problem(405, "method_not_allowed",
                          path + " takes " + found->method + " only");
    answer.headers.emplace_back("Allow", found->method);
    text(std::move(answer));
  } else {
    found->run();
  }
  return found->name;
}

} // namespace dubber
