#include "core/artifacts.hpp"
#include "journal/memory_journal.hpp"

#include <algorithm>

/// Results that other jobs may use.
namespace dubber {

void memory_journal::keep_results(const journal_append& x) {
  for (auto& e : x.events)
    if (auto lost = std::get_if<ev::artifact_lost>(&e.body))
      std::erase_if(results_, [&](auto& kvp) {
        auto keys = artifact_keys(kvp.second.result);
        return std::count(keys.begin(), keys.end(), lost->key) > 0;
      });
  for (auto& what : x.results)
    results_[what.key] = what;
}

bool memory_journal::in_use(const kept_result& x) const {
  for (auto& key : artifact_keys(x.result))
    if (auto i = named_.find(key); i != named_.end())
      for (auto job_no : i->second)
        if (auto& row = rows_.at(job_no);
            !is_final(row.status) || row.owes_report)
          return true;
  return false;
}

result<std::optional<work_result>>
memory_journal::find_result(const std::string& key) {
  std::lock_guard lock{mutex_};
  auto i = results_.find(key);
  return i == results_.end() ? std::optional<work_result>{} : i->second.result;
}

result<std::vector<std::uint64_t>> memory_journal::result_numbers() {
  std::lock_guard lock{mutex_};
  std::vector<std::uint64_t> out;
  for (auto& [key, kept] : results_)
    out.push_back(key_number(key));
  return out;
}

result<done> memory_journal::mark_used(std::span<const result_use> uses) {
  std::lock_guard lock{mutex_};
  for (auto& x : uses)
    if (auto i = results_.find(x.key); i != results_.end())
      i->second.used = std::max(i->second.used, x.at);
  return done{};
}

result<result_stock> memory_journal::trim_results(const result_limits& limits) {
  std::lock_guard lock{mutex_};
  result_stock out;
  std::vector<const kept_result*> oldest_first;
  for (auto& [key, kept] : results_) {
    out.bytes += kept_bytes(kept.result);
    oldest_first.push_back(&kept);
  }
  std::stable_sort(oldest_first.begin(), oldest_first.end(),
                   [](auto x, auto y) { return x->used < y->used; });
  for (auto x : oldest_first) {
    if (x->used >= limits.used_before && out.bytes <= limits.max_bytes)
      break;
    if (in_use(*x))
      continue;
    out.bytes -= kept_bytes(x->result);
    ++out.removed;
    results_.erase(std::string{x->key});
  }
  out.results = results_.size();
  return out;
}

} // namespace dubber
