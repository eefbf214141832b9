#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

#include <sys/resource.h>

#include <random>

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

std::string body_of(std::size_t size) {
  auto text = R"({"job_id": 1, "x": ")"s;
  return text + std::string(size - text.size() - 2, 'x') + "\"}";
}

} // namespace

TEST_CASE("64 KiB of body and not more") {
  front_end front;
  CHECK(front.post("/orchestrate", body_of(64 * 1024)).status == 202);
  auto large = front.post("/orchestrate", body_of(64 * 1024 + 1));
  CHECK(large.status == 413);
  CHECK(code_of(large) == "too_large");
  CHECK(front.post("/orchestrate", body_of(256 * 1024)).status == 413);
  // Far beyond, the connection is just closed.
  auto line = front.connect();
  line.send(front_end::text("POST", "/orchestrate", front_end::json_type,
                            body_of(300 * 1024)));
  CHECK(line.read_all().empty());
  CHECK(front.jobs.intakes().size() == 1);
  CHECK(front.get("/health").status == 200);
}

TEST_CASE("chunked bodies count the same") {
  front_end front;
  auto chunked = [&](const std::string& body) {
    auto line = front.connect();
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    line.send("POST /orchestrate HTTP/1.1\r\nHost: localhost\r\n"
              + front_end::json_type + "Transfer-Encoding: chunked\r\n\r\n"
              + size + body + "\r\n0\r\n\r\n");
    return line.read_answer().status;
  };
  CHECK(chunked(R"({"job_id": 1})") == 202);
  CHECK(chunked(body_of(70 * 1024)) == 413);
}

TEST_CASE("long targets and headers") {
  front_end front;
  CHECK(front.get("/jobs?x=" + std::string(4'080, 'x')).status == 200);
  auto target = front.get("/jobs?x=" + std::string(4'100, 'x'));
  CHECK(target.status == 414);
  CHECK(code_of(target) == "target_too_long");
  auto header = [&](std::size_t size) {
    return front.ask("GET", "/jobs",
                     "X-Long: " + std::string(size, 'x') + "\r\n");
  };
  CHECK(header(8 * 1024).status == 200);
  auto long_header = header(8 * 1024 + 1);
  CHECK(long_header.status == 431);
  CHECK(code_of(long_header) == "headers_too_large");
  std::string many;
  for (int i = 0; i < 99; ++i)
    many += "X-" + std::to_string(i) + ": 1\r\n";
  CHECK(front.ask("GET", "/jobs", many).status == 200); // with Host: 100
  CHECK(front.ask("GET", "/jobs", many + "X-More: 1\r\n").status == 431);
}

TEST_CASE("what is not HTTP closes the connection and nothing else") {
  front_end front;
  auto patient = front.connect();
  patient.send("GET /health HTTP/1.1\r\n");
  for (
    auto junk :
    {"garbage\r\n\r\n"s, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s,
     "GET\r\n\r\n"s, "GET / HTTP/9.9.9\r\n\r\n"s, "\0\0\0\0"s,
     "BREW /pot HTTP/1.1\r\n\r\n"s, "GET / HTTP/1.1\r\nHost localhost\r\n\r\n"s,
     "POST /orchestrate HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"s,
     "POST /orchestrate HTTP/1.1\r\nContent-Length: -1\r\n\r\n"s,
     "POST /orchestrate HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"s,
     "POST /orchestrate HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"s,
     "POST /orchestrate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"s,
     "GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\n\r\n",
     "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"}) {
    INFO(junk.substr(0, 60));
    auto line = front.connect();
    line.send(junk);
    CHECK(line.read_all().empty());
  }
  patient.send("Host: localhost\r\n\r\n");
  CHECK(patient.read_answer().status == 200);
}

TEST_CASE("random bytes and torn requests leave the server as it was") {
  front_end front;
  std::mt19937 random{7};
  auto whole = front_end::text("POST", "/orchestrate", front_end::json_type,
                               R"({"job_id": 1})");
  for (int i = 0; i < 300; ++i) {
    auto line = front.connect();
    auto text = whole;
    if (i % 3 == 0)
      for (auto& c : text = std::string(random() % 400, ' '))
        c = static_cast<char>(random());
    else if (i % 3 == 1)
      text[random() % text.size()] = static_cast<char>(random());
    else
      text.resize(random() % text.size());
    line.send(text);
    i % 2 == 0 ? line.reset() : line.finish_sending();
  }
  auto line = front.connect();
  for (auto c : whole) // byte by byte
    line.send({&c, 1});
  CHECK(line.read_answer().status == 202);
}

TEST_CASE("who sends too slowly, or nothing, is cut off") {
  front_end front;
  front.listen.read_timeout = 200ms;
  auto silent = front.connect();
  auto slow = front.connect();
  std::string text = "GET /health HTTP/1.1\r\nX-Slow: ";
  slow.send(text);
  auto begun = std::chrono::steady_clock::now();
  // A byte now and then does not help: the limit is for the whole request.
  CHECK(eventually([&] {
    slow.send("x");
    pollfd p{slow.fd(), POLLIN, 0};
    return ::poll(&p, 1, 10) == 1;
  }));
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
  CHECK(silent.is_closed());
  auto idle = front.connect();
  idle.send(front_end::text("GET", "/health"));
  CHECK(idle.read_answer().status == 200);
  CHECK(idle.is_closed());
}

TEST_CASE("no more connections than allowed") {
  front_end front;
  front.listen.max_connections = 10;
  std::vector<wire> lines;
  for (int i = 0; i < 10; ++i) {
    lines.push_back(front.connect());
    lines.back().send(front_end::text("GET", "/health"));
    CHECK(lines.back().read_answer().status == 200);
  }
  CHECK(front.connect().is_closed());
  lines.pop_back();
  CHECK(eventually([&] {
    auto line = front.connect();
    line.send(front_end::text("GET", "/health", "Connection: close\r\n"));
    return line.read_all().starts_with("HTTP/1.1 200");
  }));
}

TEST_CASE("connections that are reset at once do not use up the limit") {
  front_end front;
  front.listen.max_connections = 20;
  for (int i = 0; i < 500; ++i)
    front.connect().reset();
  CHECK(eventually([&] {
    auto line = front.connect();
    line.send(front_end::text("GET", "/health", "Connection: close\r\n"));
    return line.read_all().starts_with("HTTP/1.1 200");
  }));
}

TEST_CASE("many connections at once are all answered") {
  front_end front;
  std::vector<wire> lines;
  for (int i = 0; i < 200; ++i)
    lines.push_back(front.connect());
  for (auto& line : lines)
    line.send(front_end::text("GET", "/jobs/7"));
  for (auto& line : lines)
    CHECK(line.read_answer().status == 200);
}

TEST_CASE("out of file descriptors: the listener comes back") {
  front_end front;
  front.listen.port = 0;
  // Nothing virtual is called meanwhile: UBSan's check needs descriptors.
  auto port = front.server().port();
  wire line; // has its descriptor before there are no more
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto none_left = before;
  none_left.rlim_cur = static_cast<rlim_t>(line.fd()) + 1;
  ::setrlimit(RLIMIT_NOFILE, &none_left);
  line.connect_to(port);
  auto silent = line.is_silent(100ms);
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(silent);
  CHECK(eventually([&] {
    try {
      auto again = front.connect();
      again.send(front_end::text("GET", "/health", "Connection: close\r\n"));
      pollfd p{again.fd(), POLLIN, 0};
      return ::poll(&p, 1, 100) == 1
             && again.read_all().starts_with("HTTP/1.1 200");
    } catch (const std::runtime_error&) {
      return false; // just being opened anew
    }
  }));
}

TEST_CASE("an offer to upgrade is passed over") {
  front_end front;
  const std::string offer = "Connection: Upgrade, HTTP2-Settings\r\n"
                            "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n";
  CHECK(front.ask("GET", "/health", offer).status == 200);
  CHECK(front.post("/orchestrate", R"({"job_id": 1})", offer).status == 202);
  CHECK(
    front.ask("GET", "/jobs", "Connection: Upgrade\r\nUpgrade: websocket\r\n")
      .status
    == 200);
}

TEST_CASE("absolute targets and other oddities") {
  front_end front;
  CHECK(front.get("http://localhost/health").status == 200);
  CHECK(front.get("http://localhost").status == 404);
  CHECK(front.get("http://evil.example/health").status == 403);
  CHECK(front.ask("GET", "*").status == 400);
  CHECK(front.ask("CONNECT", "localhost:80").status == 400);
  auto old = front.connect();
  old.send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
  CHECK(old.read_answer().status == 200);
  CHECK(old.is_closed());
}
