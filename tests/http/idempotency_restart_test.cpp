/// Keys and answers outlive the process: the front end begins anew over what
/// was written.
#include "http/idempotency.hpp"
#include "http/kept_request.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

/// What would be in the journal.
class kept_notes {
public:
  void write(const std::vector<note>& what) {
    std::lock_guard lock{mutex_};
    for (auto& x : what) {
      std::erase_if(all_, [&](auto& y) { return y.name == x.name; });
      if (!x.value.empty())
        all_.push_back(x);
    }
  }

  std::vector<note> all() const {
    std::lock_guard lock{mutex_};
    return all_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<note> all_;
};

/// One life of the front end; `disk` is there before and after.
struct life {
  explicit life(kept_notes& disk) {
    idempotency_setup setup;
    setup.kept = disk.all();
    setup.keep = [this, &disk](std::vector<note> notes, auto then) {
      if (!disk_is_away)
        disk.write(notes);
      then(!disk_is_away);
    };
    front.routes.answered = make_idempotency_store(std::move(setup));
    front.jobs.on_control = [this, &disk](auto command, auto to) {
      disk.write(command.notes); // with the wish
      if (dies_before_answer)
        return;
      auto job = sample_job();
      job.progress = static_cast<double>(++runs) / 100;
      to(control_done{job, true});
    };
    front.jobs.on_intake = [this, &disk](auto command, auto to) {
      disk.write(command.notes);
      if (!dies_before_answer)
        to(intake_accepted{sample_job(command.job_id), false, true});
    };
    front.jobs.on_order = [this, &disk](auto command, auto to) {
      disk.write(command.notes);
      service_view view;
      view.name = command.order.service;
      view.breaker = "forced_open";
      view.order = command.order;
      if (!dies_before_answer)
        to(view);
    };
  }

  wire_answer post(const std::string& target, const std::string& body = "{}") {
    return front.post(target, body, "Idempotency-Key: abc\r\n");
  }

  front_end front;
  int runs = 0;
  std::atomic<bool> dies_before_answer = false;
  std::atomic<bool> disk_is_away = false;
};

} // namespace

TEST_CASE("what was acknowledged under a key is given again after a restart") {
  kept_notes disk;
  wire_answer first;
  {
    life one{disk};
    first = one.post("/jobs/7/redo", R"({"stage": "tts"})");
    CHECK(first.status == 202);
  }
  life two{disk};
  auto again = two.post("/jobs/7/redo", R"({"stage": "tts"})");
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(two.front.jobs.controls().empty());
  CHECK(two.post("/jobs/7/redo", R"({"stage": "asr"})").status == 422);
  CHECK(two.post("/jobs/8/redo", R"({"stage": "tts"})").status == 422);
}

TEST_CASE("problems and headers are given again as well") {
  kept_notes disk;
  wire_answer accepted;
  {
    life one{disk};
    accepted = one.front.post("/orchestrate", R"({"job_id": 7})",
                              "Idempotency-Key: start\r\n");
    one.front.jobs.on_control = [](auto, auto to) {
      to(control_impossible{"it has ended", sample_job()});
    };
    CHECK(one.post("/jobs/7/pause").status == 409);
  }
  life two{disk};
  auto again = two.front.post("/orchestrate", R"({"job_id": 7})",
                              "Idempotency-Key: start\r\n");
  CHECK(again.status == accepted.status);
  CHECK(again.body == accepted.body);
  CHECK(again.header("location") == "/jobs/7");
  auto refused = two.post("/jobs/7/pause");
  CHECK(refused.status == 409);
  CHECK(code_of(refused) == "not_possible_now");
  CHECK(json_of(refused)["instance"] == "/jobs/7/pause");
}

TEST_CASE("carried out but not answered: it is not carried out again") {
  kept_notes disk;
  for (auto target : {"/jobs/7/redo", "/orchestrate", "/services/asr/open"}) {
    INFO(target);
    auto body = target == "/orchestrate"s ? R"({"job_id": 7})" : "{}";
    kept_notes disk_of_this;
    {
      life one{disk_of_this};
      one.dies_before_answer = true;
      CHECK(one.post(target, body).status == 500); // nobody else answers
    }
    REQUIRE(disk_of_this.all().size() == 1);
    life two{disk_of_this};
    auto answer = two.post(target, body);
    CHECK(answer.status == (target == "/services/asr/open"s ? 200 : 202));
    CHECK(answer.header("idempotency-replayed").empty());
    CHECK(two.front.jobs.controls().empty());
    CHECK(two.front.jobs.intakes().empty());
    CHECK(two.front.jobs.orders().empty());
    CHECK(two.post(target, body).body == answer.body);
    CHECK(two.post(target, "{\"reason\": \"x\", \"job_id\": 8}").status == 422);
    life three{disk_of_this};
    auto third = three.post(target, body);
    CHECK(third.body == answer.body);
    CHECK(third.header("idempotency-replayed") == "true");
  }
}

TEST_CASE("while its answer is made again: 409, when that fails, once more") {
  kept_notes disk;
  {
    life one{disk};
    one.dies_before_answer = true;
    one.post("/jobs/7/cancel");
  }
  life two{disk};
  held_answers<query_answer> held;
  two.front.jobs.on_ask = [&](auto, auto to) {
    held.keep(std::move(to));
  };
  auto line = two.front.connect();
  line.send(front_end::text("POST", "/jobs/7/cancel",
                            front_end::json_type + "Idempotency-Key: abc\r\n",
                            "{}"));
  REQUIRE(eventually([&] { return held.size() == 1; }));
  CHECK(two.post("/jobs/7/cancel").status == 409);
  held.take().front()(fault{fault_code::disk, "away", 0, {}});
  CHECK(line.read_answer().status == 503);
  two.front.jobs.on_ask = [](auto query, auto to) {
    to(sample_job(query.job_id));
  };
  CHECK(two.post("/jobs/7/cancel").status == 202);
  CHECK(two.front.jobs.controls().empty());
}

TEST_CASE("an answer that is not on disk is not given") {
  kept_notes disk;
  life one{disk};
  one.disk_is_away = true;
  auto answer = one.post("/jobs/7/cancel");
  CHECK(answer.status == 503);
  CHECK(code_of(answer) == "journal_away");
}

TEST_CASE("what is forgotten is forgotten on disk") {
  kept_notes disk;
  time_point now{1h};
  auto store = [&] {
    idempotency_setup setup;
    setup.limits = {10s, 3, 1'000'000};
    setup.now = [&] {
      return now;
    };
    setup.kept = disk.all();
    setup.keep = [&](const std::vector<note>& notes, auto then) {
      disk.write(notes);
      then(true);
    };
    return make_idempotency_store(std::move(setup));
  };
  auto use = [](idempotency_store& keys, const std::string& key) {
    CHECK(
      std::holds_alternative<idempotency_store::fresh>(keys.begin(key, "r")));
    keys.finish(key, {}, [](bool is_kept) { CHECK(is_kept); });
  };
  auto keys = store();
  for (auto name : {"1", "2", "3", "4", "5", "6"}) {
    now += 1s;
    use(*keys, name);
  }
  CHECK(disk.all().size() <= 4); // one goes with the next answer
  now += 6s;                     // of 6 seconds ago and younger
  keys = store();
  use(*keys, "new");
  CHECK(disk.all().size() == 3);
  CHECK(std::holds_alternative<http_answer>(keys->begin("6", "r")));
  CHECK(
    std::holds_alternative<idempotency_store::fresh>(keys->begin("4", "r")));
}

TEST_CASE("kept requests of format 3") {
  auto read
    = request_of({"request", "local\nabc",
                  R"({"request":"POST /jobs/7/pause\n{}"})", time_point{5ms}});
  REQUIRE(read);
  CHECK(read->key == "local\nabc");
  CHECK(read->request == "POST /jobs/7/pause\n{}");
  CHECK_FALSE(read->answer);
  read = request_of(
    {"request", "k",
     R"({"request":"POST /x\n","answer":{"status":202,"content_type":"application/json","headers":[["Location","/jobs/7"]],"body":"{\"id\":7}"}})",
     time_point{5ms}});
  REQUIRE(read);
  REQUIRE(read->answer);
  CHECK(read->answer->status == 202);
  CHECK(read->answer->headers == http_fields{{"Location", "/jobs/7"}});
  CHECK(read->answer->body == "{\"id\":7}");
  auto written = request_of(note_of(*read));
  REQUIRE(written);
  CHECK(written->answer->body == read->answer->body);
  CHECK(written->at == time_point{5ms});
}

TEST_CASE("a damaged note is forgotten, and the others are not") {
  kept_notes disk;
  disk.write({{"request", "broken", "{", time_point{1h}},
              {"request", "other", R"({"request": 7})", time_point{1h}}});
  for (auto& x : disk.all())
    CHECK(request_of(x).error().code == fault_code::disk);
  life one{disk};
  CHECK(one.post("/jobs/7/cancel").status == 202);
  CHECK(disk.all().size() == 1);
}
