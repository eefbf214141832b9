#pragma once

#include "core/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace dubber::sqlite {

/// What SQLite refused to do; caught at the journal's border.
struct failure {
  fault why;
};

class database {
public:
  /// Throws `failure`.
  database(const std::string& path, bool read_only);
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

  void run(const char* sql);
  [[noreturn]] void fail(std::string_view doing) const;

  /// Key of the row inserted last.
  std::uint64_t last_row() const;

  sqlite3* handle() const {
    return db_;
  }

private:
  sqlite3* db_ = nullptr;
  std::string path_;
};

/// A prepared statement, used again and again: bind, step, read, reset.
class statement {
public:
  statement(database& db, const char* sql);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  statement& bind(std::int64_t value);
  statement& bind(std::uint64_t value) {
    return bind(static_cast<std::int64_t>(value));
  }
  statement& bind(int value) {
    return bind(static_cast<std::int64_t>(value));
  }
  /// The text has to outlive the step.
  statement& bind(std::string_view value);

  /// Whether there is a row; at the end the statement resets itself.
  bool step();
  /// Steps once, without rows.
  void run();
  void reset();

  std::int64_t integer(int column) const;
  std::string text(int column) const;

private:
  database& db_;
  sqlite3_stmt* stmt_ = nullptr;
  int next_ = 1;
};

} // namespace dubber::sqlite
