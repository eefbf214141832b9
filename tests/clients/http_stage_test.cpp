/// The calls of a pipeline's own: what they send, and what becomes of answers.
#include "clients/workers/http_stage.hpp"

#include "clients/call_key.hpp"
#include "clients/job_document.hpp"
#include "tests/support/service_lab.hpp"

using namespace dubber;
using test::peer;
using lab = test::service_lab;

namespace {

/// Answers everything with the same; keeps what it was sent.
struct echo {
  explicit echo(std::string says, std::string with = "200 OK")
    : answer(std::move(says)), status(std::move(with)) {
    // nop
  }

  void serve(peer& client) {
    for (auto rq = client.read_request(); !rq.empty();
         rq = client.read_request()) {
      {
        std::lock_guard lock{mutex};
        asked.push_back(rq);
      }
      client.answer(answer, status);
    }
  }

  std::string answer;
  std::string status;
  std::mutex mutex;
  std::vector<std::string> asked;
  test::raw_server server{[this](peer& client, int) {
    serve(client);
  }};
};

fetched a_source() {
  fetched out;
  out.source_object_key = "1_my film.mp4";
  out.target_language = "hi";
  out.options.edit().voice = "ann/../bea";
  out.gateway_json = R"({"id": 7, "optionsJson": "{\"colour\": [\"red\"]}"})";
  return out;
}

http_input input_of(http_call call) {
  http_input in{std::make_shared<const http_call>(std::move(call)), a_source()};
  in.job_id = 7;
  in.segment = heard_segment{{1.5, 2}, "so \"it\" is"};
  in.results.push_back({"translate", false, {translated{"वैसे"}}});
  in.results.push_back(
    {"all", true, {translated{"a"}, std::nullopt, translated{"c"}}});
  return in;
}

http_call call_to(const std::string& path) {
  http_call out;
  out.path.pieces = {path};
  return out;
}

result<work_result> run(lab& l, const echo& e, const http_input& in) {
  http_stage_worker worker{
    l.http, l.store, l.root.file("scratch"), {{"words", "w1"}}};
  test::awaited<result<work_result>> end;
  auto order = l.order(work_kind::http, in);
  order->service = "words";
  order->stage = "more";
  attempt_info info{1, std::chrono::seconds{30}, "00-trace"};
  info.url = e.server.url("");
  auto handle = worker.start(order, info, end.callback());
  return end.get();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("calls: holes are filled from the job, the segment and results") {
  lab l;
  echo e{R"({"said": {"text": "better"}, "n": 1})"};
  auto call = call_to("/jobs/");
  call.method = "PUT";
  call.path = {{"/jobs/", "/", "/x"}, {"/job/id", "/job/voice"}};
  call.headers.emplace_back("X-At",
                            text_template{{"at ", ""}, {"/segment/start"}});
  call.body
    = text_template{{"{\"a\":", ",\"b\":", ",\"c\":", "}"},
                    {"/segment/text", "/job/options/colour", "/stages/all"}};
  call.text = "/said/text";
  auto got = run(l, e, input_of(call));
  REQUIRE(got);
  auto& made = std::get<answered>(*got);
  CHECK(made.text == "better");
  CHECK(made.json == R"({"n":1,"said":{"text":"better"}})");
  CHECK_FALSE(made.file);
  auto& sent = e.asked.at(0);
  CHECK(has(sent, "PUT /jobs/7/ann%2F..%2Fbea/x HTTP/1.1\r\n"));
  CHECK(has(sent, "X-At: at 1.5\r\n"));
  CHECK(has(sent, "Content-Type: application/json\r\n"));
  CHECK(has(sent, "traceparent: 00-trace\r\n"));
  CHECK(has(sent, "Idempotency-Key: "));
  CHECK(has(
    sent,
    R"({"a":"so \"it\" is","b":["red"],"c":[{"text":"a"},null,{"text":"c"}]})"));
}

TEST_CASE("calls: a hole that cannot be filled is the job's fault") {
  lab l;
  echo e{"{}"};
  auto try_path = [&](const std::string& pointer) {
    auto call = call_to("/");
    call.path = {{"/", ""}, {pointer}};
    auto got = run(l, e, input_of(call));
    REQUIRE_FALSE(got);
    CHECK(got.error().code == fault_code::invalid_input);
    return got.error().message;
  };
  CHECK(try_path("/job/options/size")
        == "stage more: there is nothing at /job/options/size of the job's "
           "document");
  CHECK(has(try_path("/job/options/colour"), "is no text and no number"));
  CHECK(has(try_path("/stages/none/text"), "there is nothing at"));
  auto in = input_of(call_to("/"));
  in.source.edit().options.edit().voice = "..";
  auto call = call_to("/");
  call.path = {{"/", ""}, {"/job/voice"}};
  in.call = std::make_shared<const http_call>(call);
  CHECK(has(run(l, e, in).error().message, "cannot be in a path"));
  CHECK(e.asked.empty());
}

TEST_CASE("calls: a stored file goes up, a file comes back and is stored") {
  lab l;
  l.root.write("sound.wav", "RIFFsound");
  auto sound = l.store.store_artifact(l.root.file("sound.wav"));
  REQUIRE(sound);
  echo e{"MUSIC"};
  auto call = call_to("/separate");
  call.upload
    = upload_part{"/stages/extract/audio", "sound", "a.wav", "audio/wav"};
  call.answer = answer_kind::file;
  call.max_bytes = 100;
  auto in = input_of(call);
  in.results.push_back({"extract", false, {extracted{*sound, 3, {}}}});
  auto got = run(l, e, in);
  REQUIRE(got);
  auto& made = std::get<answered>(*got);
  REQUIRE(made.file);
  CHECK(made.json.empty());
  CHECK(made.file->bytes == 5);
  CHECK(l.root.read("store/" + made.file->key) == "MUSIC");
  auto& sent = e.asked.at(0);
  CHECK(has(sent, "Content-Type: multipart/form-data; boundary="));
  CHECK(has(sent, "name=\"sound\"; filename=\"a.wav\"\r\nContent-Type: "
                  "audio/wav\r\n\r\nRIFFsound\r\n"));
  CHECK(l.scratch_empties());

  in.results.back().items = {extracted{{"artifacts/none", "", 0}, 3, {}}};
  auto gone = run(l, e, in);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == fault_code::not_found);
  CHECK(gone.error().subject == "artifacts/none");
}

TEST_CASE("calls: each answer is what the definition wants, or a bad one") {
  lab l;
  auto outcome = [&](const std::string& says, const http_call& call,
                     const std::string& status = "200 OK") {
    echo e{says, status};
    auto got = run(l, e, input_of(call));
    return got ? std::string{"fine"}
               : std::string{to_string(got.error().code)} + ": "
                   + got.error().message;
  };
  auto call = call_to("/x");
  CHECK(outcome("{}", call) == "fine");
  CHECK(outcome("nothing", call)
        == "bad_answer: the service words: the answer is not JSON");
  CHECK(outcome("", call, "204 No Content").starts_with("bad_answer"));
  CHECK(outcome("{}", call, "201 Created") == "fine");
  CHECK(outcome("{}", call, "503 Busy").starts_with("busy"));
  CHECK(outcome("{}", call, "404 No").starts_with("not_found"));
  CHECK(outcome("[" + std::string(max_json_answer, ' ') + "]", call)
          .starts_with("limit_exceeded"));
  call.text = "/a";
  CHECK(outcome(R"({"a": 1})", call)
        == "bad_answer: the service words: the answer has no text at /a");
  call = call_to("/x");
  call.answer = answer_kind::none;
  CHECK(outcome("anything", call) == "fine");
  call.answer = answer_kind::file;
  CHECK(outcome("", call)
        == "bad_answer: the service words: the answer is an empty file");
  call.content_type = "audio/wav";
  CHECK(outcome("x", call)
        == "bad_answer: the service words: the answer is of type \"\", not "
           "audio/wav");
}

TEST_CASE("calls: the key is of what is sent, and of nothing else") {
  work_order order;
  order.kind = work_kind::http;
  order.job_no = 1;
  auto call = call_to("/x");
  call.body = text_template{{"", ""}, {"/segment/text"}};
  order.input = input_of(call);
  auto key = result_key(order, "w1", "");
  REQUIRE(key);
  auto& in = std::get<http_input>(order.input);
  order.job_no = 2;
  in.source.edit().target_language = "de"; // nothing points at it
  CHECK(result_key(order, "w1", "") == key);
  CHECK(result_key(order, "w2", "") != key);
  in.segment->text = "else";
  CHECK(result_key(order, "w1", "") != key);
  call.path.pieces = {"/y"};
  order.input = input_of(call);
  CHECK(result_key(order, "w1", "") != key);
  // What the source's key stands for is not known here.
  call.upload = upload_part{source_pointer};
  call.body.reset();
  order.input = input_of(call);
  CHECK_FALSE(result_key(order, "w1", ""));
  CHECK(call_key(order, "w1") != call_key(work_order{order}, "w2"));
}
