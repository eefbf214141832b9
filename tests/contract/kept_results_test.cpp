/// What every journal promises of results that other jobs may use.
#include "core/artifacts.hpp"
#include "tests/contract/each_journal.hpp"
#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;
using test::append_of;
using test::each_journal;

namespace {

std::string key_of(int n) {
  auto digits = std::to_string(n);
  return std::string(16 - digits.size(), '0') + digits + std::string(48, 'f');
}

std::string artifact_of(int n) {
  return "artifacts/" + key_of(n);
}

kept_result sound(int n, ms used, std::uint64_t bytes) {
  return {key_of(n), spoken{{artifact_of(n), key_of(n), bytes}, 1.5, 1},
          time_point{used}};
}

void keep(journal& j, std::vector<kept_result> what) {
  journal_append x;
  x.epoch = *j.open_epoch();
  x.results = std::move(what);
  std::vector<journal_append> batch{std::move(x)};
  auto out = j.commit(batch);
  REQUIRE(out);
  REQUIRE_FALSE((*out)[0].refused);
}

constexpr std::uint64_t plenty = 1'000'000'000;

} // namespace

TEST_CASE("a kept result is found by its whole key") {
  each_journal([](journal& j) {
    transcript heard{{{{0, 1.5}, "hé \"you\"\n"}}, {"a note"}};
    keep(j, {{key_of(1), heard, time_point{ms{1}}},
             {key_of(2), translated{"two"}, time_point{ms{1}}}});
    CHECK(**j.find_result(key_of(1)) == work_result{heard});
    CHECK(**j.find_result(key_of(2)) == work_result{translated{"two"}});
    CHECK_FALSE(*j.find_result(key_of(3)));
    // Another key with the same beginning is another result.
    CHECK_FALSE(*j.find_result(key_of(1).substr(0, 16) + std::string(48, '0')));
    auto numbers = *j.result_numbers();
    std::sort(numbers.begin(), numbers.end());
    CHECK(numbers == std::vector<std::uint64_t>{1, 2});
  });
}

TEST_CASE("a key that is kept again has the new result only") {
  each_journal([](journal& j) {
    keep(j, {sound(1, ms{1}, 100)});
    keep(j, {{key_of(1), spoken{{artifact_of(7), "7", 5}, 1, 1},
              time_point{ms{2}}}});
    auto found = *j.find_result(key_of(1));
    REQUIRE(found);
    CHECK(std::get<spoken>(*found).audio.key == artifact_of(7));
    CHECK_FALSE(*j.is_named(artifact_of(1), time_point{}));
    CHECK(*j.is_named(artifact_of(7), time_point{ms{99'999}}));
    CHECK(j.trim_results({plenty, {}})->results == 1);
  });
}

TEST_CASE("results come with the events, or not at all") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    auto stale = append_of(1, epoch, 7);
    stale.results = {sound(1, ms{1}, 1)};
    auto good = append_of(2, epoch, 0);
    good.results = {sound(2, ms{1}, 1)};
    std::vector<journal_append> batch{stale, good};
    REQUIRE(j.commit(batch));
    CHECK_FALSE(*j.find_result(key_of(1)));
    CHECK(*j.find_result(key_of(2)));
  });
}

TEST_CASE("a trim takes the longest unused first") {
  each_journal([](journal& j) {
    keep(j, {sound(1, ms{10}, 1'000), sound(2, ms{20}, 1'000),
             sound(3, ms{30}, 1'000)});
    std::vector<result_use> used{{key_of(1), time_point{ms{40}}},
                                 {key_of(9), time_point{ms{40}}}};
    REQUIRE(j.mark_used(used));
    auto two = 2 * kept_bytes(sound(1, ms{0}, 1'000).result);
    auto stock = j.trim_results({two, time_point{ms{5}}});
    REQUIRE(stock);
    CHECK(*stock == result_stock{2, stock->bytes, 1, false});
    CHECK(stock->bytes >= two);
    CHECK_FALSE(*j.find_result(key_of(2)));
    CHECK_FALSE(*j.is_named(artifact_of(2), time_point{}));
    // By age: only what was used at 40 stays.
    CHECK(j.trim_results({plenty, time_point{ms{35}}})->removed == 1);
    CHECK(*j.find_result(key_of(1)));
    CHECK_FALSE(*j.find_result(key_of(3)));
    CHECK(j.trim_results({0, time_point{ms{35}}})->results == 0);
    CHECK(j.result_numbers()->empty());
  });
}

TEST_CASE("what a job that goes on names is not trimmed") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    auto own = append_of(1, epoch, 0);
    own.events[0].body = ev::item_completed{
      "tts", 0, 1, std::get<spoken>(sound(1, ms{0}, 50).result)};
    own.row->status = job_status::running;
    own.results = {sound(1, ms{10}, 50), sound(2, ms{20}, 50)};
    std::vector<journal_append> batch{own};
    REQUIRE(j.commit(batch));
    CHECK(j.trim_results({0, time_point{ms{99}}})->removed == 1);
    CHECK(*j.find_result(key_of(1)));
    auto ended = append_of(1, epoch, 1);
    ended.row->status = job_status::completed;
    batch = {ended};
    REQUIRE(j.commit(batch));
    CHECK(j.trim_results({0, time_point{ms{99}}})->removed == 1);
    CHECK_FALSE(*j.find_result(key_of(1)));
  });
}

TEST_CASE("results whose artifact got lost are not found any more") {
  each_journal([](journal& j) {
    keep(j, {sound(1, ms{10}, 50), sound(2, ms{10}, 50)});
    auto x = append_of(1, *j.open_epoch(), 0);
    x.events[0].body = ev::artifact_lost{artifact_of(1), "tts", 0};
    std::vector<journal_append> batch{x};
    REQUIRE(j.commit(batch));
    CHECK_FALSE(*j.find_result(key_of(1)));
    CHECK(*j.find_result(key_of(2)));
  });
}
