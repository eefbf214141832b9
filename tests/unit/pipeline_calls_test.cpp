/// A pipeline of calls alone: no sound, no segments, nothing to upload.
#include "core/pipeline_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"
#include "tests/support/pipelines.hpp"

using namespace dubber;
using names = std::vector<std::string>;

namespace {

pipeline_ptr two_calls() {
  auto call = [](const char* path) {
    http_call out;
    out.path.pieces = {path};
    return out;
  };
  pipeline plan;
  plan.name = plan.id = "calls";
  plan.stages
    = {{fetch_stage, work_kind::fetch, "gateway", "gateway", {}},
       test::call_stage("one", {"fetch"}, call("/1")),
       test::call_stage("two", {"fetch"}, call("/2")),
       {report_stage, work_kind::report, "gateway", "gateway", {"one", "two"}}};
  REQUIRE(put_in_order(plan).empty());
  REQUIRE(mistakes_in(plan, test::some_services()).empty());
  return std::make_shared<const pipeline>(std::move(plan));
}

} // namespace

TEST_CASE("calls alone: the debt begins with the report, after all branches") {
  pipeline_book book;
  book.offered["calls"] = book.known["calls"] = two_calls();
  test::job_play play;
  play.state.book = &book;
  play.feed(in::accept{7, 1, "calls", 0, "test", ""});
  CHECK(play.names(play.answer(play.ref("fetch")))
        == names{"stage.completed", "stage.started", "stage.started"});
  CHECK(play.next() == std::vector{play.ref("one"), play.ref("two")});
  CHECK(play.names(play.answer(play.ref("two"))) == names{"stage.completed"});
  CHECK_FALSE(play.state.owed);
  CHECK(play.names(play.answer(play.ref("one")))
        == names{"stage.completed", "report.owed", "stage.started"});
  CHECK(play.state.owed->status == "COMPLETED");
  CHECK(play.state.owed->output_object_key.empty());
  CHECK(play.names(in::told{play.state.debt})
        == names{"stage.completed", "job.completed"});
}

TEST_CASE("calls alone: both branches decided in one append go on to the end") {
  pipeline_book book;
  book.offered["calls"] = book.known["calls"] = two_calls();
  test::job_play play;
  play.state.book = &book;
  play.feed(in::accept{7, 1, "calls", 0, "test", ""});
  play.feed(play.answer(play.ref("fetch")));
  auto both = decide_all(
    play.state, {play.answer(play.ref("one")), play.answer(play.ref("two"))},
    play.now, play.rules);
  CHECK(both.used == 2);
  names got;
  for (auto& fact : both.events)
    got.emplace_back(type_name(fact.body));
  CHECK(got
        == names{"stage.completed", "stage.completed", "report.owed",
                 "stage.started"});
}
