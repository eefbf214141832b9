#include "engines/gateway/jobs.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace dubber {

namespace {

constexpr int busy_timeout_ms = 5000;

void check(bool good, sqlite3* db) {
  if (!good)
    throw std::runtime_error(std::string{"jobs: "} + sqlite3_errmsg(db));
}

/// A prepared statement that finalizes itself.
class statement {
public:
  statement(sqlite3* db, const char* sql) : db_(db) {
    check(sqlite3_prepare_v2(db, sql, -1, &raw_, nullptr) == SQLITE_OK, db);
  }
  ~statement() {
    sqlite3_finalize(raw_);
  }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  void bind(const std::string& text) {
    check(sqlite3_bind_text(raw_, ++bound_, text.data(),
                            static_cast<int>(text.size()), SQLITE_TRANSIENT)
            == SQLITE_OK,
          db_);
  }
  void bind(int64_t number) {
    check(sqlite3_bind_int64(raw_, ++bound_, number) == SQLITE_OK, db_);
  }
  bool step() {
    auto code = sqlite3_step(raw_);
    check(code == SQLITE_ROW || code == SQLITE_DONE, db_);
    return code == SQLITE_ROW;
  }
  std::string text(int column) {
    auto* data = sqlite3_column_text(raw_, column);
    auto size = sqlite3_column_bytes(raw_, column);
    return data == nullptr ? std::string{}
                           : std::string{reinterpret_cast<const char*>(data),
                                         static_cast<size_t>(size)};
  }
  int64_t number(int column) {
    return sqlite3_column_int64(raw_, column);
  }

private:
  sqlite3* db_;
  sqlite3_stmt* raw_ = nullptr;
  int bound_ = 0;
};

void bind_row(statement& s, const gateway_job& job) {
  for (auto* text : {&job.source_key, &job.output_key, &job.target_language,
                     &job.options_json, &job.status})
    s.bind(*text);
  s.bind(int64_t{job.progress});
  s.bind(job.time_remaining);
  s.bind(job.activity);
}

} // namespace

job_table::job_table(const std::filesystem::path& file) {
  auto code = sqlite3_open(file.c_str(), &db_);
  try {
    check(code == SQLITE_OK, db_);
    sqlite3_busy_timeout(db_, busy_timeout_ms);
    statement{db_, "PRAGMA journal_mode=WAL"}.step();
    statement{db_,
              "CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY "
              "AUTOINCREMENT, source TEXT, output TEXT, target TEXT, options "
              "TEXT, status TEXT, progress INTEGER, remaining TEXT, activity "
              "TEXT, created TEXT DEFAULT "
              "(strftime('%Y-%m-%dT%H:%M:%fZ')), updated TEXT DEFAULT "
              "(strftime('%Y-%m-%dT%H:%M:%fZ')))"}
      .step();
  } catch (const std::runtime_error&) {
    sqlite3_close(db_);
    throw;
  }
}

job_table::~job_table() {
  sqlite3_close(db_);
}

int64_t job_table::insert(const gateway_job& job) {
  std::lock_guard guard{mutex_};
  statement s{db_, "INSERT INTO job (source, output, target, options, status, "
                   "progress, remaining, activity) VALUES (?,?,?,?,?,?,?,?)"};
  bind_row(s, job);
  s.step();
  return sqlite3_last_insert_rowid(db_);
}

std::optional<gateway_job> job_table::find(int64_t id) {
  std::lock_guard guard{mutex_};
  statement s{db_, "SELECT id, source, output, target, options, status, "
                   "progress, remaining, activity, created, updated FROM job "
                   "WHERE id = ?"};
  s.bind(id);
  if (!s.step())
    return std::nullopt;
  return gateway_job{s.number(0),
                     s.text(1),
                     s.text(2),
                     s.text(3),
                     s.text(4),
                     s.text(5),
                     static_cast<int>(s.number(6)),
                     s.text(7),
                     s.text(8),
                     s.text(9),
                     s.text(10)};
}

void job_table::save(const gateway_job& job) {
  std::lock_guard guard{mutex_};
  statement s{db_, "UPDATE job SET source=?, output=?, target=?, options=?, "
                   "status=?, progress=?, remaining=?, activity=?, "
                   "updated=strftime('%Y-%m-%dT%H:%M:%fZ') WHERE id=?"};
  bind_row(s, job);
  s.bind(job.id);
  s.step();
}

std::vector<int64_t> job_table::queued(int64_t most) {
  std::lock_guard guard{mutex_};
  statement s{db_,
              "SELECT id FROM job WHERE status = 'QUEUED' AND source <> '' "
              "ORDER BY id LIMIT ?"};
  s.bind(most);
  std::vector<int64_t> out;
  while (s.step())
    out.push_back(s.number(0));
  return out;
}

void job_table::remove(int64_t id) {
  std::lock_guard guard{mutex_};
  statement s{db_, "DELETE FROM job WHERE id = ?"};
  s.bind(id);
  s.step();
}

} // namespace dubber
