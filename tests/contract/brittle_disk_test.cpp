/// SQLite's journal on a disk that fills up, fails to sync, tears writes and
/// loses what was not synced.
#include "tests/support/brittle_disk.hpp"

#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <random>

using namespace dubber;
using test::append_of;
using test::brittle_disk;
using fate = brittle_disk::fate;

namespace {

/// Some appends of some jobs, following what each has.
std::vector<journal_append>
some_batch(std::mt19937_64& random, std::uint64_t epoch,
           std::map<std::uint64_t, std::size_t>& at) {
  std::vector<journal_append> batch;
  for (std::uint64_t job_no = 1; job_no <= 3; ++job_no) {
    auto n = random() % 3;
    if (n == 0)
      continue;
    batch.push_back(append_of(job_no, epoch, at[job_no], n));
    for (auto& x : batch.back().events)
      x.body = ev::item_completed{
        "translate", 0, 1,
        translated{std::string(3'000, static_cast<char>('a' + random() % 26))}};
    batch.back().row->run = static_cast<std::uint32_t>(at[job_no] + n);
    at[job_no] += n;
  }
  return batch;
}

using histories = std::map<std::uint64_t, std::vector<event>>;

void add(histories& to, const std::vector<journal_append>& batch) {
  for (auto& x : batch)
    to[x.job_no].insert(to[x.job_no].end(), x.events.begin(), x.events.end());
}

histories all_of(journal& j) {
  histories out;
  auto found = j.read_all(0, 1'000'000);
  REQUIRE(found);
  for (auto& x : *found)
    out[x.job_no].push_back(x.what);
  return out;
}

/// The index of jobs was written with the events it tells of.
void check_rows(journal& j, const histories& there) {
  for (auto& [job_no, events] : there) {
    auto row = j.find(job_no);
    REQUIRE(row);
    REQUIRE(*row);
    CHECK((*row)->run == events.size());
  }
}

std::unique_ptr<journal> open(const std::string& path) {
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  return std::move(*j);
}

} // namespace

TEST_CASE("power failures lose nothing acknowledged, and leave no half batch") {
  auto unsynced = GENERATE(fate::lose_all, fate::keep_all, fate::mixed);
  auto gone = 0;
  auto there = 0;
  auto at_close = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed, static_cast<int>(unsynced));
    std::mt19937_64 random{seed};
    test::temp_folder folder;
    auto path = folder.file("journal.db");
    brittle_disk disk;
    histories acknowledged;
    std::map<std::uint64_t, std::size_t> at;
    for (auto round = 0; round < 3; ++round) {
      histories with_last;
      auto closing = false;
      {
        auto j = open(path);
        auto epoch = j->open_epoch();
        REQUIRE(epoch);
        // In a commit, or while the log is moved into the file at the close.
        disk.fail_power_at(1 + random() % (seed % 2 == 0 ? 60 : 300));
        for (auto n = random() % 12; n-- > 0;) {
          auto batch = some_batch(random, *epoch, at);
          with_last = acknowledged;
          add(with_last, batch);
          if (!j->commit(batch))
            break;
          acknowledged = with_last;
        }
        closing = disk.has_power();
      }
      at_close += closing && !disk.has_power();
      disk.restore_power(unsynced, seed);
      auto j = open(path);
      auto found = all_of(*j);
      auto whole = found == with_last && with_last != acknowledged;
      REQUIRE((found == acknowledged || whole));
      check_rows(*j, found);
      (whole ? there : gone) += 1;
      acknowledged = found;
      for (auto& [job_no, last] : at)
        last = found[job_no].size();
    }
  }
  // The failures hit both sides of the moment of truth.
  CHECK(gone > 20);
  CHECK(at_close > 5);
  if (unsynced != fate::lose_all)
    CHECK(there > 0);
}

TEST_CASE("a full disk fails the whole batch, in words, and only it") {
  test::temp_folder folder;
  brittle_disk disk;
  auto path = folder.file("journal.db");
  auto j = open(path);
  auto epoch = *j->open_epoch();
  std::vector<journal_append> batch{append_of(1, epoch, 0, 2),
                                    append_of(2, epoch, 0, 1)};
  disk.set_full(true);
  for (auto again = 0; again < 3; ++again) {
    auto out = j->commit(batch);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == fault_code::disk);
    CHECK(out.error().message.find("the disk is full") != std::string::npos);
    CHECK(all_of(*j).empty());
    CHECK_FALSE(*j->find(1));
  }
  disk.set_full(false);
  REQUIRE(j->commit(batch));
  CHECK(all_of(*j).size() == 2);
}

TEST_CASE("a sync that fails is a commit that fails") {
  test::temp_folder folder;
  brittle_disk disk;
  auto path = folder.file("journal.db");
  auto unsynced = GENERATE(fate::lose_all, fate::keep_all);
  std::vector<journal_append> batch;
  {
    auto j = open(path);
    batch = {append_of(1, *j->open_epoch(), 0, 2)};
    disk.set_sync_fails(true);
    auto out = j->commit(batch);
    REQUIRE_FALSE(out);
    CHECK(out.error().message.find("the disk reports an error")
          != std::string::npos);
    CHECK(all_of(*j).empty());
    disk.set_sync_fails(false);
    REQUIRE(j->commit(batch));
    disk.fail_power_at(1);
  }
  disk.restore_power(unsynced);
  CHECK(all_of(*open(path))[1] == batch[0].events);
}

TEST_CASE("the brittle disk does lose what nobody synced") {
  test::temp_folder folder;
  brittle_disk disk;
  auto path = folder.file("other.db");
  auto run = [](sqlite3* db, const char* sql) {
    return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  };
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(run(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); "
                  "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous=OFF; "
                  "INSERT INTO t VALUES(1)")
          == SQLITE_OK);
  disk.fail_power_at(1);
  CHECK(run(db, "INSERT INTO t VALUES(2)") != SQLITE_OK);
  CHECK_FALSE(disk.has_power());
  sqlite3_close(db);
  disk.restore_power(fate::lose_all);
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* count = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &count, nullptr)
          == SQLITE_OK);
  REQUIRE(sqlite3_step(count) == SQLITE_ROW);
  CHECK(sqlite3_column_int(count, 0) == 0);
  sqlite3_finalize(count);
  sqlite3_close(db);
}
