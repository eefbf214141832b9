#include "http/docs.hpp"

#include <fstream>
#include <sstream>

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

http_answer file(const std::string& dir, const char* name, const char* type) {
  std::ifstream in{dir + "/" + name, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty())
    return problem(503, "docs_missing",
                   std::string{name}
                     + " of Swagger UI is not installed; ./dev setup does it");
  return {200, type, text.str(), {}};
}

} // namespace

http_answer docs_page(const std::string& swagger_dir, const std::string& path) {
  http_answer out;
  if (path == "/docs" || path == "/docs/")
    out = {200, "text/html; charset=utf-8", page, {}};
  else if (path == "/docs/init.js")
    out = {200, "text/javascript; charset=utf-8", init_script, {}};
  else if (path == "/docs/swagger-ui-bundle.js")
    out = file(swagger_dir, "swagger-ui-bundle.js",
               "text/javascript; charset=utf-8");
  else if (path == "/docs/swagger-ui.css")
    out = file(swagger_dir, "swagger-ui.css", "text/css; charset=utf-8");
  else
    out = problem(404, "not_found", "there is nothing at " + path);
  out.headers.emplace_back("Content-Security-Policy",
                           "default-src 'self'; style-src 'self' "
                           "'unsafe-inline'; img-src 'self' data:");
  return out;
}

} // namespace dubber
