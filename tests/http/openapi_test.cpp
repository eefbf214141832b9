#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

using pairs = std::set<std::pair<std::string, std::string>>;

void collect_refs(const json& thing, std::set<std::string>& refs) {
  if (thing.is_object())
    for (auto& [name, value] : thing.items())
      if (name == "$ref")
        refs.insert(value.get<std::string>());
      else
        collect_refs(value, refs);
  else if (thing.is_array())
    for (auto& value : thing)
      collect_refs(value, refs);
}

std::string lower(std::string_view method) {
  std::string out;
  for (auto c : method)
    out += static_cast<char>(std::tolower(c));
  return out;
}

std::set<std::string> braces(const std::string& path) {
  std::set<std::string> out;
  auto parts = path_parts(path).value();
  for (auto& part : parts)
    if (part.starts_with('{'))
      out.insert(part.substr(1, part.size() - 2));
  return out;
}

} // namespace

TEST_CASE("the document has the routes of the table, and no others") {
  pairs routed;
  for (auto& route : all_routes())
    routed.emplace(route.path, lower(route.method));
  pairs documented;
  for (auto& [path, methods] : api_document()["paths"].items())
    for (auto& [method, what] : methods.items())
      documented.emplace(path, method);
  CHECK(documented == routed);
}

TEST_CASE("every operation is described whole") {
  std::set<std::string> ids;
  for (auto& route : all_routes()) {
    auto method = lower(route.method);
    auto& what = api_document()["paths"][std::string{route.path}][method];
    INFO(route.path);
    REQUIRE(what.contains("operationId"));
    CHECK(ids.insert(what["operationId"]).second);
    CHECK(!what["summary"].get<std::string>().empty());
    CHECK(what["tags"].size() == 1);
    std::set<std::string> in_path;
    for (auto& raw : what.value("parameters", json::array()))
      if (auto& p = resolved(raw); p["in"] == "path") {
        CHECK(p["required"] == true);
        in_path.insert(p["name"]);
      }
    CHECK(in_path == braces(std::string{route.path}));
    auto anonymous = what.contains("security") && what["security"].empty();
    CHECK(anonymous == (route.wants == guard::open));
    CHECK(what["responses"].contains("401") == !anonymous);
    for (auto& [status, answer] : what["responses"].items())
      CHECK(!resolved(answer)["description"].get<std::string>().empty());
  }
}

TEST_CASE("every reference leads somewhere") {
  std::set<std::string> refs;
  collect_refs(api_document(), refs);
  CHECK(refs.size() > 20);
  for (auto& ref : refs) {
    INFO(ref);
    CHECK(api_document().contains(json::json_pointer{ref.substr(1)}));
  }
  CHECK(api_document()["openapi"] == "3.0.3");
  CHECK(api_document()["info"]["version"].get<std::string>().find('@')
        == std::string::npos);
}

TEST_CASE("the states in the document are those of the code") {
  for (auto& name : api_document()["components"]["schemas"]["State"]["enum"])
    CHECK(job_status_from(name.get<std::string>()).has_value());
  CHECK(api_document()["components"]["schemas"]["State"]["enum"].size() == 8);
}

TEST_CASE("the page and its files, offline") {
  front_end front;
  scratch files;
  files.write("swagger-ui.css", "css");
  files.write("swagger-ui-bundle.js", "js");
  front.routes.swagger_dir = files.file("").string();
  auto page = front.get("/docs");
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("content-security-policy").find("default-src 'self'")
        != std::string::npos);
  // Nothing comes from elsewhere.
  CHECK(page.body.find("://") == std::string::npos);
  CHECK(front.get("/docs/").body == page.body);
  CHECK(front.get("/docs/swagger-ui.css").body == "css");
  CHECK(front.get("/docs/swagger-ui-bundle.js").header("content-type")
        == "text/javascript; charset=utf-8");
  CHECK(front.get("/docs/init.js").body.find("/openapi.json")
        != std::string::npos);
  CHECK(front.get("/docs/other.js").status == 404);
  CHECK(front.get("/docs/..%2fx").status == 404);
  CHECK(json_of(front.get("/openapi.json")) == api_document());
  std::filesystem::remove(files.file("swagger-ui.css"));
  auto missing = front.get("/docs/swagger-ui.css");
  CHECK(missing.status == 503);
  CHECK(code_of(missing) == "docs_missing");
}
