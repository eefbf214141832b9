#pragma once

#include "http/routes.hpp"

namespace dubber {

/// The OpenAPI 3.0.3 document (http/openapi.json, compiled in).
std::string openapi_json();

/// Swagger UI, from local files only.
http_answer docs_page(const std::string& swagger_dir, const std::string& path);

} // namespace dubber
