#pragma once

#include "journal/sqlite/sqlite_journal.hpp"

#include <map>
#include <string>

/// What is asked of the database again and again, prepared once.
namespace dubber::sqlite {

struct sqlite_journal::write_statements {
  explicit write_statements(database& db)
    : insert(db, "INSERT INTO events(job_no, seq, run, at_ms, type, version, "
                 "payload) VALUES(?,?,?,?,?,?,?)"),
      last_seq(db, "SELECT max(seq) FROM events WHERE job_no=?"),
      epoch(db, "SELECT value FROM meta WHERE name='epoch'"),
      // A replaced row would write all its indexes anew; its id never changes.
      put_row(db, "INSERT INTO jobs(job_no, job_id, "
                  "source_object_key, pipeline, target_language, status, run, "
                  "owes_report, open, created_ms, updated_ms) "
                  "VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(job_no) DO UPDATE "
                  "SET source_object_key=excluded.source_object_key, "
                  "pipeline=excluded.pipeline, "
                  "target_language=excluded.target_language, "
                  "status=excluded.status, run=excluded.run, "
                  "owes_report=excluded.owes_report, open=excluded.open, "
                  "updated_ms=excluded.updated_ms, pruned=0"),
      put_ref(db, "INSERT OR IGNORE INTO artifact_refs VALUES(?,?)"),
      put_note(db, "INSERT OR REPLACE INTO notes(area, name, at_ms, value) "
                   "VALUES(?,?,?,?)"),
      forget_note(db, "DELETE FROM notes WHERE area=? AND name=?"),
      find_result(db, "SELECT number FROM results WHERE key_number=?"),
      put_result(db, "INSERT INTO results(key_number, used_ms, bytes, value) "
                     "VALUES(?,?,?,?) RETURNING number"),
      name_result(db, "INSERT OR IGNORE INTO result_artifacts VALUES(?,?)") {}
  statement insert;
  statement last_seq;
  statement epoch;
  statement put_row;
  statement put_ref;
  statement put_note;
  statement forget_note;
  statement find_result;
  statement put_result;
  statement name_result;
};

struct sqlite_journal::read_statements {
  explicit read_statements(database& db)
    : by_job(db, "SELECT position, job_no, seq, run, at_ms, type, version, "
                 "payload FROM events WHERE job_no=? AND seq>? ORDER BY seq "
                 "LIMIT ?"),
      all(db, "SELECT position, job_no, seq, run, at_ms, type, version, "
              "payload FROM events WHERE position>? ORDER BY position "
              "LIMIT ?") {}
  statement by_job;
  statement all;
  /// By their text, as they are first asked for: one for each kind of filter.
  std::map<std::string, statement, std::less<>> lists;
};

} // namespace dubber::sqlite
