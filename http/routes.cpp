#include "http/routes.hpp"

#include "http/handlers.hpp"
#include "http/uri.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr std::size_t max_target = 4 * 1024; ///< path and query, bytes
constexpr std::size_t max_fields = 100;
constexpr std::size_t max_field = 8 * 1024; ///< name or value, bytes

using verb = control_verb;

template <verb What>
void controlled(const route_scope& scope) {
  control(scope, What);
}

template <order_verb What>
void ordered(const route_scope& scope) {
  order_service(scope, What);
}

constexpr route_entry table[] = {
  {"POST", "/orchestrate", guard::open, pace::waits, orchestrate},
  {"GET", "/jobs", guard::read, pace::waits, list_jobs},
  {"GET", "/jobs/{id}", guard::read, pace::waits, show_job},
  {"GET", "/jobs/{id}/segments", guard::read, pace::waits, show_segments},
  {"GET", "/jobs/{id}/history", guard::read, pace::waits, show_history},
  {"GET", "/jobs/{id}/report", guard::read, pace::waits, show_report},
  {"GET", "/jobs/{id}/artifacts/{name}", guard::read, pace::waits,
   show_artifact},
  {"POST", "/jobs/{id}/cancel", guard::control, pace::waits,
   controlled<verb::cancel>},
  {"POST", "/jobs/{id}/pause", guard::control, pace::waits,
   controlled<verb::pause>},
  {"POST", "/jobs/{id}/resume", guard::control, pace::waits,
   controlled<verb::resume>},
  {"POST", "/jobs/{id}/retry", guard::control, pace::waits,
   controlled<verb::retry>},
  {"POST", "/jobs/{id}/redo", guard::control, pace::waits,
   controlled<verb::redo>},
  {"PATCH", "/jobs/{id}/segments/{n}", guard::control, pace::waits,
   patch_segment},
  {"GET", "/services", guard::read, pace::waits, list_services},
  {"POST", "/services/{name}/open", guard::control, pace::waits,
   ordered<order_verb::open>},
  {"POST", "/services/{name}/close", guard::control, pace::waits,
   ordered<order_verb::close>},
  {"POST", "/services/{name}/auto", guard::control, pace::waits,
   ordered<order_verb::automatic>},
  {"GET", "/health", guard::open, pace::at_once, health},
  {"GET", "/livez", guard::open, pace::at_once, health},
  {"GET", "/readyz", guard::open, pace::at_once, readiness_probe},
  {"GET", "/metrics", guard::read, pace::at_once, metrics_page},
  {"GET", "/openapi.json", guard::read, pace::at_once, openapi},
  {"GET", "/docs", guard::read, pace::at_once, docs_page},
  {"GET", "/docs/{file}", guard::read, pace::at_once, docs_file},
};

using part_list = std::vector<std::string>;

const std::vector<part_list>& templates() {
  static const auto all = [] {
    std::vector<part_list> out;
    for (auto& entry : table)
      out.push_back(*path_parts(entry.path));
    return out;
  }();
  return all;
}

/// The values of the template's parts in braces, when the path fits it.
std::optional<part_list> values_of(const part_list& form,
                                   const part_list& path) {
  if (form.size() != path.size())
    return std::nullopt;
  part_list out;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i].starts_with('{'))
      out.push_back(path[i]);
    else if (form[i] != path[i])
      return std::nullopt;
  }
  return out;
}

std::optional<http_answer> too_long(const http_call_in& call) {
  if (call.path.size() + call.query.size() > max_target)
    return problem(414, "target_too_long",
                   "path and query are longer than "
                     + std::to_string(max_target) + " bytes");
  auto large
    = call.headers.size() > max_fields
      || std::any_of(call.headers.begin(), call.headers.end(), [](auto& field) {
           return field.first.size() > max_field
                  || field.second.size() > max_field;
         });
  if (large)
    return problem(431, "headers_too_large",
                   "there may be " + std::to_string(max_fields) + " headers of "
                     + std::to_string(max_field) + " bytes each");
  return std::nullopt;
}

/// No route: why not.
http_answer no_route(const http_call_in& call, const std::string& allowed) {
  if (allowed.empty())
    return problem(404, "not_found", "there is nothing at " + call.path);
  auto out = problem(405, "method_not_allowed",
                     call.path + " takes " + allowed + " only");
  out.headers.emplace_back("Allow", allowed);
  return out;
}

} // namespace

std::span<const route_entry> all_routes() {
  return table;
}

routed find_route(const http_call_in& call) {
  routed out;
  if ((out.refusal = too_long(call)))
    return out;
  auto path = path_parts(call.path);
  if (!path) {
    out.refusal
      = problem(400, "bad_path", "the path is not properly percent-encoded");
    return out;
  }
  auto method = call.method == "HEAD" ? "GET" : call.method;
  std::string allowed;
  for (std::size_t i = 0; i < std::size(table); ++i) {
    auto values = values_of(templates()[i], *path);
    if (!values)
      continue;
    out.name = table[i].path;
    if (table[i].method == method) {
      out.entry = &table[i];
      out.values = std::move(*values);
      return out;
    }
    allowed += allowed.empty() ? "" : ", ";
    allowed
      += table[i].method == "GET" ? "GET, HEAD" : std::string{table[i].method};
  }
  out.refusal = no_route(call, allowed);
  return out;
}

void run_route(const route_settings& with, const http_call_in& call,
               const routed& where, const reply& to) {
  auto verdict = check_access(with.access, call,
                              where.entry ? where.entry->wants : guard::read);
  if (auto refusal = std::get_if<http_answer>(&verdict))
    return to(std::move(*refusal));
  if (where.refusal)
    return to(*where.refusal);
  where.entry->run(
    {with, call, where.values, std::move(std::get<std::string>(verdict)), to});
}

} // namespace dubber
