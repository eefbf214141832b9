/// What every journal promises, asked of the memory one and of SQLite.
#include "tests/contract/each_journal.hpp"
#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;
using test::append_of;
using test::each_journal;

TEST_CASE("events come back in order, with positions that grow") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    std::vector<journal_append> batch{append_of(1, epoch, 0, 3),
                                      append_of(2, epoch, 0, 2)};
    auto out = j.commit(batch);
    REQUIRE(out);
    REQUIRE(out->size() == 2);
    CHECK((*out)[1].first_position == (*out)[0].first_position + 3);
    auto own = j.read(1, 1, 10);
    REQUIRE(own);
    REQUIRE(own->size() == 2);
    CHECK((*own)[0].what == batch[0].events[1]);
    CHECK((*own)[1].what == batch[0].events[2]);
    auto all = j.read_all((*out)[0].first_position, 3);
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK(all->back().job_no == 2);
    CHECK(*j.next_job_no() == 3);
  });
}

TEST_CASE("a stale append is refused alone") {
  each_journal([](journal& j) {
    auto old = *j.open_epoch();
    auto epoch = *j.open_epoch();
    CHECK(epoch > old);
    std::vector<journal_append> batch{
      append_of(1, old, 0), append_of(2, epoch, 0), append_of(9, epoch, 4)};
    auto out = j.commit(batch);
    REQUIRE(out);
    REQUIRE((*out)[0].refused);
    CHECK((*out)[0].refused->code == fault_code::refused);
    CHECK_FALSE((*out)[1].refused);
    CHECK((*out)[2].refused);
    CHECK(j.read(1, 0, 10)->empty());
    CHECK(j.read(2, 0, 10)->size() == 1);
    CHECK_FALSE(*j.find(9));
    // A refused append uses up no number.
    CHECK(*j.next_job_no() == 3);
  });
}

TEST_CASE("two appends of one job in a batch follow each other") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    std::vector<journal_append> batch{append_of(1, epoch, 0, 2),
                                      append_of(1, epoch, 2, 1)};
    auto out = j.commit(batch);
    REQUIRE(out);
    CHECK_FALSE((*out)[1].refused);
    CHECK(j.read(1, 0, 10)->size() == 3);
  });
}

TEST_CASE("rows are found, filtered and paged") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    std::vector<journal_append> batch;
    for (std::uint64_t n = 1; n <= 4; ++n)
      batch.push_back(append_of(n, epoch, 0));
    batch[0].row->status = job_status::completed;
    batch[1].row->status = job_status::completed;
    batch[1].row->owes_report = true;
    REQUIRE(j.commit(batch));
    CHECK(**j.find(2) == *batch[1].row);
    CHECK_FALSE(*j.find(7));
    auto page = j.list({}, 0, 2);
    REQUIRE(page->size() == 2);
    CHECK(page->back().job_no == 3);
    CHECK(j.list({}, 3, 9)->front().job_no == 2);
    CHECK(j.list({job_status::completed, false, {}}, 0, 9)->size() == 2);
    CHECK(j.list({{}, true, {}}, 0, 9)->size() == 3);
    CHECK(j.list({{}, false, 1}, 0, 9)->size() == 2);
  });
}

TEST_CASE("ended jobs are listed and pruned, a tombstone stays") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    std::vector<journal_append> batch;
    for (std::uint64_t job_no = 1; job_no <= 4; ++job_no) {
      batch.push_back(append_of(job_no, epoch, 0, 2));
      batch.back().row->status = job_status::completed;
      batch.back().row->updated_at
        = time_point{ms{static_cast<ms::rep>(1'000 * (5 - job_no))}};
    }
    batch[1].row->status = job_status::parked;
    batch[2].row->owes_report = true;
    REQUIRE(j.commit(batch));
    auto ended = j.list_ended(time_point{ms{4'001}}, 10);
    REQUIRE(ended);
    REQUIRE(ended->size() == 2);
    CHECK((*ended)[0].job_no == 4); // oldest end first
    CHECK((*ended)[1].job_no == 1);
    CHECK(j.list_ended(time_point{ms{4'000}}, 10)->size() == 1);

    // 2 and 3 go on: asking for them changes nothing.
    std::vector<std::uint64_t> all{4, 2, 3};
    REQUIRE(j.prune(all));
    CHECK(j.read(4, 0, 10)->empty());
    CHECK(j.read(2, 0, 10)->size() == 2);
    CHECK(j.read_all(0, 100)->size() == 6);
    auto row = j.find(4);
    REQUIRE(row);
    REQUIRE(*row);
    CHECK((*row)->pruned);
    CHECK((*row)->status == job_status::completed);
    CHECK(j.list_ended(time_point{ms{9'000}}, 10)->size() == 1);
    CHECK(*j.next_job_no() == 5); // numbers are never used twice
  });
}

TEST_CASE("an artifact is named as long as a job that goes on names it") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    const std::string key = "artifacts/00ff00ff00ff00ff0123";
    std::vector<journal_append> batch{append_of(1, epoch, 0, 1),
                                      append_of(2, epoch, 0, 1)};
    for (auto& x : batch) {
      x.events[0].body
        = ev::item_completed{"tts", 0, 1, spoken{{key, "00ff", 3}, 1.5, 1}};
      x.row->status = job_status::completed;
    }
    batch[0].row->updated_at = time_point{ms{1'000}};
    batch[1].row->updated_at = time_point{ms{2'000}};
    REQUIRE(j.commit(batch));
    CHECK(*j.is_named(key, time_point{ms{1'500}}));
    CHECK_FALSE(*j.is_named(key, time_point{ms{2'001}}));
    CHECK_FALSE(
      *j.is_named("artifacts/11ff00ff00ff00ff0123", time_point{ms{0}}));
    std::vector<std::uint64_t> second{2};
    REQUIRE(j.prune(second));
    CHECK_FALSE(*j.is_named(key, time_point{ms{1'500}}));
    CHECK(*j.is_named(key, time_point{ms{1'000}}));
    auto open = append_of(1, epoch, 1);
    open.row->status = job_status::running;
    std::vector<journal_append> again{open};
    REQUIRE(j.commit(again));
    CHECK(*j.is_named(key, time_point{ms{9'000}}));
  });
}

TEST_CASE("a file under a name of its own is named like one under its hash") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    const std::string sound = "artifacts/1-1-extract-3f-0a1b2c.wav";
    const std::string video = "artifacts/1-1-merge.de-3f-0a1b2d.mp4";
    auto job = append_of(1, epoch, 0, 2);
    extracted heard;
    heard.audio = {sound, "00ff", 3};
    merged film;
    film.video = {video, "11ff", 3};
    job.events[0].body = ev::stage_completed{"extract", 1, heard};
    job.events[1].body = ev::stage_completed{"merge", 1, film};
    job.row->status = job_status::completed;
    job.row->updated_at = time_point{ms{1'000}};
    job.results = {{"ab12", heard, time_point{ms{1'000}}}};
    std::vector<journal_append> batch{job};
    REQUIRE(j.commit(batch));
    CHECK(*j.is_named(video, time_point{ms{1'000}}));
    CHECK_FALSE(*j.is_named(video, time_point{ms{1'001}}));
    CHECK(*j.is_named(sound, time_point{ms{1'001}})); // others may use it
    CHECK_FALSE(
      *j.is_named("artifacts/1-1-merge.de-3f-0a1b2e.mp4", time_point{ms{0}}));
    REQUIRE(j.trim_results({0, time_point{ms{2'000}}}));
    CHECK_FALSE(*j.is_named(sound, time_point{ms{1'001}}));
  });
}

TEST_CASE("notes are kept with the events they come with, the newest of each") {
  each_journal([](journal& j) {
    auto epoch = *j.open_epoch();
    auto at = [](int n) {
      return time_point{ms{n}};
    };
    auto with = append_of(1, epoch, 0);
    with.notes = {{"request", "a\nb", R"({"x": "\u00e9 \"1\""})", at(1)},
                  {"request", "second", "2", at(2)},
                  {"order", "second", "3", at(3)}};
    journal_append alone;
    alone.epoch = epoch;
    alone.notes = {{"request", "a\nb", "4", at(4)}};
    auto stale = append_of(1, epoch, 7);
    stale.notes = {{"request", "third", "5", at(5)}};
    std::vector<journal_append> batch{with, alone, stale};
    auto out = j.commit(batch);
    REQUIRE(out);
    CHECK_FALSE((*out)[0].refused);
    CHECK_FALSE((*out)[1].refused);
    CHECK((*out)[2].refused);
    CHECK(*j.next_job_no() == 2); // notes use up no number
    auto found = j.notes("request");
    REQUIRE(found);
    CHECK(*found == std::vector<note>{with.notes[1], alone.notes[0]});
    CHECK(*j.notes("order") == std::vector<note>{with.notes[2]});
    CHECK(j.notes("other")->empty());

    alone.notes = {{"request", "second", "", at(6)},
                   {"request", "never there", "", at(6)}};
    batch = {alone};
    REQUIRE(j.commit(batch));
    CHECK(j.notes("request")->size() == 1);
    CHECK(j.notes("order")->size() == 1);
    alone.epoch = epoch - 1;
    alone.notes[0].value = "of another process";
    batch = {alone};
    out = j.commit(batch);
    REQUIRE(out);
    CHECK((*out)[0].refused);
    CHECK(j.notes("request")->size() == 1);
  });
}

TEST_CASE("notes outlive the process") {
  test::temp_folder folder;
  note kept{"order", "asr", R"({"what": "open"})", time_point{ms{9}}};
  for (auto again = 0; again < 2; ++again) {
    auto j = open_sqlite_journal(folder.file("journal.db"));
    REQUIRE(j);
    CHECK((*j)->notes("order")->size() == static_cast<std::size_t>(again));
    journal_append alone;
    alone.epoch = *(*j)->open_epoch();
    alone.notes = {kept};
    std::vector<journal_append> batch{alone};
    REQUIRE((*j)->commit(batch));
    CHECK(*(*j)->notes("order") == std::vector<note>{kept});
  }
}
