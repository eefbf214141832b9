#include "journal/sqlite/sqlite_journal.hpp"

#include "core/artifacts.hpp"
#include "core/fail_point.hpp"
#include "journal/codec.hpp"
#include "journal/memory_journal.hpp"
#include "journal/sqlite/statements.hpp"

namespace dubber::sqlite {

namespace {

std::int64_t millis(time_point t) {
  return t.time_since_epoch().count();
}

} // namespace

sqlite_journal::sqlite_journal(const std::string& path)
  : lock_(path), write_(path, false),
    read_((prepare_schema(write_, path), path), true) {
  put_ = std::make_shared<write_statements>(write_);
  get_ = std::make_shared<read_statements>(read_);
}

result<std::uint64_t> sqlite_journal::open_epoch() {
  std::lock_guard lock{write_mutex_};
  try {
    transaction tx{write_};
    write_.run("UPDATE meta SET value=value+1 WHERE name='epoch'");
    put_->epoch.step();
    auto epoch = static_cast<std::uint64_t>(put_->epoch.integer(0));
    put_->epoch.reset();
    tx.commit();
    return epoch;
  } catch (const failure& e) {
    return e.why;
  }
}

result<std::uint64_t> sqlite_journal::next_job_no() {
  std::lock_guard lock{write_mutex_};
  try {
    statement s{write_, "SELECT coalesce(max(job_no), 0) + 1 FROM jobs"};
    s.step();
    return static_cast<std::uint64_t>(s.integer(0));
  } catch (const failure& e) {
    return e.why;
  }
}

void sqlite_journal::write_row(const job_row& row) {
  auto open = !is_final(row.status) || row.owes_report;
  put_->put_row.bind(row.job_no)
    .bind(row.job_id)
    .bind(row.source_object_key)
    .bind(row.pipeline)
    .bind(row.target_language)
    .bind(static_cast<int>(row.status))
    .bind(static_cast<std::int64_t>(row.run))
    .bind(row.owes_report ? 1 : 0)
    .bind(open ? 1 : 0)
    .bind(millis(row.created_at))
    .bind(millis(row.updated_at))
    .run();
}

void sqlite_journal::keep(const note& what) {
  if (what.value.empty())
    put_->forget_note.bind(what.area).bind(what.name).run();
  else
    put_->put_note.bind(what.area)
      .bind(what.name)
      .bind(millis(what.at))
      .bind(what.value)
      .run();
}

append_outcome sqlite_journal::apply(const journal_append& x,
                                     std::uint64_t epoch) {
  if (x.epoch != epoch)
    return {0, stale_append(x, "another process owns the journal")};
  auto out = x.job_no == 0 ? append_outcome{} : apply_events(x);
  if (out.refused)
    return out;
  for (auto& what : x.notes)
    keep(what);
  for (auto& e : x.events)
    if (auto lost = std::get_if<ev::artifact_lost>(&e.body))
      forget_results_with(lost->key);
  for (auto& what : x.results)
    keep(what);
  return out;
}

append_outcome sqlite_journal::apply_events(const journal_append& x) {
  put_->last_seq.bind(x.job_no).step();
  auto last = static_cast<std::uint64_t>(put_->last_seq.integer(0));
  put_->last_seq.reset();
  if (last != x.expected_seq)
    return {0, stale_append(x, "its history has gone on elsewhere")};
  append_outcome out;
  for (auto& e : x.events) {
    auto payload = encode(e.body);
    auto& s = put_->insert;
    s.bind(x.job_no)
      .bind(e.seq)
      .bind(static_cast<std::int64_t>(e.run))
      .bind(millis(e.at))
      .bind(type_name(e.body))
      .bind(payload_version)
      .bind(payload)
      .run();
    if (out.first_position == 0)
      out.first_position = write_.last_row();
    for (auto& key : artifact_keys(e.body))
      if (auto number = artifact_number(key))
        put_->put_ref.bind(*number).bind(x.job_no).run();
  }
  if (x.row)
    write_row(*x.row);
  return out;
}

result<std::vector<append_outcome>>
sqlite_journal::commit(std::span<const journal_append* const> batch) {
  std::lock_guard lock{write_mutex_};
  try {
    transaction tx{write_};
    put_->epoch.step();
    auto epoch = static_cast<std::uint64_t>(put_->epoch.integer(0));
    put_->epoch.reset();
    std::vector<append_outcome> out;
    out.reserve(batch.size());
    for (auto x : batch)
      out.push_back(apply(*x, epoch));
    DUBBER_FAIL_POINT("journal.before_commit");
    tx.commit();
    DUBBER_FAIL_POINT("journal.after_commit");
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<std::vector<stored_event>>
sqlite_journal::events(statement& select, std::uint64_t first,
                       std::uint64_t second, bool two_keys, std::size_t limit) {
  std::lock_guard lock{read_mutex_};
  try {
    std::vector<stored_event> out;
    select.bind(first);
    if (two_keys)
      select.bind(second);
    select.bind(static_cast<std::uint64_t>(limit));
    while (select.step()) {
      auto body = decode(select.text(5), static_cast<int>(select.integer(6)),
                         select.text(7));
      if (!body) {
        select.reset();
        return body.error();
      }
      out.push_back(
        {static_cast<std::uint64_t>(select.integer(0)),
         static_cast<std::uint64_t>(select.integer(1)),
         {static_cast<std::uint64_t>(select.integer(2)),
          time_point{ms{select.integer(4)}},
          static_cast<std::uint32_t>(select.integer(3)), std::move(*body)}});
    }
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<std::vector<stored_event>> sqlite_journal::read(std::uint64_t job_no,
                                                       std::uint64_t after_seq,
                                                       std::size_t limit) {
  return events(get_->by_job, job_no, after_seq, true, limit);
}

result<std::vector<stored_event>> sqlite_journal::read_all(std::uint64_t after,
                                                           std::size_t limit) {
  return events(get_->all, after, 0, false, limit);
}

result<std::vector<job_row>> sqlite_journal::list(const row_filter& filter,
                                                  std::uint64_t before,
                                                  std::size_t limit) {
  std::lock_guard lock{read_mutex_};
  std::string sql = std::string{row_columns} + " WHERE job_no < ?";
  if (filter.status)
    sql += " AND status=" + std::to_string(static_cast<int>(*filter.status));
  if (filter.unfinished)
    sql += " AND open";
  if (filter.job_id)
    sql += " AND job_id=?";
  sql += " ORDER BY job_no DESC LIMIT ?";
  try {
    auto& s = get_->lists.try_emplace(sql, read_, sql.c_str()).first->second;
    s.bind(before == 0 ? INT64_MAX : static_cast<std::int64_t>(before));
    if (filter.job_id)
      s.bind(*filter.job_id);
    s.bind(static_cast<std::uint64_t>(limit));
    std::vector<job_row> out;
    while (s.step())
      out.push_back(row_of(s));
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<std::optional<job_row>> sqlite_journal::find(std::uint64_t job_no) {
  auto rows = list({}, job_no + 1, 1);
  if (!rows)
    return rows.error();
  std::optional<job_row> out;
  if (!rows->empty() && rows->front().job_no == job_no)
    out = rows->front();
  return out;
}

} // namespace dubber::sqlite

namespace dubber {

result<std::unique_ptr<journal>> open_sqlite_journal(const std::string& path) {
  try {
    return std::unique_ptr<journal>(new sqlite::sqlite_journal(path));
  } catch (const sqlite::failure& e) {
    return e.why;
  }
}

} // namespace dubber
