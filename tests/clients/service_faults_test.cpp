/// Which answer of a neighbour is which fault: what is tried again, what is
/// not, and what the service is blamed for.
#include "clients/answers.hpp"
#include "tests/support/service_lab.hpp"

using namespace dubber;
using test::peer;
using test::raw_server;
using lab = test::service_lab;

namespace {

/// What translation makes of `bytes`, sent to it as they are.
result<work_result> answer_to(const std::string& bytes) {
  lab l;
  raw_server server{[&](peer& client, int) {
    client.read_request();
    client.send(bytes);
  }};
  translate_client worker{l.at(server)};
  return l.run(worker, work_kind::translate,
               translate_input{"Good morning.", "en", "es"});
}

std::string http(const std::string& status, const std::string& body,
                 const std::string& type = "application/json") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type
         + "\r\nContent-Length: " + std::to_string(body.size())
         + "\r\nConnection: close\r\n\r\n" + body;
}

const std::string right = R"({"translated_text": "Buenos días."})";

struct row {
  std::string bytes;
  fault_code code;
  bool again;  ///< tried again
  bool blamed; ///< counts for the breaker
};

void check(const row& x) {
  INFO(x.bytes.substr(0, 60));
  auto outcome = answer_to(x.bytes);
  REQUIRE_FALSE(outcome);
  CHECK(to_string(outcome.error().code) == to_string(x.code));
  CHECK(is_retryable(outcome.error().code) == x.again);
  CHECK(blames_service(outcome.error().code) == x.blamed);
}

} // namespace

TEST_CASE("statuses that are tried again: later, and slower") {
  const std::string no = R"({"error": "not now"})";
  for (auto status : {"408 Request Timeout", "409 Conflict", "425 Too Early",
                      "429 Too Many Requests", "503 Service Unavailable"})
    check({http(status, no), fault_code::busy, true, true});
  for (auto status :
       {"500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"})
    check({http(status, "<html>", "text/html"), fault_code::server_error, true,
           true});
}

TEST_CASE("statuses that say never: the request is wrong, not the service") {
  for (auto status : {"400 Bad Request", "401 Unauthorized", "403 Forbidden",
                      "405 Method Not Allowed", "413 Content Too Large",
                      "415 Unsupported Media Type", "422 Unprocessable Entity",
                      "302 Found", "308 Permanent Redirect"})
    check(
      {http(status, R"({"detail": []})"), fault_code::refused, false, false});
  check({http("422 X", R"({"detail": "unsupported pair"})"),
         fault_code::unsupported, false, false});
  check({http("404 Not Found", "{}"), fault_code::not_found, false, false});
}

TEST_CASE("Retry-After counts with every status, in seconds or as a date") {
  auto wish = [](const std::string& value) {
    auto outcome = answer_to("HTTP/1.1 429 X\r\nRetry-After: " + value
                             + "\r\nContent-Length: 0\r\n\r\n");
    REQUIRE_FALSE(outcome);
    return outcome.error().retry_after;
  };
  CHECK(wish("7") == ms{7'000});
  CHECK(wish("Wed, 21 Oct 2015 07:28:00 GMT") == ms{0}); // long ago
  CHECK_FALSE(wish("soon"));
}

TEST_CASE("answers that break off or are rubbish are bad answers") {
  auto cut = http("200 OK", right);
  check({cut.substr(0, cut.size() - 5), fault_code::bad_answer, true, true});
  for (auto body : {"", "{}", "[]", "<html>Sign in</html>",
                    R"({"translated_text": 5})", R"({"translated_text": ""})"})
    check({http("200 OK", body), fault_code::bad_answer, true, true});
}

TEST_CASE("a wrong content type is no fault, wrong content is") {
  for (auto type : {"text/html", "application/octet-stream", ""})
    CHECK(answer_to(http("200 OK", right, type)));
}

TEST_CASE("an answer that is too big is refused before it is kept") {
  lab l;
  raw_server server{[](peer& client, int) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{");
    client.wait_closed();
  }};
  translate_client worker{l.at(server)};
  auto outcome = l.run(worker, work_kind::translate,
                       translate_input{"Good morning.", "en", "es"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == fault_code::limit_exceeded);
  CHECK_FALSE(is_retryable(outcome.error().code));
}

TEST_CASE("a connection that is reset while the answer is awaited") {
  lab l;
  raw_server server{[](peer& client, int) {
    client.read_request();
    linger at_once{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }};
  translate_client worker{l.at(server)};
  auto outcome = l.run(worker, work_kind::translate,
                       translate_input{"Good morning.", "en", "es"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == fault_code::unreachable);
  CHECK(blames_service(outcome.error().code));
}
