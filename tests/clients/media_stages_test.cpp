/// The stages around media: what they decide, keep and report.
#include "clients/dub_report.hpp"
#include "tests/support/media_lab.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace dubber;
using nlohmann::json;
using test::media_lab;

namespace {

const std::string hostile = "</td><script>alert('1')</script> & \"\xff\x01";

void make_film(const media_lab& lab, int seconds) {
  auto length = std::to_string(seconds);
  lab.make("film.mkv",
           "-f lavfi -i testsrc=size=64x48:rate=10:duration=" + length
             + " -f lavfi -i sine=frequency=440:sample_rate=8000:duration="
             + length
             + " -af \"volume=enable='between(mod(t,100),99,99.6)':volume=0\" "
               "-c:v libx264 -preset ultrafast -c:a pcm_s16le");
}

std::string text_of(const media_lab& lab, const std::string& key) {
  std::ifstream in{lab.object(key), std::ios::binary};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A dub of 12 s with one segment of each kind that fits and does not.
merge_input dub_of(media_lab& lab) {
  auto in = test::merge_of("film.mkv", 12);
  in.notes = {"2 segments overlapped"};
  in.options.edit().unknown_keys = {"colour"};
  auto speech = [&](double seconds, double rate) {
    auto s = lab.speak(seconds, 300);
    s.rate = rate;
    return s;
  };
  in.pieces = {test::piece_of({0, 1}, speech(1, 1), "uno"),
               test::piece_of({2, 3}, speech(2.2, 1), "dos"),
               test::piece_of({4, 5}, speech(2.7, 1.3), hostile),
               test::piece_of({6, 7}, speech(9, 1.6), "cuatro"),
               test::piece_of({11.95, 12}, speech(1, 1), "cinco")};
  return in;
}

upload_input upload_of(const work_result& merged_result) {
  upload_input in{std::get<merged>(merged_result), {}};
  in.facts
    = {{"asr", 12.3456, 1, {}},
       {"tts", 40, 5, {{fault_code::busy, 2}, {fault_code::timeout, 1}}}};
  return in;
}

} // namespace

TEST_CASE("long sound is cut at silences when it is extracted") {
  media_lab lab;
  make_film(lab, 700); // silent from 99 to 99.6, 199 to 199.6, …
  auto heard = lab.extract("film.mkv");
  REQUIRE(heard);
  auto& out = std::get<extracted>(*heard);
  CHECK(out.seconds == Approx(700).margin(0.1));
  REQUIRE(out.chunks.size() == 2);
  CHECK(out.chunks[0].start == 0);
  CHECK(out.chunks[0].end == Approx(299.3).margin(0.4));
  CHECK(out.chunks[1].start == out.chunks[0].end);
  CHECK(out.chunks[1].end == Approx(out.seconds));
  CHECK(out.audio.bytes
        == std::filesystem::file_size(lab.object(out.audio.key)));
  auto again = lab.extract("film.mkv");
  REQUIRE(again);
  // A late attempt does not overwrite what an earlier one left.
  CHECK(std::get<extracted>(*again).audio.key != out.audio.key);
  CHECK(std::get<extracted>(*again).audio.sha256 == out.audio.sha256);
  CHECK(lab.scratch_empties());
}

TEST_CASE("a download that broke off is dubbed as far as it goes") {
  media_lab lab;
  make_film(lab, 10);
  auto whole = lab.root.file("whole.mp4").string();
  lab.shell(lab.tools.ffmpeg + " -nostdin -v error -i "
            + media_lab::quoted(lab.object("film.mkv"))
            + " -c:v copy -c:a aac -movflags +faststart " + whole
            + " && head -c $(($(stat -c %s " + whole + ") * 7 / 10)) " + whole
            + " > " + media_lab::quoted(lab.object("film.mp4")));
  CHECK(lab.seconds(lab.object("film.mp4")) == Approx(10).margin(0.1));
  auto heard = lab.extract("film.mp4");
  INFO((heard ? "" : heard.error().message));
  REQUIRE(heard);
  auto& out = std::get<extracted>(*heard);
  CHECK(out.seconds > 4);
  CHECK(out.seconds < 9);
  auto in = test::merge_of("film.mp4", out.seconds);
  in.pieces = {test::piece_of({1, 2}, lab.speak(1, 300))};
  auto made = lab.merge(in);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(lab.seconds(lab.object(std::get<merged>(*made).video.key))
        == Approx(out.seconds).margin(0.11));
}

TEST_CASE("a merge keeps its decisions: subtitles, plan, report") {
  media_lab lab;
  make_film(lab, 12);
  auto made = lab.merge(dub_of(lab));
  REQUIRE(made);
  auto& out = std::get<merged>(*made);
  CHECK(out.seconds == 12);
  auto srt = text_of(lab, out.srt.key), vtt = text_of(lab, out.vtt.key);
  CHECK(srt.find("uno") != std::string::npos);
  CHECK(srt.find('<') == std::string::npos);
  CHECK(vtt.find("&lt;script&gt;") != std::string::npos);
  // What the tools read of them is what was written, in the track as well.
  auto packets = "-select_streams s:0 -show_entries packet=pts_time";
  auto times = lab.probe(lab.object(out.srt.key), packets);
  CHECK(times == "0.000000\n2.000000\n4.000000\n6.000000\n11.950000\n");
  CHECK(lab.probe(lab.object(out.vtt.key), packets) == times);
  auto track = lab.shell(lab.tools.ffmpeg + " -nostdin -v error -i "
                         + media_lab::quoted(lab.object(out.video.key))
                         + " -map 0:s:0 -f srt -");
  CHECK(track.find("00:00:02,000 --> 00:00:03,000\ndos\n")
        != std::string::npos);
  CHECK(track.find("00:00:11,950 --> 00:00:12,000\ncinco\n")
        != std::string::npos);
  CHECK(lab.scratch_empties());
}

TEST_CASE("the report says what became of every segment") {
  media_lab lab;
  make_film(lab, 12);
  auto made = lab.merge(dub_of(lab));
  REQUIRE(made);
  auto report = json::parse(text_of(lab, std::get<merged>(*made).report.key));
  CHECK(report["format"] == 1);
  CHECK(report["job_id"] == 7);
  CHECK(report["target_language_name"] == "Spanish");
  CHECK(report["video"]["picture"] == "copied");
  CHECK(report["sound"]["loudness_lkfs"].get<double>()
        == Approx(-24).margin(1));
  CHECK(report["summary"]
        == json({{"segments", 5},
                 {"natural", 1},
                 {"stretched", 1},
                 {"hurried", 1},
                 {"trimmed", 1},
                 {"left_out", 1},
                 {"kept_original", 0},
                 {"silent", 0}}));
  auto& trimmed = report["segments"][3];
  CHECK(trimmed["n"] == 3);
  CHECK(trimmed["outcome"] == "trimmed");
  CHECK(trimmed["rate"] == 1.6);
  CHECK(trimmed["tempo"] == 1.4);
  CHECK(trimmed["text"] == "hello");
  CHECK(trimmed["translation"] == "cuatro");
  CHECK(trimmed["trimmed_by"].get<double>() > 0);
  auto notes = report["notes"].dump();
  for (auto part : {"2 segments overlapped", "1 segment did not fit",
                    "1 segment had no room", "'colour' is not known"}) {
    INFO(part);
    CHECK(notes.find(part) != std::string::npos);
  }
}

TEST_CASE("an upload puts everything beside the video") {
  media_lab lab;
  make_film(lab, 12);
  auto made = lab.merge(dub_of(lab));
  REQUIRE(made);
  auto sent = lab.run<upload_worker>(work_kind::upload, upload_of(*made));
  REQUIRE(sent);
  auto& out = std::get<uploaded>(*sent);
  CHECK(out.output_object_key == "dubbed_7.mp4");
  CHECK(out.files
        == std::map<std::string, std::string>{
          {"srt", "dubbed_7.srt"},
          {"vtt", "dubbed_7.vtt"},
          {"report", "dubbed_7.report.json"},
          {"report_html", "dubbed_7.report.html"}});
  auto& from = std::get<merged>(*made);
  CHECK(text_of(lab, "dubbed_7.mp4") == text_of(lab, from.video.key));
  CHECK(text_of(lab, "dubbed_7.srt") == text_of(lab, from.srt.key));
  CHECK(text_of(lab, "dubbed_7.vtt") == text_of(lab, from.vtt.key));
  auto report = json::parse(text_of(lab, "dubbed_7.report.json"));
  CHECK(report["stages"][0]
        == json({{"stage", "asr"},
                 {"seconds", 12.346},
                 {"items", 1},
                 {"failed_attempts", json::object()}}));
  CHECK(report["stages"][1]["failed_attempts"]
        == json({{"busy", 2}, {"timeout", 1}}));
  CHECK(report["segments"].size() == 5);
  CHECK(lab.scratch_empties());
  auto more = upload_of(*made);
  more.language = "pt-BR";
  auto second = lab.run<upload_worker>(work_kind::upload, more);
  REQUIRE(second);
  auto& beside = std::get<uploaded>(*second);
  CHECK(beside.output_object_key == "dubbed_7.pt-BR.mp4");
  CHECK(beside.files["report_html"] == "dubbed_7.pt-BR.report.html");
}

TEST_CASE("the report's page shows texts and runs none") {
  media_lab lab;
  make_film(lab, 12);
  auto made = lab.merge(dub_of(lab));
  REQUIRE(made);
  REQUIRE(lab.run<upload_worker>(work_kind::upload, upload_of(*made)));
  auto page = text_of(lab, "dubbed_7.report.html");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; "
                  "&quot;")
        != std::string::npos);
  CHECK(page.find("cuatro") != std::string::npos);
  CHECK(page.find("busy: 2, timeout: 1") != std::string::npos);
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(page.find("http") == page.find("http-equiv"));
  // Reports of other versions have other fields.
  CHECK(report_page(json::object()).find("</html>") != std::string::npos);
  CHECK(report_page({{"segments", {1, "x", {{"text", 5}}}},
                     {"notes", {{{"a", 1}}}},
                     {"stages", 3},
                     {"sound", "loud"}})
          .find("</html>")
        != std::string::npos);
}

TEST_CASE("nothing has its final name when something is missing") {
  media_lab lab;
  make_film(lab, 12);
  auto made = lab.merge(dub_of(lab));
  REQUIRE(made);
  for (auto gone : {&merged::report, &merged::srt, &merged::video}) {
    auto in = upload_of(*made);
    (in.result.edit().*gone).key = "artifacts/absent";
    auto sent = lab.run<upload_worker>(work_kind::upload, in);
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == fault_code::not_found);
    CHECK_FALSE(lab.store.locate("dubbed_7.mp4"));
  }
  CHECK(lab.scratch_empties());
}

TEST_CASE("a cancelled stage answers nothing and leaves nothing") {
  media_lab lab;
  make_film(lab, 12);
  auto called = std::make_shared<std::atomic<int>>(0);
  auto begin = [&](worker& w, work_kind kind, work_input input) {
    auto order = std::make_shared<work_order>();
    order->kind = kind;
    order->stage = to_string(kind);
    order->input = std::move(input);
    return w.start(order, {1, media_lab::timeout, {}},
                   [called](auto) { ++*called; });
  };
  media_settings with{lab.media, lab.store, lab.pool, lab.scratch_root()};
  extract_worker extract{with};
  merge_worker merge{with};
  auto in = dub_of(lab);
  for (int i = 0; i < 4; ++i) {
    begin(extract, work_kind::extract, extract_input{"film.mkv"}).cancel();
    auto handle = begin(merge, work_kind::merge, in);
    if (i > 1) // some are cancelled while ffmpeg runs
      while (!std::filesystem::exists(lab.scratch_root())
             || std::filesystem::is_empty(lab.scratch_root()))
        std::this_thread::yield();
  }
  CHECK(lab.scratch_empties());
  REQUIRE(lab.extract("film.mkv"));
  CHECK(*called == 0);
  CHECK(lab.scratch_empties());
}
