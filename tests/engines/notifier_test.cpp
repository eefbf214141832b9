#include "engines/gateway/notifier.hpp"

#include "engines/gateway/jobs.hpp"
#include "tests/engines/running.hpp"
#include "tests/support/raw_server.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::chrono_literals;

namespace {

/// An orchestrator that answers by a script and notes what it was told.
class orchestrator {
public:
  using script = std::function<void(peer&, int number)>;

  explicit orchestrator(script answer)
    : server_([this, answer](peer& client, int number) {
        auto request = client.read_request();
        {
          std::lock_guard guard{mutex_};
          if (request.starts_with("POST /orchestrate HTTP/1.1\r\n"))
            told_.push_back(request.substr(request.find("\r\n\r\n") + 4));
        }
        answer(client, number);
      }) {
    // nop
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.port());
  }

  std::vector<std::string> told() {
    std::lock_guard guard{mutex_};
    return told_;
  }

private:
  std::mutex mutex_;
  std::vector<std::string> told_;
  raw_server server_;
};

const std::string first = R"({"job_id":1})";
const std::string second = R"({"job_id":2})";

} // namespace

TEST_CASE("notifier: what an answer means, and how long it waits") {
  CHECK(notice_of(200) == notice::told);
  CHECK(notice_of(202) == notice::told);
  for (int later : {0, 408, 429, 500, 503})
    CHECK(notice_of(later) == notice::again);
  for (int refused : {302, 404, 409, 422})
    CHECK(notice_of(refused) == notice::refused);
  CHECK(notice_pause(1) == 250ms);
  CHECK(notice_pause(3) == 1s);
  CHECK(notice_pause(11) == 20s);
  CHECK(notice_pause(1000) == 20s);
}

TEST_CASE("notifier: tries again until it is heard, in order") {
  orchestrator there{[](peer& client, int number) {
    if (number == 0)
      client.answer("{}", "503 Service Unavailable");
    else if (number > 1) // the second one is closed without an answer
      client.answer("{}");
  }};
  notifier told{there.url()};
  told.job_saved(1);
  told.job_saved(2);
  CHECK(eventually([&] { return there.told().size() == 4; }));
  CHECK(there.told() == std::vector<std::string>{first, first, first, second});
}

TEST_CASE("notifier: what is refused is not said again") {
  orchestrator there{[](peer& client, int number) {
    client.answer("{}", number == 0 ? "404 Not Found" : "202 Accepted");
  }};
  notifier told{there.url()};
  told.job_saved(1);
  told.job_saved(2);
  CHECK(eventually([&] { return there.told().size() == 2; }));
  CHECK(there.told() == std::vector<std::string>{first, second});
}

TEST_CASE("notifier: it ends at once while an answer is outstanding") {
  orchestrator there{[](peer& client, int) {
    client.wait_closed();
  }};
  auto told = std::make_unique<notifier>(there.url());
  told->job_saved(1);
  REQUIRE(eventually([&] { return there.told().size() == 1; }));
  auto began = std::chrono::steady_clock::now();
  told.reset();
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  notifier nowhere{"http://127.0.0.1:1"}; // between two tries
  nowhere.job_saved(1);
}

TEST_CASE("notifier: a gateway tells of an upload, and again after a restart") {
  orchestrator there{[](peer& client, int) {
    client.answer("{}");
  }};
  scratch folder;
  {
    std::filesystem::create_directories(folder.file("data"));
    job_table before{folder.file("data/gateway.sqlite")};
    gateway_job job;
    job.source_key = "1_a.mp4";
    before.insert(job);
    job.status = "PROCESSING"; // somebody works on it
    before.insert(job);
  }
  running gateway{"gateway", [&](engine_options& options) {
                    options.data = folder.file("data");
                    options.orchestrator = there.url();
                  }};
  CHECK(eventually([&] { return there.told().size() == 1; }));
  auto file = folder.write("b.mp4", "x");
  CHECK(upload(gateway.port(), "/api/v1/upload", file, "b.mp4",
               {{"targetLang", "es"}})
          .status
        == 200);
  CHECK(eventually([&] { return there.told().size() == 2; }));
  CHECK(there.told() == std::vector<std::string>{first, R"({"job_id":3})"});
}
