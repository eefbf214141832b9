/// What two pieces of work have to share to be the same call, or one result.
#include "clients/call_key.hpp"

#include "tests/support/catch.hpp"

#include <set>

using namespace dubber;

namespace {

work_order order_of(work_kind kind, work_input input) {
  work_order out;
  out.kind = kind;
  out.job_no = 1;
  out.job_id = 7;
  out.input = std::move(input);
  return out;
}

work_order speech(const std::string& text, const std::string& voice = "",
                  double room = 2) {
  return order_of(work_kind::speak, speak_input{text, "hi", voice, room});
}

} // namespace

TEST_CASE("call key: the same for retries, runs and jobs with the same input") {
  auto mine = speech("hello");
  auto key = call_key(mine, "tts-1");
  CHECK(key.size() == 64);
  auto theirs = mine;
  theirs.job_no = 2;
  theirs.job_id = 8;
  theirs.run = 3;
  theirs.item = 5;
  CHECK(call_key(theirs, "tts-1") == key);
}

TEST_CASE("call key: another input, model or generation is another call") {
  auto redone = speech("hello");
  redone.generation = 1;
  std::set<std::string> keys{
    call_key(speech("hello"), "tts-1"), call_key(speech("hello"), "tts-2"),
    call_key(speech("hello", "ann"), "tts-1"),
    call_key(speech("hello", "", 3), "tts-1"),
    call_key(speech("hell"), "tts-1"),
    // Where one field ends and the next begins counts.
    call_key(speech("hellohi"), "tts-1"), call_key(redone, "tts-1")};
  CHECK(keys.size() == 7);
}

TEST_CASE("call key: what belongs to a job is its own") {
  auto mine = order_of(work_kind::merge, merge_input{});
  auto theirs = mine;
  theirs.job_no = 2;
  CHECK(call_key(mine, "") != call_key(theirs, ""));
}

TEST_CASE("result key: over all generations, of the source's content") {
  auto redone = speech("hello");
  redone.generation = 4;
  CHECK(result_key(redone, "tts-1", "")
        == result_key(speech("hello"), "tts-1", ""));
  CHECK(result_key(speech("hello"), "tts-1", "")
        != result_key(speech("hello"), "tts-2", ""));
  auto mine = order_of(work_kind::extract, extract_input{"1_a.mp4"});
  auto theirs = order_of(work_kind::extract, extract_input{"2_b.mp4"});
  CHECK(result_key(mine, "", "sha256:1") == result_key(theirs, "", "sha256:1"));
  CHECK(result_key(mine, "", "sha256:1") != result_key(mine, "", "sha256:2"));
}

TEST_CASE("result key: of nothing that is a job's own or not known") {
  CHECK_FALSE(
    result_key(order_of(work_kind::extract, extract_input{"1_a.mp4"}), "", ""));
  for (auto kind : {work_kind::fetch, work_kind::merge, work_kind::upload}) {
    CHECK_FALSE(is_shareable(kind));
    CHECK_FALSE(result_key(order_of(kind, fetch_input{}), "", "sha256:1"));
  }
  for (auto kind : {work_kind::extract, work_kind::transcribe,
                    work_kind::translate, work_kind::speak})
    CHECK(is_shareable(kind));
}
