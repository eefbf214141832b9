#include "tests/engines/running.hpp"

#include <future>
#include <memory>

using namespace dubber;
using namespace dubber::test;

namespace {

constexpr size_t megabyte = 1 << 20;

reply post_endless(int port, const std::string& head, size_t bytes) {
  raw_client peer{port};
  peer.send(head);
  std::string block(megabyte, 'x');
  for (size_t sent = 0; sent < bytes && peer.send(block); sent += block.size())
    continue;
  auto answer = peer.read_all();
  return {answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0, answer};
}

} // namespace

TEST_CASE("http: rubbish and endless input are refused in bounded memory") {
  engine_process tts{{"tts"}};
  CHECK(get(tts.port(), "/health").status == 200);
  auto before = tts.peak_memory();
  CHECK(raw(tts.port(), "\x16\x03\x01\x02\r\n\r\n").find(" 400 ")
        != std::string::npos);
  CHECK(raw(tts.port(), "GET /%00%ff/..//\\ HTTP/1.1\r\n\r\n").find(" 404 ")
        != std::string::npos);
  // A request line, a header line, headers, and bodies that nobody wants.
  post_endless(tts.port(), "GET /", 200 * megabyte);
  post_endless(tts.port(), "GET / HTTP/1.1\r\nX: ", 200 * megabyte);
  std::string headers = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100'000; ++i)
    headers += "X-" + std::to_string(i) + ": y\r\n";
  CHECK(raw(tts.port(), headers + "\r\n").find(" 400 ") != std::string::npos);
  std::string length
    = "Content-Length: " + std::to_string(300 * megabyte) + "\r\n\r\n";
  for (auto* target : {"POST /health", "POST /nowhere", "PATCH /synthesize",
                       "PUT /x", "PRI /x", "POST /synthesize"}) {
    INFO(target);
    auto head = target + std::string{" HTTP/1.1\r\n"} + length;
    auto answer = post_endless(tts.port(), head, 300 * megabyte);
    CHECK(
      (answer.status == 404 || answer.status == 405 || answer.status == 413));
  }
  CHECK(tts.peak_memory() - before < 48 * megabyte);
  CHECK(tts.terminate() == 0);
}

TEST_CASE("http: many connections at once, silent ones among them") {
  running gateway{"gateway"};
  std::vector<std::unique_ptr<raw_client>> silent;
  for (int i = 0; i < 150; ++i)
    silent.push_back(std::make_unique<raw_client>(gateway.port()));
  std::vector<std::unique_ptr<raw_client>> asking;
  for (int i = 0; i < 200; ++i) {
    asking.push_back(std::make_unique<raw_client>(gateway.port()));
    asking.back()->send("GET /api/v1/job/1 HTTP/1.1\r\n\r\n");
  }
  int answered = 0;
  for (auto& peer : asking)
    answered += peer->read_all().find("JOB_NOT_FOUND") != std::string::npos;
  CHECK(answered == 200);
}

TEST_CASE("http: a stop waits for no half-sent request") {
  running gateway{"gateway"};
  raw_client head{gateway.port()};
  raw_client body{gateway.port()};
  head.send("GET /health HTTP/1.1\r\nX:");
  body.send("POST /api/v1/upload HTTP/1.1\r\nContent-Length: 1000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n");
  CHECK(get(gateway.port(), "/health").status == 200);
  auto began = std::chrono::steady_clock::now();
  gateway.service->stop();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{2});
}

TEST_CASE("http: a taken port is told, even one of another engine") {
  running one{"gateway"};
  running two{"tts"};
  CHECK_THROWS_AS(http_service(*two.what, "127.0.0.1", one.port(), 4),
                  std::runtime_error);
}

TEST_CASE("http: beyond the queue the answer is 503, and /health goes on") {
  running gateway{"gateway", [](auto& options) {
                    options.queue = 1;
                  }};
  std::unique_ptr<raw_client> slow;
  auto file = gateway.folder.write("a.mp4", std::string(3 * megabyte, 'x'));
  auto until = soon();
  reply refused;
  // Until a slow one has got the only place, ours is admitted; a slow one that
  // finds ours in that place is refused itself, so each time there is a new
  // one.
  while (refused.status != 503 && std::chrono::steady_clock::now() < until) {
    slow = std::make_unique<raw_client>(gateway.port());
    slow->send("POST /api/v1/upload HTTP/1.1\r\nContent-Length: 100\r\n"
               "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
               "--x\r\n");
    refused = upload(gateway.port(), "/api/v1/upload", file, "a.mp4",
                     {{"targetLang", "es"}});
  }
  CHECK(refused.status == 503);
  CHECK(refused.body.find("busy") != std::string::npos);
  CHECK(get(gateway.port(), "/health").status == 200);
}
