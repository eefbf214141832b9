#include "core/artifacts.hpp"
#include "journal/codec.hpp"
#include "journal/codec_results.hpp"
#include "journal/sqlite/sqlite_journal.hpp"

#include <exception>
#include <vector>

namespace dubber::sqlite {

namespace {

constexpr std::int64_t application_id = 0x44554242; // "DUBB"
constexpr std::int64_t format_version = 5;

std::int64_t number(database& db, const char* sql) {
  statement s{db, sql};
  return s.step() ? s.integer(0) : 0;
}

constexpr auto create_notes = R"(
    CREATE TABLE notes(
      number INTEGER PRIMARY KEY,
      area   TEXT NOT NULL,
      name   TEXT NOT NULL,
      at_ms  INTEGER NOT NULL,
      value  TEXT NOT NULL);
    CREATE UNIQUE INDEX notes_by_name ON notes(area, name);)";

constexpr auto create_results = R"(
    CREATE TABLE results(
      number     INTEGER PRIMARY KEY,
      key_number INTEGER NOT NULL,
      used_ms    INTEGER NOT NULL,
      bytes      INTEGER NOT NULL,
      value      TEXT NOT NULL);
    CREATE UNIQUE INDEX results_by_key ON results(key_number);
    CREATE INDEX results_by_use ON results(used_ms, bytes);
    CREATE TABLE result_artifacts(
      artifact INTEGER NOT NULL,
      result   INTEGER NOT NULL,
      PRIMARY KEY(artifact, result)) WITHOUT ROWID;
    CREATE INDEX result_artifacts_by_result ON result_artifacts(result);)";

/// Which job names which artifact, by its history.
void name_artifacts(database& db) {
  statement all{db, "SELECT job_no, type, version, payload FROM events"};
  statement put{db, "INSERT OR IGNORE INTO artifact_refs VALUES(?,?)"};
  while (all.step()) {
    auto body
      = decode(all.text(1), static_cast<int>(all.integer(2)), all.text(3));
    if (!body)
      throw failure{body.error()};
    for (auto& key : artifact_keys(*body))
      if (auto number = artifact_number(key))
        put.bind(*number).bind(all.integer(0)).run();
  }
}

/// Format 1 had no tombstones and did not know which job names an artifact.
void from_1_to_2(database& db) {
  transaction tx{db};
  db.run(R"(
    ALTER TABLE jobs ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX jobs_ended ON jobs(updated_ms) WHERE NOT open AND NOT pruned;
    CREATE TABLE artifact_refs(
      artifact INTEGER NOT NULL,
      job_no   INTEGER NOT NULL,
      PRIMARY KEY(artifact, job_no)) WITHOUT ROWID;
    CREATE INDEX artifact_refs_by_job ON artifact_refs(job_no);)");
  name_artifacts(db);
  db.run("PRAGMA user_version=2");
  tx.commit();
}

/// Format 2 kept nothing but what belongs to a job.
void from_2_to_3(database& db) {
  transaction tx{db};
  db.run(create_notes);
  db.run("PRAGMA user_version=3");
  tx.commit();
}

/// Format 3 kept no results beside the histories.
void from_3_to_4(database& db) {
  transaction tx{db};
  db.run(create_results);
  db.run("PRAGMA user_version=4");
  tx.commit();
}

/// Which kept result names which artifact. What cannot be read is no use.
void name_kept(database& db) {
  statement all{db, "SELECT number, value FROM results"};
  statement put{db, "INSERT OR IGNORE INTO result_artifacts VALUES(?,?)"};
  std::vector<std::int64_t> unreadable;
  while (all.step()) {
    try {
      auto value = nlohmann::json::parse(all.text(1));
      for (auto& key : artifact_keys(result_from_json(value.at("result"))))
        if (auto number = artifact_number(key))
          put.bind(*number).bind(all.integer(0)).run();
    } catch (const failure&) {
      throw;
    } catch (const std::exception&) {
      unreadable.push_back(all.integer(0));
    }
  }
  statement forget{db, "DELETE FROM results WHERE number=?"};
  for (auto row : unreadable)
    forget.bind(row).run();
}

/// Format 4 did not know who names files that are not called by their hash: the
/// extracted sound, the merged video.
void from_4_to_5(database& db) {
  transaction tx{db};
  name_artifacts(db);
  name_kept(db);
  db.run("PRAGMA user_version=5");
  tx.commit();
}

} // namespace

void prepare_schema(database& db, const std::string& path) {
  db.run("PRAGMA journal_mode=WAL");
  db.run("PRAGMA synchronous=FULL");
  db.run("PRAGMA wal_autocheckpoint=1000");
  auto refuse = [&](const std::string& why) {
    throw failure{{fault_code::disk, "journal " + path + ": " + why, 0, {}}};
  };
  auto id = number(db, "PRAGMA application_id");
  auto version = number(db, "PRAGMA user_version");
  if (id == 0 && version == 0) {
    if (number(db, "SELECT count(*) FROM sqlite_master") != 0)
      refuse("the file is a database of another program");
    transaction tx{db};
    db.run(create_notes);
    db.run(create_results);
    db.run(R"(
      CREATE TABLE events(
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        job_no   INTEGER NOT NULL,
        seq      INTEGER NOT NULL,
        run      INTEGER NOT NULL,
        at_ms    INTEGER NOT NULL,
        type     TEXT NOT NULL,
        version  INTEGER NOT NULL,
        payload  TEXT NOT NULL);
      CREATE UNIQUE INDEX events_by_job ON events(job_no, seq);
      CREATE TABLE jobs(
        job_no            INTEGER PRIMARY KEY,
        job_id            INTEGER NOT NULL,
        source_object_key TEXT NOT NULL,
        pipeline          TEXT NOT NULL,
        target_language   TEXT NOT NULL,
        status            INTEGER NOT NULL,
        run               INTEGER NOT NULL,
        owes_report       INTEGER NOT NULL,
        open              INTEGER NOT NULL,
        created_ms        INTEGER NOT NULL,
        updated_ms        INTEGER NOT NULL,
        pruned            INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX jobs_by_id ON jobs(job_id, job_no);
      CREATE INDEX jobs_by_status ON jobs(status, job_no);
      CREATE INDEX jobs_open ON jobs(job_no) WHERE open;
      CREATE INDEX jobs_ended ON jobs(updated_ms) WHERE NOT open AND NOT pruned;
      CREATE TABLE artifact_refs(
        artifact INTEGER NOT NULL,
        job_no   INTEGER NOT NULL,
        PRIMARY KEY(artifact, job_no)) WITHOUT ROWID;
      CREATE INDEX artifact_refs_by_job ON artifact_refs(job_no);
      CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
      INSERT INTO meta VALUES('epoch', 0);
      PRAGMA application_id=1146438210;
      PRAGMA user_version=5;)");
    tx.commit();
    return;
  }
  if (id != application_id)
    refuse("the file is a database of another program");
  if (version > format_version)
    refuse("written by a newer program (format " + std::to_string(version)
           + "; this one reads up to " + std::to_string(format_version) + ")");
  if (version <= 1)
    from_1_to_2(db);
  if (version <= 2)
    from_2_to_3(db);
  if (version <= 3)
    from_3_to_4(db);
  if (version <= 4)
    from_4_to_5(db);
}

} // namespace dubber::sqlite
