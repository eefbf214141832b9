#include "tests/engines/running.hpp"
#include "tests/support/raw_server.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

namespace fs = std::filesystem;

constexpr auto target = "es";

reply patch(int port, int64_t job, const std::string& body) {
  httplib::Client client{"127.0.0.1", port};
  auto answer = client.Patch("/api/v1/job/" + std::to_string(job), body,
                             "application/json");
  return answer ? reply{answer->status, answer->body} : reply{};
}

reply upload_as(const running& gateway, const std::string& name,
                const std::string& content) {
  auto file = gateway.folder.write("source", content);
  return upload(gateway.port(), "/api/v1/upload", file, name,
                {{"targetLang", target}, {"options", R"({"voice":"f3"})"}});
}

json job_of(int port, int64_t id) {
  return get(port, "/api/v1/job/" + std::to_string(id)).parsed();
}

} // namespace

TEST_CASE("gateway: upload, names in every script, mistakes") {
  running gateway{"gateway"};
  for (std::string name :
       {"clip.mp4", "my holiday (1).MKV", "Пример видео.webm", "日本語 – ñ.mov",
        "a'b;c=\"d\".avi", "x.y.flv"}) {
    INFO(name);
    auto escaped = name;
    for (size_t at = 0; (at = escaped.find('"', at)) != escaped.npos; at += 2)
      escaped.insert(at, "\\");
    auto answer = upload_as(gateway, escaped, "content of " + name);
    REQUIRE(answer.status == 200);
    CHECK(answer.parsed()["status"] == "QUEUED");
    auto job = job_of(gateway.port(), answer.parsed()["jobId"]);
    std::string key = job["sourceObjectKey"];
    CHECK(key.substr(key.find('_') + 1) == name);
    CHECK(key.find_first_not_of("0123456789") == key.find('_'));
    CHECK(gateway.folder.read("store/" + key) == "content of " + name);
    CHECK(job["targetLanguage"] == target);
    CHECK(job["optionsJson"] == R"({"voice":"f3"})");
    CHECK(job["outputObjectKey"].is_null());
    CHECK(job["progress"] == 0);
  }
  for (std::string name : {"clip.txt", "clip", "clip.mp4.exe", "../", "..", ""})
    CHECK(upload_as(gateway, name, "x").status == 400);
  CHECK(upload_as(gateway, "empty.mp4", "").status == 400);
  CHECK(upload_as(gateway, "../../out.mp4", "x").status == 200);
  CHECK_FALSE(fs::exists(gateway.folder.file("out.mp4")));
  auto file = gateway.folder.write("source", "x");
  CHECK(upload(gateway.port(), "/api/v1/upload", file, "a.mp4")
          .body.find("targetLang is required")
        != std::string::npos);
  CHECK(post(gateway.port(), "/api/v1/upload", std::string{"{}"}).status
        == 422);
  CHECK(post(gateway.port(), "/api/v1/upload", std::string{"--x--\r\n"},
             "multipart/form-data; boundary=x")
          .status
        == 422);
  auto endless
    = "POST /api/v1/upload HTTP/1.1\r\nContent-Length: 6000000000\r\n"
      "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x";
  CHECK(raw(gateway.port(), endless).starts_with("HTTP/1.1 413"));
  CHECK(fs::is_empty(gateway.folder.file("store") / ".incoming"));
}

TEST_CASE("gateway: PATCH and its faults") {
  running gateway{"gateway"};
  auto port = gateway.port();
  int64_t id = upload_as(gateway, "a.mp4", "x").parsed()["jobId"];
  auto good = patch(port, id,
                    R"({"status":"PROCESSING","progress":42,"activity":"Hears",
                        "estimatedTimeRemaining":"2m 10s","unknown":[1]})");
  REQUIRE(good.status == 200);
  CHECK(good.parsed()["progress"] == 42);
  CHECK(patch(port, id, R"({"outputObjectKey":"dubbed_1.mp4"})").status == 200);
  auto job = job_of(port, id);
  CHECK(job["status"] == "PROCESSING");
  CHECK(job["activity"] == "Hears");
  CHECK(job["estimatedTimeRemaining"] == "2m 10s");
  CHECK(job["outputObjectKey"] == "dubbed_1.mp4");
  CHECK(job["updatedAt"].get<std::string>() >= job["createdAt"]);
  for (auto* wrong :
       {R"({"status":"DONE"})", R"({"progress":101})", R"({"progress":"1"})",
        R"({"activity":5})", "rubbish", "", "[]"}) {
    INFO(wrong);
    auto answer = patch(port, id, wrong);
    CHECK(answer.status == 500);
    CHECK(answer.parsed()["error"].is_string());
  }
  CHECK(job_of(port, id) == job);
  auto missing = patch(port, 7, R"({"progress":1})");
  CHECK(missing.status == 500);
  CHECK(missing.parsed()["error"] == "Job not found: 7");
  auto none = get(port, "/api/v1/job/7");
  CHECK(none.status == 404);
  CHECK(none.parsed()
        == json{{"error", "Job not found"}, {"code", "JOB_NOT_FOUND"}});
  CHECK(get(port, "/api/v1/job/99999999999999999999").status == 404);
}

TEST_CASE("gateway: the download URL, and cleanup") {
  running gateway{"gateway"};
  auto port = gateway.port();
  int64_t id = upload_as(gateway, "a.mp4", "source").parsed()["jobId"];
  auto path = "/api/v1/job/" + std::to_string(id);
  CHECK(get(port, path + "/download").status == 400); // not ready
  gateway.folder.write("store/dubbed 1é.mp4", "0123456789");
  patch(port, id,
        R"({"outputObjectKey":"dubbed 1é.mp4","status":"COMPLETED"})");
  std::string url = get(port, path + "/download").parsed()["url"];
  auto base = "http://127.0.0.1:" + std::to_string(port);
  REQUIRE(url.starts_with(base + "/store/"));
  auto there = url.substr(base.size());
  CHECK(get(port, there).body == "0123456789");
  auto part = [&](const std::string& range) {
    return raw(port, "GET " + there + " HTTP/1.1\r\nHost: x\r\nRange: bytes="
                       + range + "\r\n\r\n");
  };
  CHECK(part("2-4").ends_with("\r\n\r\n234"));
  CHECK(part("7-").ends_with("\r\n\r\n789"));
  CHECK(part("-2").ends_with("\r\n\r\n89"));
  CHECK(part("5-999").ends_with("\r\n\r\n56789"));
  CHECK(part("10-").starts_with("HTTP/1.1 416"));
  CHECK(part("18446744073709551615-1").find(" 4") != std::string::npos);
  for (auto& forged : {there.substr(0, there.find('?')), there + "0",
                       "/store/gateway.sqlite" + there.substr(there.find('?')),
                       std::string{"/store/%2e%2e/data/gateway.sqlite"}})
    CHECK(get(port, forged).status == 403);
  auto elsewhere = raw(port, "GET " + path
                               + "/download HTTP/1.1\r\nHost: "
                                 "dub.example:9000\r\n\r\n");
  CHECK(elsewhere.find("http://dub.example:9000/store/") != std::string::npos);

  gateway.folder.write("store/kept.txt", "another's");
  std::string source = job_of(port, id)["sourceObjectKey"];
  CHECK(post(port, path + "/cleanup", std::string{}).status == 200);
  CHECK_FALSE(fs::exists(gateway.folder.file("store/" + source)));
  CHECK_FALSE(fs::exists(gateway.folder.file("store/dubbed 1é.mp4")));
  CHECK(job_of(port, id)["sourceObjectKey"].is_null());
  CHECK(post(port, path + "/cleanup?deleteRecord=true", std::string{}).status
        == 200);
  CHECK(get(port, path).status == 404);
  CHECK(post(port, path + "/cleanup", std::string{}).status == 404);
  // A key that is no file of the store is left alone.
  fs::create_directory(gateway.folder.file("store") / "artifacts");
  int64_t odd = upload_as(gateway, "b.mp4", "x").parsed()["jobId"];
  for (auto* key : {"artifacts", "../data/gateway.sqlite", ".incoming"}) {
    patch(port, odd, json{{"outputObjectKey", key}}.dump());
    CHECK(post(port, "/api/v1/job/" + std::to_string(odd) + "/cleanup",
               std::string{})
            .status
          == 200);
  }
  CHECK(fs::exists(gateway.folder.file("store/artifacts")));
  CHECK(fs::exists(gateway.folder.file("data/gateway.sqlite")));
}

TEST_CASE("gateway: uploads of the same millisecond, and a restart") {
  scratch folder;
  auto options = [&](engine_options& out) {
    out.data = folder.file("data");
    out.store = folder.file("store");
  };
  std::set<std::string> keys;
  {
    running gateway{"gateway", options};
    std::vector<std::thread> all;
    std::mutex mutex;
    for (int i = 0; i < 8; ++i)
      all.emplace_back([&, i] {
        auto file = folder.write("in" + std::to_string(i), "x");
        auto answer = upload(gateway.port(), "/api/v1/upload", file, "same.mp4",
                             {{"targetLang", target}});
        std::string key = job_of(
          gateway.port(), json::parse(answer.body)["jobId"])["sourceObjectKey"];
        std::lock_guard guard{mutex};
        keys.insert(key);
      });
    for (auto& one : all)
      one.join();
    CHECK(keys.size() == 8);
  }
  fs::create_directories(folder.file("store/.incoming"));
  folder.write("store/.incoming/half", "x");
  running again{"gateway", options};
  CHECK(job_of(again.port(), 8)["status"] == "QUEUED");
  CHECK(keys.contains(job_of(again.port(), 8)["sourceObjectKey"]));
  CHECK_FALSE(fs::exists(folder.file("store/.incoming/half")));
}

TEST_CASE("gateway: 300 MB are streamed to the disk") {
  engine_process gateway{{"gateway"}};
  scratch folder;
  auto file = folder.write("big", "begin");
  fs::resize_file(file, 300'000'000); // sparse
  std::ofstream{file, std::ios::app} << "end";
  auto before = gateway.peak_memory();
  auto answer = upload(gateway.port(), "/api/v1/upload", file, "big.mp4",
                       {{"targetLang", target}});
  REQUIRE(answer.status == 200);
  std::string key = job_of(gateway.port(), 1)["sourceObjectKey"];
  CHECK(fs::file_size(gateway.folder() / "store" / key) == 300'000'003);
  patch(gateway.port(), 1, json{{"outputObjectKey", key}}.dump());
  std::string url
    = get(gateway.port(), "/api/v1/job/1/download").parsed()["url"];
  auto path = url.substr(url.find("/store/"));
  size_t got = 0;
  httplib::Client client{"127.0.0.1", gateway.port()};
  auto streamed = client.Get(path, [&](const char*, size_t size) {
    got += size;
    return true;
  });
  REQUIRE(streamed);
  CHECK(got == 300'000'003);
  CHECK(gateway.peak_memory() - before < 48 << 20);
  CHECK(gateway.terminate() == 0);
}
