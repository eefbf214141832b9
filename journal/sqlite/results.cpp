#include "core/artifacts.hpp"
#include "journal/codec_results.hpp"
#include "journal/json_text.hpp"
#include "journal/sqlite/statements.hpp"

#include <stdexcept>

/// Results that other jobs may use.
namespace dubber::sqlite {

namespace {

/// Results removed in one transaction: a short wait for the writer.
constexpr std::uint64_t trim_batch = 500;

std::int64_t millis(time_point t) {
  return t.time_since_epoch().count();
}

/// As the table has it: signed.
std::int64_t number_of(const std::string& key) {
  return static_cast<std::int64_t>(key_number(key));
}

std::string value_of(const kept_result& what) {
  return members()
    .add("key", what.key)
    .add_json("result", result_to_text(what.result))
    .text();
}

void remove(database& db, std::int64_t number) {
  statement names{db, "DELETE FROM result_artifacts WHERE result=?"};
  names.bind(number).run();
  statement row{db, "DELETE FROM results WHERE number=?"};
  row.bind(number).run();
}

std::int64_t sum(database& db, const char* sql) {
  statement s{db, sql};
  return s.step() ? s.integer(0) : 0;
}

} // namespace

void sqlite_journal::keep(const kept_result& what) {
  auto number = number_of(what.key);
  auto known = put_->find_result.bind(number).step();
  auto old = known ? put_->find_result.integer(0) : 0;
  put_->find_result.reset();
  if (known)
    remove(write_, old);
  auto value = value_of(what);
  auto& put = put_->put_result;
  put.bind(number)
    .bind(millis(what.used))
    .bind(kept_bytes(what.result))
    .bind(std::string_view{value})
    .step();
  auto row = put.integer(0);
  put.reset();
  for (auto& key : artifact_keys(what.result))
    if (auto artifact = artifact_number(key))
      put_->name_result.bind(*artifact).bind(row).run();
}

void sqlite_journal::forget_results_with(const std::string& artifact) {
  auto number = artifact_number(artifact);
  if (!number)
    return;
  std::vector<std::int64_t> gone;
  statement named{write_,
                  "SELECT result FROM result_artifacts WHERE artifact=?"};
  named.bind(*number);
  while (named.step())
    gone.push_back(named.integer(0));
  for (auto row : gone)
    remove(write_, row);
}

result<std::optional<work_result>>
sqlite_journal::find_result(const std::string& key) {
  std::lock_guard lock{read_mutex_};
  try {
    statement s{read_, "SELECT value FROM results WHERE key_number=?"};
    if (!s.bind(number_of(key)).step())
      return std::optional<work_result>{};
    auto value = nlohmann::json::parse(s.text(0));
    // Two keys may begin alike.
    if (value.at("key") != key)
      return std::optional<work_result>{};
    return std::optional{result_from_json(value.at("result"))};
  } catch (const failure& e) {
    return e.why;
  } catch (const std::exception& e) {
    return fault{fault_code::disk,
                 std::string{"a kept result in the journal is damaged: "}
                   + e.what(),
                 0,
                 {}};
  }
}

result<std::vector<std::uint64_t>> sqlite_journal::result_numbers() {
  std::lock_guard lock{read_mutex_};
  try {
    statement s{read_, "SELECT key_number FROM results"};
    std::vector<std::uint64_t> out;
    while (s.step())
      out.push_back(static_cast<std::uint64_t>(s.integer(0)));
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

result<done> sqlite_journal::mark_used(std::span<const result_use> uses) {
  std::lock_guard lock{write_mutex_};
  try {
    transaction tx{write_};
    statement mark{write_, "UPDATE results SET used_ms=max(used_ms, ?) "
                           "WHERE key_number=?"};
    for (auto& x : uses)
      mark.bind(millis(x.at)).bind(number_of(x.key)).run();
    tx.commit();
    return done{};
  } catch (const failure& e) {
    return e.why;
  }
}

result<result_stock> sqlite_journal::trim_results(const result_limits& limits) {
  std::lock_guard lock{write_mutex_};
  try {
    transaction tx{write_};
    result_stock out;
    auto bytes = sum(write_, "SELECT coalesce(sum(bytes), 0) FROM results");
    statement oldest{
      write_,
      "SELECT number, used_ms, bytes FROM results AS x WHERE NOT EXISTS("
      "SELECT 1 FROM result_artifacts a JOIN artifact_refs r ON "
      "r.artifact=a.artifact JOIN jobs j ON j.job_no=r.job_no "
      "WHERE a.result=x.number AND j.open) ORDER BY used_ms"};
    std::vector<std::int64_t> gone;
    auto most = static_cast<std::int64_t>(
      std::min<std::uint64_t>(limits.max_bytes, INT64_MAX));
    while (oldest.step()) {
      if (oldest.integer(1) >= millis(limits.used_before) && bytes <= most)
        break;
      if (gone.size() == trim_batch) {
        out.more = true;
        break;
      }
      bytes -= oldest.integer(2);
      gone.push_back(oldest.integer(0));
    }
    oldest.reset();
    for (auto row : gone)
      remove(write_, row);
    out.results
      = static_cast<std::uint64_t>(sum(write_, "SELECT count(*) FROM results"));
    out.bytes = static_cast<std::uint64_t>(bytes);
    out.removed = gone.size();
    tx.commit();
    return out;
  } catch (const failure& e) {
    return e.why;
  }
}

} // namespace dubber::sqlite
