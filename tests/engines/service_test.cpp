#include "engines/http_service.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>

using namespace dubber;

namespace {

/// An engine on a free port with a folder that goes with it.
struct running {
  std::filesystem::path folder
    = std::filesystem::temp_directory_path() / ("engines_" + random_name());
  std::unique_ptr<engine> what;
  std::unique_ptr<http_service> service;

  explicit running(const std::string& mode) {
    engine_options options;
    options.mode = mode;
    options.data = folder;
    options.store = folder / "store";
    options.workers = 1;
    what = make_engine(options);
    service = std::make_unique<http_service>(*what, "127.0.0.1", 0);
  }
  ~running() {
    service.reset();
    what.reset();
    std::filesystem::remove_all(folder);
  }
  httplib::Client client() const {
    return httplib::Client{"127.0.0.1", service->port()};
  }
};

int post(const running& at, const std::string& path, const std::string& body) {
  auto answer = at.client().Post(path, body, "application/json");
  return answer ? answer->status : 0;
}

} // namespace

TEST_CASE("gateway: the contract's faults") {
  running gateway{"gateway"};
  auto client = gateway.client();
  auto missing = client.Get("/api/v1/job/7");
  REQUIRE(missing);
  CHECK(missing->status == 404);
  CHECK(nlohmann::json::parse(missing->body)["code"] == "JOB_NOT_FOUND");
  auto patched = client.Patch("/api/v1/job/7", "{}", "application/json");
  REQUIRE(patched);
  CHECK(patched->status == 500);
}

TEST_CASE("translate: Spanish, an unknown pair, rubbish") {
  running translate{"translate"};
  auto answer = translate.client().Post(
    "/translate",
    R"({"text":"good morning","source_lang":"en","target_lang":"es"})",
    "application/json");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(post(translate, "/translate",
             R"({"text":"x","source_lang":"en","target_lang":"hi"})")
        == 422);
  CHECK(post(translate, "/translate", "\xff{") == 422);
  CHECK(post(translate, "/translate", std::string(100'000, '[')) == 422);
}

TEST_CASE("tts: rate shortens, unknown voices and odd paths are refused") {
  running tts{"tts"};
  auto length = [&](const std::string& rate) {
    auto answer = tts.client().Post(
      "/synthesize", R"({"text":"hola amigo","lang":"es","rate":)" + rate + "}",
      "application/json");
    REQUIRE(answer);
    return nlohmann::json::parse(answer->body)["duration"].get<double>();
  };
  CHECK(length("1.5") < length("1.0"));
  CHECK(post(tts, "/synthesize", R"({"text":"x","lang":"--help"})") == 422);
  auto odd = tts.client().Get("/audio/..%2f..%2fetc%2fpasswd");
  REQUIRE(odd);
  CHECK(odd->status == 404);
}
