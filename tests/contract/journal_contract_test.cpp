/// What every journal promises, asked of the memory one and of SQLite.
#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;
using test::append_of;

namespace {

void each_journal(void (*promise)(journal&)) {
  SECTION("memory") {
    promise(*make_memory_journal());
  }
  SECTION("SQLite") {
    test::temp_folder folder;
    auto j = open_sqlite_journal(folder.file("journal.db"));
    REQUIRE(j);
    promise(**j);
  }
}

} // namespace

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
