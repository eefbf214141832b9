#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

/// What the server reads of one POST.
std::string received(http_body body) {
  std::promise<std::string> seen;
  raw_server server{[&](peer& client, int) {
    seen.set_value(client.read_request());
    client.answer("");
  }};
  http_client client;
  REQUIRE(call(client, post(server.url(), std::move(body))));
  return seen.get_future().get();
}

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

} // namespace

TEST_CASE("a file and a range of it as the body") {
  scratch folder;
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += std::to_string(i);
  auto path = folder.write("in", text);
  CHECK(body_of(received(file_body{path})) == text);
  CHECK(body_of(received(file_body{path, 10, 100'000}))
        == text.substr(10, 100'000));
  CHECK(body_of(received(text)) == text);
}

TEST_CASE("a file as multipart/form-data") {
  scratch folder;
  std::string text(300'000, 'w');
  auto path = folder.write("in.wav", text);
  auto seen
    = received(multipart_body{path, "file", "a\"b\r\n.wav", "audio/wav"});
  auto at = seen.find("boundary=") + 9;
  auto boundary = seen.substr(at, seen.find("\r\n", at) - at);
  CHECK(body_of(seen)
        == "--" + boundary
             + "\r\nContent-Disposition: form-data; name=\"file\"; "
               "filename=\"a%22b%0D%0A.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
             + text + "\r\n--" + boundary + "--\r\n");
}

TEST_CASE("a file that cannot be sent is a fault of the disk") {
  scratch folder;
  http_client client;
  for (auto& body : std::vector<http_body>{
         file_body{folder.file("none")}, file_body{folder.file("")},
         file_body{folder.write("short", "abc"), 1, 5},
         file_body{folder.write("short", "abc"), 7, 0}}) {
    raw_server server{[](peer& peer, int) {
      peer.wait_closed();
    }};
    auto out = call(client, post(server.url(), body));
    REQUIRE(!out);
    CHECK(out.error().code == fault_code::disk);
  }
}

TEST_CASE("an early answer counts while the upload is under way") {
  raw_server server{[](peer& client, int number) {
    client.read_head();
    client.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    if (number == 0)
      return; // and resets: unread bytes are there
    client.wait_closed();
  }};
  http_client client;
  for (int i = 0; i < 2; ++i) {
    auto out = call(client, post(server.url(), std::string(64 << 20, 'x')));
    REQUIRE(out);
    CHECK(out->status == 413);
    CHECK(out->body == "big");
  }
}

TEST_CASE("a 2xx answer streams into the sink, others do not") {
  scratch folder;
  std::string big(3'000'000, 'y');
  raw_server server{[&](peer& client, int) {
    while (!client.read_request().empty())
      client.answer(big);
  }};
  http_client client;
  auto request = get(server.url());
  request.sink = folder.write("out", std::string(5'000'000, 'z'));
  request.max_answer_bytes = big.size();
  auto out = call(client, request);
  REQUIRE(out);
  CHECK(out->body.empty());
  CHECK(out->body_bytes == big.size());
  CHECK(folder.read("out") == big);
  request.sink = folder.file("no/such/folder");
  auto broken = call(client, request);
  REQUIRE(!broken);
  CHECK(broken.error().code == fault_code::disk);
  request.sink = "/dev/full";
  broken = call(client, request);
  REQUIRE(!broken);
  CHECK(broken.error().code == fault_code::disk);
}

TEST_CASE("an error's body stays in memory") {
  scratch folder;
  raw_server server{[](peer& client, int) {
    client.read_request();
    client.answer("why", "404 Not Found");
  }};
  http_client client;
  auto request = get(server.url());
  request.sink = folder.file("out");
  auto out = call(client, request);
  REQUIRE(out);
  CHECK(out->body == "why");
  CHECK(!std::filesystem::exists(request.sink));
}
