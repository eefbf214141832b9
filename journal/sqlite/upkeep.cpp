#include "journal/sqlite/sqlite_journal.hpp"

/// Beside the histories: what ended jobs lose, so that the file stays small,
/// and notes.
namespace dubber::sqlite {

namespace {

std::int64_t millis(time_point t) {
  return t.time_since_epoch().count();
}

} // namespace

result<std::vector<job_row>> sqlite_journal::list_ended(time_point before,
                                                        std::size_t limit) {
  std::lock_guard lock{read_mutex_};
  auto sql = std::string{row_columns}
             + " WHERE NOT open AND NOT pruned AND updated_ms < ? "
               "ORDER BY updated_ms LIMIT ?";
  try {
    statement s{read_, sql.c_str()};
    s.bind(millis(before)).bind(static_cast<std::uint64_t>(limit));
    std::vector<job_row> out;
    while (s.step())
      out.push_back(row_of(s));
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<std::vector<note>> sqlite_journal::notes(const std::string& area) {
  std::lock_guard lock{read_mutex_};
  try {
    statement s{read_, "SELECT name, at_ms, value FROM notes WHERE area=? "
                       "ORDER BY number"};
    s.bind(area);
    std::vector<note> out;
    while (s.step())
      out.push_back({area, s.text(0), s.text(2), time_point{ms{s.integer(1)}}});
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<done> sqlite_journal::prune(std::span<const std::uint64_t> job_nos) {
  std::lock_guard lock{write_mutex_};
  try {
    transaction tx{write_};
    statement mark{write_,
                   "UPDATE jobs SET pruned=1 WHERE job_no=? AND NOT open "
                   "RETURNING job_no"};
    statement history{write_, "DELETE FROM events WHERE job_no=?"};
    statement names{write_, "DELETE FROM artifact_refs WHERE job_no=?"};
    for (auto job_no : job_nos) {
      auto ended = mark.bind(job_no).step();
      mark.reset();
      if (!ended)
        continue;
      history.bind(job_no).run();
      names.bind(job_no).run();
    }
    tx.commit();
    return done{};
  } catch (const failure& e) {
    return e.why;
  }
}

result<bool> sqlite_journal::is_named(const std::string& key,
                                      time_point before) {
  auto number = artifact_number(key);
  if (!number)
    return true; // not ours to judge
  std::lock_guard lock{read_mutex_};
  try {
    statement s{
      read_, "SELECT 1 FROM artifact_refs r JOIN jobs j ON j.job_no=r.job_no "
             "WHERE r.artifact=? AND (j.open OR j.updated_ms >= ?) "
             "UNION ALL SELECT 1 FROM result_artifacts WHERE artifact=? "
             "LIMIT 1"};
    return s.bind(*number).bind(millis(before)).bind(*number).step();
  } catch (const failure& e) {
    return e.why;
  }
}

} // namespace dubber::sqlite
