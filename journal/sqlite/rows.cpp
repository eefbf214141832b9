#include "journal/sqlite/sqlite_journal.hpp"

#include <string_view>

namespace dubber::sqlite {

const char* const row_columns
  = "SELECT job_no, job_id, source_object_key, pipeline, target_language, "
    "status, run, owes_report, created_ms, updated_ms, pruned FROM jobs";

job_row row_of(const statement& s) {
  job_row row;
  row.job_no = static_cast<std::uint64_t>(s.integer(0));
  row.job_id = s.integer(1);
  row.source_object_key = s.text(2);
  row.pipeline = s.text(3);
  row.target_language = s.text(4);
  row.status = static_cast<job_status>(s.integer(5));
  row.run = static_cast<std::uint32_t>(s.integer(6));
  row.owes_report = s.integer(7) != 0;
  row.created_at = time_point{ms{s.integer(8)}};
  row.updated_at = time_point{ms{s.integer(9)}};
  row.pruned = s.integer(10) != 0;
  return row;
}

transaction::transaction(database& db) : db_(db) {
  db_.run("BEGIN IMMEDIATE");
}

transaction::~transaction() {
  if (!open_)
    return;
  try {
    db_.run("ROLLBACK");
  } catch (const failure&) {
    // SQLite has rolled back by itself (full disk, I/O error).
    open_ = false;
  }
}

void transaction::commit() {
  db_.run("COMMIT");
  open_ = false;
}

namespace {

bool is_hash(std::string_view name) {
  constexpr std::size_t digits = 16; // those that count
  return name.size() >= digits
         && name.substr(0, digits).find_first_not_of("0123456789abcdef")
              == std::string_view::npos;
}

/// FNV-1a, 64 bits.
std::uint64_t name_number(std::string_view name) {
  std::uint64_t out = 14695981039346656037U;
  for (auto c : name)
    out = (out ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return out;
}

} // namespace

std::optional<std::int64_t> artifact_number(std::string_view key) {
  constexpr std::string_view folder = "artifacts/";
  if (!key.starts_with(folder))
    return std::nullopt;
  auto name = key.substr(folder.size());
  return static_cast<std::int64_t>(is_hash(name) ? key_number(std::string{name})
                                                 : name_number(name));
}

} // namespace dubber::sqlite
