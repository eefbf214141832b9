#include "journal/memory_journal.hpp"

#include "core/artifacts.hpp"

#include <algorithm>

namespace dubber {

fault stale_append(const journal_append& x, const std::string& why) {
  return {fault_code::refused,
          "job " + std::to_string(x.job_no) + ": append refused, " + why,
          0,
          {}};
}

result<std::uint64_t> memory_journal::open_epoch() {
  std::lock_guard lock{mutex_};
  return ++epoch_;
}

result<std::uint64_t> memory_journal::next_job_no() {
  std::lock_guard lock{mutex_};
  return by_job_.empty() ? 1 : by_job_.rbegin()->first + 1;
}

void memory_journal::keep(const note& what) {
  std::erase_if(notes_, [&](const note& x) {
    return x.area == what.area && x.name == what.name;
  });
  if (!what.value.empty())
    notes_.push_back(what);
}

append_outcome memory_journal::apply(const journal_append& x) {
  if (x.epoch != epoch_)
    return {0, stale_append(x, "another process owns the journal")};
  auto out = x.job_no == 0 ? append_outcome{} : apply_events(x);
  if (out.refused)
    return out;
  for (auto& what : x.notes)
    keep(what);
  keep_results(x);
  return out;
}

append_outcome memory_journal::apply_events(const journal_append& x) {
  auto known = by_job_.find(x.job_no);
  auto last = known == by_job_.end() ? 0 : known->second.size();
  if (x.expected_seq != last)
    return {0, stale_append(x, "its history has gone on elsewhere")};
  auto& own = by_job_[x.job_no];
  append_outcome out{events_.size() + 1, std::nullopt};
  for (auto& e : x.events) {
    own.push_back(events_.size());
    events_.push_back({events_.size() + 1, x.job_no, e});
    for (auto& key : artifact_keys(e.body))
      named_[key].insert(x.job_no);
  }
  if (x.row)
    rows_[x.job_no] = *x.row;
  return out;
}

result<std::vector<append_outcome>>
memory_journal::commit(std::span<const journal_append* const> batch) {
  std::lock_guard lock{mutex_};
  std::vector<append_outcome> out;
  out.reserve(batch.size());
  for (auto x : batch)
    out.push_back(apply(*x));
  return out;
}

result<std::vector<stored_event>> memory_journal::read(std::uint64_t job_no,
                                                       std::uint64_t after_seq,
                                                       std::size_t limit) {
  std::lock_guard lock{mutex_};
  std::vector<stored_event> out;
  if (auto i = by_job_.find(job_no); i != by_job_.end())
    for (auto k = after_seq; k < i->second.size() && out.size() < limit; ++k)
      out.push_back(events_[i->second[k]]);
  return out;
}

result<std::vector<stored_event>> memory_journal::read_all(std::uint64_t after,
                                                           std::size_t limit) {
  std::lock_guard lock{mutex_};
  std::vector<stored_event> out;
  for (auto k = after; k < events_.size() && out.size() < limit; ++k)
    if (events_[k].job_no != 0)
      out.push_back(events_[k]);
  return out;
}

result<std::vector<job_row>> memory_journal::list(const row_filter& filter,
                                                  std::uint64_t before,
                                                  std::size_t limit) {
  std::lock_guard lock{mutex_};
  std::vector<job_row> out;
  for (auto i = rows_.rbegin(); i != rows_.rend() && out.size() < limit; ++i) {
    auto& row = i->second;
    if (before != 0 && row.job_no >= before)
      continue;
    if (filter.status && row.status != *filter.status)
      continue;
    if (filter.unfinished && is_final(row.status) && !row.owes_report)
      continue;
    if (filter.job_id && row.job_id != *filter.job_id)
      continue;
    out.push_back(row);
  }
  return out;
}

result<std::optional<job_row>> memory_journal::find(std::uint64_t job_no) {
  std::lock_guard lock{mutex_};
  auto i = rows_.find(job_no);
  if (i == rows_.end())
    return std::optional<job_row>{};
  return std::optional<job_row>{i->second};
}

result<std::vector<note>> memory_journal::notes(const std::string& area) {
  std::lock_guard lock{mutex_};
  std::vector<note> out;
  for (auto& x : notes_)
    if (x.area == area)
      out.push_back(x);
  return out;
}

namespace {

bool ended_before(const job_row& row, time_point before) {
  return is_final(row.status) && !row.owes_report && row.updated_at < before;
}

} // namespace

result<std::vector<job_row>> memory_journal::list_ended(time_point before,
                                                        std::size_t limit) {
  std::lock_guard lock{mutex_};
  std::vector<job_row> out;
  for (auto& [job_no, row] : rows_)
    if (ended_before(row, before) && !row.pruned)
      out.push_back(row);
  std::stable_sort(out.begin(), out.end(), [](auto& a, auto& b) {
    return a.updated_at < b.updated_at;
  });
  out.resize(std::min(out.size(), limit));
  return out;
}

result<done> memory_journal::prune(std::span<const std::uint64_t> job_nos) {
  std::lock_guard lock{mutex_};
  for (auto job_no : job_nos) {
    auto i = rows_.find(job_no);
    if (i == rows_.end() || !is_final(i->second.status)
        || i->second.owes_report)
      continue;
    i->second.pruned = true;
    for (auto k : by_job_[job_no])
      events_[k].job_no = 0; // positions are never used twice
    by_job_[job_no].clear();
    for (auto& [key, jobs] : named_)
      jobs.erase(job_no);
  }
  return done{};
}

result<bool> memory_journal::is_named(const std::string& key,
                                      time_point before) {
  std::lock_guard lock{mutex_};
  for (auto& [name, kept] : results_)
    for (auto& own : artifact_keys(kept.result))
      if (own == key)
        return true;
  auto i = named_.find(key);
  return i != named_.end()
         && std::any_of(i->second.begin(), i->second.end(), [&](auto job_no) {
              return !ended_before(rows_.at(job_no), before);
            });
}

std::unique_ptr<journal> make_memory_journal() {
  return std::make_unique<memory_journal>();
}

} // namespace dubber
