#include "journal/sqlite/sqlite_journal.hpp"

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

std::optional<std::int64_t> artifact_number(const std::string& key) {
  constexpr std::string_view folder = "artifacts/";
  if (!key.starts_with(folder) || key.size() < folder.size() + 16)
    return std::nullopt;
  std::uint64_t number = 0;
  for (auto c : std::string_view{key}.substr(folder.size(), 16)) {
    auto digit = c >= '0' && c <= '9'   ? c - '0'
                 : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                        : -1;
    if (digit < 0)
      return std::nullopt;
    number = number * 16 + static_cast<std::uint64_t>(digit);
  }
  return static_cast<std::int64_t>(number);
}

} // namespace dubber::sqlite
