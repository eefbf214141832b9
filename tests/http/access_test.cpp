#include "http/access.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

access_rules off_loopback(bool with_tokens) {
  access_rules rules;
  rules.loopback = false;
  rules.own_host = "0.0.0.0";
  if (with_tokens)
    rules.owner = [](std::string_view token) {
      return token == "right-token-0123" ? std::optional{"alice"s}
                                         : std::nullopt;
    };
  return rules;
}

http_call_in call_with(http_fields headers) {
  http_call_in call;
  call.headers = std::move(headers);
  return call;
}

/// Who it is, or the refusal's status and code.
std::string judged(const access_rules& rules, guard wants,
                   http_fields headers) {
  auto v = check_access(rules, call_with(std::move(headers)), wants);
  if (auto name = std::get_if<std::string>(&v))
    return *name;
  auto& answer = std::get<http_answer>(v);
  return std::to_string(answer.status) + " " + answer.trouble->code;
}

} // namespace

TEST_CASE("on loopback: Host has to be ours") {
  access_rules rules;
  rules.own_host = "127.0.0.5";
  for (auto host :
       {"localhost", "localhost:8400", "LocalHost:1", "127.0.0.1",
        "127.0.0.1:8400", "[::1]", "[::1]:8400", "127.0.0.5:8400"}) {
    INFO(host);
    for (auto wants : {guard::open, guard::read, guard::control})
      CHECK(judged(rules, wants, {{"host", host}}) == "local");
  }
  for (auto host :
       {"", "evil.example", "evil.example:8400", "localhost.evil.example",
        "127.0.0.1.evil.example", "localhost:8400@evil.example", "127.0.0.2",
        "[::2]", "[::1", "::1", "0.0.0.0", "localhost:evil", "xlocalhost"}) {
    INFO(host);
    for (auto wants : {guard::open, guard::read, guard::control})
      CHECK(judged(rules, wants, {{"host", host}}) == "403 foreign_host");
  }
  CHECK(judged(rules, guard::open, {}) == "403 foreign_host");
  CHECK(judged(rules, guard::open,
               {{"Host", "localhost"}, {"host", "evil.example"}})
        == "400 bad_host");
}

TEST_CASE("on loopback: Origin has to be the same") {
  access_rules rules;
  auto from = [&](const std::string& host, const std::string& origin) {
    return judged(rules, guard::control, {{"Host", host}, {"Origin", origin}});
  };
  CHECK(from("localhost:8400", "http://localhost:8400") == "local");
  CHECK(from("localhost", "http://localhost:80") == "local");
  CHECK(from("[::1]:8400", "http://[::1]:8400") == "local");
  for (auto origin :
       {"null", "", "http://evil.example", "http://localhost",
        "http://localhost:3000", "https://localhost:8400",
        "http://127.0.0.1:8400", "http://localhost:8400.evil.example",
        "file://", "http://localhost:8400, http://evil.example"}) {
    INFO(origin);
    CHECK(from("localhost:8400", origin) == "403 foreign_origin");
  }
  CHECK(judged(rules, guard::read,
               {{"Host", "localhost"},
                {"Origin", "http://localhost"},
                {"Origin", "http://evil.example"}})
        == "403 foreign_origin");
}

TEST_CASE("off loopback: a token for all but the open routes") {
  auto rules = off_loopback(true);
  auto with = [&](guard wants, const std::string& value) {
    return judged(rules, wants,
                  {{"Host", "dubber.example"}, {"Authorization", value}});
  };
  for (auto wants : {guard::read, guard::control}) {
    CHECK(with(wants, "Bearer right-token-0123") == "alice");
    CHECK(with(wants, "bearer   right-token-0123") == "alice");
    for (auto value : {"", "Bearer", "Bearer ", "Bearer wrong-token-0123",
                       "Bearer right-token-0123x", "Basic right-token-0123",
                       "right-token-0123", "Bearerright-token-0123"}) {
      INFO(value);
      CHECK(with(wants, value) == "401 unauthorized");
    }
    CHECK(judged(rules, wants, {}) == "401 unauthorized");
    CHECK(judged(rules, wants,
                 {{"Authorization", "Bearer right-token-0123"},
                  {"Authorization", "Bearer right-token-0123"}})
          == "401 unauthorized");
  }
  // Open to all; but a name is better than none.
  CHECK(judged(rules, guard::open, {}) == "anonymous");
  CHECK(with(guard::open, "Bearer wrong-token-0123") == "anonymous");
  CHECK(with(guard::open, "Bearer right-token-0123") == "alice");
}

TEST_CASE("off loopback with no tokens: control is off") {
  auto rules = off_loopback(false);
  http_fields any{{"Authorization", "Bearer right-token-0123"}};
  CHECK(judged(rules, guard::control, any) == "403 no_tokens");
  CHECK(judged(rules, guard::read, any) == "401 unauthorized");
  CHECK(judged(rules, guard::open, any) == "anonymous");
}

TEST_CASE("on loopback a token gives a name") {
  auto rules = off_loopback(true);
  rules.loopback = true;
  CHECK(judged(
          rules, guard::control,
          {{"Host", "localhost"}, {"Authorization", "Bearer right-token-0123"}})
        == "alice");
  CHECK(judged(rules, guard::control,
               {{"Host", "localhost"}, {"Authorization", "Bearer x"}})
        == "local");
}

TEST_CASE("over the wire: what is open off loopback, and what is not") {
  front_end front;
  front.routes.access = off_loopback(true);
  const std::string host = "Host: dubber.example\r\n";
  const std::string token = host + "Authorization: Bearer right-token-0123\r\n";
  auto status = [&](const std::string& method, const std::string& target,
                    const std::string& headers) {
    return front
      .ask(method, target, front_end::json_type + headers,
           method == "POST" ? R"({"job_id": 7})" : "")
      .status;
  };
  for (auto target : {"/health", "/livez", "/readyz"})
    CHECK(status("GET", target, host) == 200);
  CHECK(status("POST", "/orchestrate", host) == 202);
  CHECK(front.jobs.intakes().back().by == "anonymous");
  CHECK(status("POST", "/orchestrate", token) == 202);
  CHECK(front.jobs.intakes().back().by == "alice");
  for (auto& route : all_routes()) {
    if (route.wants == guard::open)
      continue;
    auto target = std::string{route.path};
    for (auto name : {"{id}", "{name}", "{file}"})
      if (auto at = target.find(name); at != std::string::npos)
        target.replace(at, std::string_view{name}.size(),
                       name == "{id}"s ? "7" : "report");
    INFO(route.method << " " << target);
    auto answer = front.ask(std::string{route.method}, target, host);
    CHECK(answer.status == 401);
    CHECK(answer.header("www-authenticate").starts_with("Bearer realm="));
    CHECK(status(std::string{route.method}, target, token) != 401);
  }
  CHECK(front.ask("GET", "/nothing", host).status == 401);
  CHECK(front.ask("GET", "/nothing", token).status == 404);
}

TEST_CASE("over the wire: a page elsewhere cannot steer a server on loopback") {
  front_end front;
  auto rebound = front.ask("POST", "/jobs/7/cancel", "Host: evil.example\r\n");
  CHECK(rebound.status == 403);
  CHECK(code_of(rebound) == "foreign_host");
  auto cross
    = front.ask("POST", "/jobs/7/cancel", "Origin: http://evil.example\r\n");
  CHECK(code_of(cross) == "foreign_origin");
  // A form has no JSON to send.
  CHECK(front
          .ask("POST", "/jobs/7/cancel",
               "Content-Type: application/x-www-form-urlencoded\r\n")
          .status
        == 415);
  CHECK(front.jobs.controls().empty());
}
