#include "http/handlers.hpp"

namespace dubber {

namespace {

constexpr const char* page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>dubber-orchestrator API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script></body></html>
)";

constexpr const char* init_script
  = "window.ui = SwaggerUIBundle({url: '/openapi.json', dom_id: '#ui'});\n";

constexpr const char* script_type = "text/javascript; charset=utf-8";

http_answer text(const char* type, const char* body) {
  http_answer out;
  out.content_type = type;
  out.body = body;
  return out;
}

/// One of Swagger UI's own files.
http_answer bundled(const route_scope& scope, const char* type) {
  auto& name = scope.values.at(0);
  auto file = http_file::open(scope.with.swagger_dir + "/" + name);
  if (!file)
    return problem(503, "docs_missing",
                   name
                     + " of Swagger UI is not installed; ./dev setup does it");
  http_answer out;
  out.content_type = type;
  out.file = *file;
  return out;
}

void give(const route_scope& scope, http_answer answer) {
  // The page runs nothing but what this server gives it.
  answer.headers.emplace_back("Content-Security-Policy",
                              "default-src 'self'; style-src 'self' "
                              "'unsafe-inline'; img-src 'self' data:; "
                              "frame-ancestors 'none'");
  scope.to(std::move(answer));
}

} // namespace

void docs_page(const route_scope& scope) {
  give(scope, text("text/html; charset=utf-8", page));
}

void docs_file(const route_scope& scope) {
  auto& name = scope.values.at(0);
  if (name.empty()) // "/docs/"
    return docs_page(scope);
  if (name == "init.js")
    return give(scope, text(script_type, init_script));
  if (name == "swagger-ui-bundle.js")
    return give(scope, bundled(scope, script_type));
  if (name == "swagger-ui.css")
    return give(scope, bundled(scope, "text/css; charset=utf-8"));
  give(scope,
       problem(404, "not_found", "there is nothing at " + scope.call.path));
}

void openapi(const route_scope& scope) {
  http_answer out;
  out.body = openapi_json();
  scope.to(std::move(out));
}

} // namespace dubber
