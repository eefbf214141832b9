#include "core/overload.hpp"
#include "http/handlers.hpp"
#include "http/json.hpp"
#include "http/uri.hpp"

namespace dubber {

namespace {

constexpr std::uint64_t max_limit = 1'000;

http_answer shown(const query_answer& a) {
  return std::visit(overload{
                      [](const fault& why) { return refused(why); },
                      [](const auto& x) { return ok(to_json(x)); },
                    },
                    a);
}

std::function<void(query_answer)> shower(const route_scope& scope) {
  return [to = scope.to](query_answer a) {
    to.later([a = std::move(a)] { return shown(a); });
  };
}

/// Reads `cursor` and `limit`; collects what is wrong with them.
void read_page(const std::map<std::string, std::string>& query,
               std::uint64_t& cursor, std::size_t& limit,
               std::vector<field_mistake>& mistakes) {
  if (auto i = query.find("cursor"); i != query.end()) {
    if (auto n = whole_number<std::uint64_t>(i->second))
      cursor = *n;
    else
      mistakes.push_back(
        {{"query", "cursor"}, "is not a cursor of an earlier answer"});
  }
  if (auto i = query.find("limit"); i != query.end()) {
    auto n = whole_number<std::uint64_t>(i->second);
    if (n && *n > 0 && *n <= max_limit)
      limit = *n;
    else
      mistakes.push_back(
        {{"query", "limit"}, "is not a number from 1 to 1000"});
  }
}

void show(const route_scope& scope, job_query::what kind) {
  auto id = job_id_of(scope);
  if (!id)
    return;
  job_query ask;
  ask.kind = kind;
  ask.job_id = *id;
  std::vector<field_mistake> mistakes;
  auto query = parse_query(scope.call.query);
  if (kind != job_query::what::job)
    read_page(query, ask.cursor, ask.limit, mistakes);
  if (auto i = query.find("language");
      kind == job_query::what::segments && i != query.end())
    ask.language = i->second;
  if (!mistakes.empty())
    return scope.to(invalid(std::move(mistakes)));
  scope.with.jobs.ask(ask, shower(scope));
}

} // namespace

void list_jobs(const route_scope& scope) {
  auto query = parse_query(scope.call.query);
  list_query ask;
  std::vector<field_mistake> mistakes;
  read_page(query, ask.cursor, ask.limit, mistakes);
  if (auto i = query.find("state"); i != query.end()) {
    ask.status = job_status_from(i->second);
    if (!ask.status)
      mistakes.push_back({{"query", "state"}, "is not a state of a job"});
  }
  if (!mistakes.empty())
    return scope.to(invalid(std::move(mistakes)));
  scope.with.jobs.ask(ask, shower(scope));
}

void show_job(const route_scope& scope) {
  show(scope, job_query::what::job);
}

void show_segments(const route_scope& scope) {
  show(scope, job_query::what::segments);
}

void show_history(const route_scope& scope) {
  show(scope, job_query::what::history);
}

} // namespace dubber
