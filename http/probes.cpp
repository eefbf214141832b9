#include "http/handlers.hpp"

namespace dubber {

void health(const route_scope& scope) {
  scope.to(ok({{"status", "ok"}}));
}

void readiness_probe(const route_scope& scope) {
  auto now = scope.with.jobs.ready();
  auto status = now.ready ? "ready" : now.stopping ? "stopping" : "not ready";
  auto& broker = scope.with.broker;
  // Whoever is not there does not fail it: jobs still come over HTTP.
  scope.to(
    ok({{"status", status},
        {"journal", now.journal},
        {"broker", broker ? nlohmann::json(broker()) : nlohmann::json()}},
       now.ready ? 200 : 503));
}

void metrics_page(const route_scope& scope) {
  http_answer out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = scope.with.metrics();
  scope.to(std::move(out));
}

} // namespace dubber
