#include "http/handlers.hpp"
#include "http/json.hpp"
#include "http/json_body.hpp"

#include <algorithm>

namespace dubber {

namespace {

http_answer answer_of(const order_answer& a) {
  if (auto why = std::get_if<fault>(&a))
    return refused(*why);
  return ok(to_json(std::get<service_view>(a)));
}

/// Of an order that an earlier process has recorded without answering.
http_answer answer_again(const services_view& all, const std::string& name) {
  auto i = std::find_if(all.items.begin(), all.items.end(),
                        [&](auto& x) { return x.name == name; });
  if (i == all.items.end())
    return problem(404, "not_found", "there is no service " + name);
  return ok(to_json(*i));
}

} // namespace

void list_services(const route_scope& scope) {
  scope.with.jobs.services([to = scope.to](services_view all) {
    to.later([all = std::move(all)] { return ok(to_json(all)); });
  });
}

void order_service(const route_scope& scope, order_verb what) {
  order_command command;
  auto& order = command.order;
  order.service = scope.values.at(0);
  order.what = what;
  order.by = scope.by;
  auto body = read_json_object(scope.call, true);
  if (auto bad = std::get_if<http_answer>(&body))
    return scope.to(std::move(*bad));
  std::vector<field_mistake> wrong;
  read_text(std::get<nlohmann::json>(body), "reason", max_reason, order.reason,
            wrong);
  if (!wrong.empty())
    return scope.to(invalid(std::move(wrong)));
  auto once = take_once(scope, [&](const reply& to) {
    scope.with.jobs.services([to, name = order.service](services_view all) {
      to.later(
        [all = std::move(all), name] { return answer_again(all, name); });
    });
  });
  if (!once)
    return;
  command.notes = std::move(once->notes);
  scope.with.jobs.order(std::move(command), [to = once->to](order_answer a) {
    to.later([a = std::move(a)] { return answer_of(a); });
  });
}

} // namespace dubber
