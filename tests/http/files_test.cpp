#include "http/range.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"
#include "tests/support/scratch.hpp"

#include <sys/stat.h>

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

/// A front end over a job whose files lie in a folder.
struct file_front : front_end {
  file_front() {
    routes.locate
      = [this](const std::string& key) -> result<std::filesystem::path> {
      if (key == "broken")
        return fault{fault_code::disk, "the disk is away", 0, {}};
      return folder.file(key);
    };
    jobs.on_ask = [this](auto, auto to) {
      to(job);
    };
  }

  void has(const std::string& name, const std::string& content) {
    folder.write(name, content);
    job.artifacts[name] = name;
  }

  scratch folder;
  job_view job = sample_job();
};

} // namespace

TEST_CASE("each artifact with its type and a harmless name") {
  file_front front;
  struct {
    const char* name;
    const char* type;
    const char* disposition;
  } all[]
    = {{"video", "video/mp4", "attachment; filename=\"job_7_video.mp4\""},
       {"srt", "application/x-subrip; charset=utf-8",
        "attachment; filename=\"job_7_srt.srt\""},
       {"vtt", "text/vtt; charset=utf-8",
        "attachment; filename=\"job_7_vtt.vtt\""},
       {"report", "application/json", "inline; filename=\"job_7_report.json\""},
       {"report_html", "text/html; charset=utf-8",
        "inline; filename=\"job_7_report_html.html\""},
       {"audio", "audio/wav", "attachment; filename=\"job_7_audio.wav\""}};
  for (auto& each : all) {
    INFO(each.name);
    auto content = R"({"of": ")"s + each.name + "\"}";
    front.has(each.name, content);
    auto answer = front.get("/jobs/7/artifacts/"s + each.name);
    CHECK(answer.status == 200);
    CHECK(answer.body == content);
    CHECK(answer.header("content-type") == each.type);
    CHECK(answer.header("content-disposition") == each.disposition);
    CHECK(answer.header("x-content-type-options") == "nosniff");
    CHECK(answer.header("content-security-policy").find("sandbox")
          != std::string::npos);
    CHECK(answer.header("accept-ranges") == "bytes");
    auto line = front.connect();
    line.send(front_end::text("HEAD", "/jobs/7/artifacts/"s + each.name));
    CHECK(line.read_answer(true).header("content-length")
          == std::to_string(content.size()));
  }
  CHECK(front.get("/jobs/7/report").body == R"({"of": "report"})");
  auto job = json_of(front.get("/jobs/7"));
  CHECK(job["links"]["report"] == "/jobs/7/report");
  CHECK(job["artifacts"]["srt"] == "/jobs/7/artifacts/srt");
}

TEST_CASE("a file that a stage of one's own has answered with") {
  file_front front;
  stage_view own;
  own.name = "separate";
  own.kind = "http";
  front.job.stages.push_back(own);
  auto early = front.get("/jobs/7/artifacts/separate");
  CHECK(early.status == 404);
  CHECK(json_of(early)["retryable"] == true);
  front.has("separate", "music");
  auto answer = front.get("/jobs/7/artifacts/separate");
  CHECK(answer.status == 200);
  CHECK(answer.body == "music");
  CHECK(answer.header("content-type") == "application/octet-stream");
  CHECK(answer.header("content-disposition")
        == "attachment; filename=\"job_7_separate.bin\"");
  auto none = front.get("/jobs/7/artifacts/other");
  CHECK(none.status == 404);
  CHECK(json_of(none)["detail"].get<std::string>().find("audio, separate")
        != std::string::npos);
}

TEST_CASE("what is not there, and why") {
  file_front front;
  auto early = front.get("/jobs/7/artifacts/video");
  CHECK(early.status == 404);
  CHECK(code_of(early) == "no_artifact");
  CHECK(json_of(early)["state"] == "running");
  CHECK(json_of(early)["retryable"] == true);
  front.job.row.status = job_status::failed;
  CHECK(json_of(front.get("/jobs/7/report"))["retryable"] == false);
  front.job.artifacts["srt"] = "removed";
  CHECK(code_of(front.get("/jobs/7/artifacts/srt")) == "no_artifact");
  front.job.artifacts["srt"] = "broken";
  auto away = front.get("/jobs/7/artifacts/srt");
  CHECK(away.status == 503);
  CHECK(code_of(away) == "store_away");
  CHECK(front.get("/jobs/7/artifacts/secrets").status == 404);
  CHECK(front.get("/jobs/7/artifacts/..%2f..%2fetc%2fpasswd").status == 404);
  CHECK(front.get("/jobs/x/artifacts/srt").status == 422);
}

TEST_CASE("links, folders and pipes are no files") {
  file_front front;
  front.folder.write("target", "secret");
  std::filesystem::create_symlink(front.folder.file("target"),
                                  front.folder.file("link"));
  std::filesystem::create_directory(front.folder.file("folder"));
  REQUIRE(::mkfifo(front.folder.file("pipe").c_str(), 0600) == 0);
  for (auto key : {"link", "folder", "pipe"}) {
    INFO(key);
    front.job.artifacts["srt"] = key;
    CHECK(front.get("/jobs/7/artifacts/srt").status >= 404);
  }
}

TEST_CASE("a large file is streamed, meanwhile others are served") {
  file_front front;
  std::string content;
  for (int i = 0; content.size() < 40'000'000; ++i)
    content += std::to_string(i) + "\n";
  front.has("video", content);
  auto line = front.connect();
  line.send(front_end::text("GET", "/jobs/7/artifacts/video"));
  // Nobody reads yet: the file waits, the server does not.
  CHECK(front.get("/health").status == 200);
  // An object that is removed or replaced meanwhile is sent as it was.
  std::filesystem::remove(front.folder.file("video"));
  front.folder.write("video", "another");
  auto answer = line.read_answer();
  CHECK(answer.body == content);
  line.send(front_end::text("GET", "/jobs/7/artifacts/video"));
  CHECK(line.read_answer().body == "another");
}

TEST_CASE("a reader that leaves in the middle") {
  file_front front;
  front.has("video", std::string(40'000'000, 'x'));
  for (int i = 0; i < 5; ++i) {
    auto line = front.connect();
    line.send(front_end::text("GET", "/jobs/7/artifacts/video"));
    char some[1000];
    REQUIRE(::recv(line.fd(), some, sizeof some, MSG_WAITALL) == sizeof some);
    line.reset();
  }
  CHECK(front.get("/health").status == 200);
  front.server().drain(20s); // all of them are over
  CHECK(front.get("/health").status == 200);
}

TEST_CASE("ranges") {
  file_front front;
  front.has("srt", "0123456789");
  auto part = [&](const std::string& range, const std::string& more = {}) {
    return front.ask("GET", "/jobs/7/artifacts/srt",
                     "Range: " + range + "\r\n" + more);
  };
  struct {
    const char* range;
    const char* body;
    const char* content_range;
  } parts[] = {{"bytes=0-3", "0123", "bytes 0-3/10"},
               {"bytes=4-", "456789", "bytes 4-9/10"},
               {"bytes=-2", "89", "bytes 8-9/10"},
               {"Bytes=9-99", "9", "bytes 9-9/10"},
               {"bytes=-99", "0123456789", "bytes 0-9/10"},
               {"bytes=0-99999999999999999999", "0123456789", "bytes 0-9/10"}};
  for (auto& each : parts) {
    INFO(each.range);
    auto answer = part(each.range);
    CHECK(answer.status == 206);
    CHECK(answer.body == each.body);
    CHECK(answer.header("content-range") == each.content_range);
  }
  for (auto range : {"bytes=10-", "bytes=-0", "bytes=99999999999999999999-"}) {
    INFO(range);
    auto answer = part(range);
    CHECK(answer.status == 416);
    CHECK(answer.header("content-range") == "bytes */10");
  }
  for (auto range : {"bytes=3-1", "bytes=a-b", "bytes=1-2,4-5", "lines=1-2",
                     "bytes=", "bytes=-", "1-2"}) {
    INFO(range);
    CHECK(part(range).status == 200);
  }
  auto tag = front.get("/jobs/7/artifacts/srt").header("etag");
  CHECK(part("bytes=0-0", "If-Range: " + tag + "\r\n").status == 206);
  CHECK(part("bytes=0-0", "If-Range: \"old\"\r\n").status == 200);
  auto same = front.ask("GET", "/jobs/7/artifacts/srt",
                        "If-None-Match: \"x\", " + tag + "\r\n");
  CHECK(same.status == 304);
  front.has("srt", "");
  CHECK(part("bytes=0-").status == 416);
  CHECK(front.get("/jobs/7/artifacts/srt").body.empty());
}

TEST_CASE("a part of a large file") {
  file_front front;
  std::string content;
  for (int i = 0; content.size() < 10'000'000; ++i)
    content += std::to_string(i) + "\n";
  front.has("video", content);
  auto answer = front.ask("GET", "/jobs/7/artifacts/video",
                          "Range: bytes=123456-9123455\r\n");
  CHECK(answer.body == content.substr(123'456, 9'000'000));
}

TEST_CASE("a store that hands out no files") {
  file_front front;
  front.has("srt", "x");
  front.routes.locate = nullptr;
  CHECK(front.get("/jobs/7/artifacts/srt").status == 404);
}

TEST_CASE("a store that hands out files itself") {
  file_front front;
  front.has("srt", "x");
  front.routes.presign = [](const std::string& key, const std::string& type,
                            const std::string& disposition) {
    return "http://s3/" + key + "?" + type + "&" + disposition;
  };
  auto answer = front.get("/jobs/7/artifacts/srt");
  CHECK(answer.status == 307);
  CHECK(answer.header("location")
        == "http://s3/srt?application/x-subrip; charset=utf-8&attachment; "
           "filename=\"job_7_srt.srt\"");
  CHECK(answer.header("cache-control") == "no-store");
}
