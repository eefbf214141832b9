#include "journal/sqlite/database.hpp"

#include <sqlite3.h>

namespace dubber::sqlite {

namespace {

const char* advice(int code) {
  switch (code & 0xFF) {
  case SQLITE_FULL:
    return "the disk is full";
  case SQLITE_READONLY:
    return "the file or its disk is read-only";
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return "another process holds it";
  case SQLITE_CORRUPT:
    return "the file is damaged; restore it from a backup";
  case SQLITE_NOTADB:
    return "the file is not a journal";
  case SQLITE_CANTOPEN:
    return "it cannot be opened; check the folder and its permissions";
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return "permission denied";
  case SQLITE_IOERR:
    return "the disk reports an error";
  default:
    return "SQLite reports an error";
  }
}

/// Nobody reads SQLite's own memory statistics, and counting takes a lock that
/// all its connections share at every allocation.
void count_no_memory() {
  static const auto once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once); // refused once SQLite is in use: nothing is lost
}

} // namespace

database::database(const std::string& path, bool read_only) : path_(path) {
  count_no_memory();
  auto flags = read_only ? SQLITE_OPEN_READONLY
                         : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  auto code
    = sqlite3_open_v2(path.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    failure why{{fault_code::disk,
                 "journal " + path + ": " + advice(code) + " ("
                   + sqlite3_errstr(code) + ")",
                 0,
                 {}}};
    sqlite3_close_v2(db_);
    throw why;
  }
  sqlite3_busy_timeout(db_, 2'000);
}

database::~database() {
  sqlite3_close_v2(db_);
}

void database::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sql);
}

std::uint64_t database::last_row() const {
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(db_));
}

void database::fail(std::string_view doing) const {
  auto code = sqlite3_extended_errcode(db_);
  throw failure{{fault_code::disk,
                 "journal " + path_ + ": " + advice(code) + " ("
                   + sqlite3_errmsg(db_)
                   + ", at: " + std::string{doing.substr(0, 60)} + ")",
                 0,
                 {}}};
}

statement::statement(database& db, const char* sql) : db_(db) {
  if (sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT,
                         &stmt_, nullptr)
      != SQLITE_OK)
    db.fail(sql);
}

statement::~statement() {
  sqlite3_finalize(stmt_);
}

statement& statement::bind(std::int64_t value) {
  sqlite3_bind_int64(stmt_, next_++, value);
  return *this;
}

statement& statement::bind(std::string_view value) {
  sqlite3_bind_text64(stmt_, next_++, value.data(), value.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

bool statement::step() {
  auto code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE) {
    // The connection's message survives the reset that frees the statement.
    auto sql = std::string{sqlite3_sql(stmt_)};
    reset();
    db_.fail(sql);
  }
  reset();
  return false;
}

void statement::run() {
  if (step())
    reset();
}

void statement::reset() {
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
  next_ = 1;
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(stmt_, column);
}

std::string statement::text(int column) const {
  auto data = sqlite3_column_text(stmt_, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column));
  return data ? std::string{reinterpret_cast<const char*>(data), size}
              : std::string{};
}

} // namespace dubber::sqlite
