#include "tests/simulation/sim_journal.hpp"

namespace dubber::sim {

namespace {

fault away() {
  return {fault_code::disk, "the journal's disk reports an error", 0, {}};
}

} // namespace

bool sim_journal::fails(trouble what, std::uint64_t n) {
  return !healed_ && plan_.has.strikes(what, plan_.chance, n);
}

result<std::vector<append_outcome>>
sim_journal::commit(std::span<const journal_append* const> batch) {
  if (!alive_)
    return away();
  if (time_.now() < down_until_ || fails(trouble::commit_fails, 15)) {
    log_.note("commit fails");
    return away();
  }
  auto outcomes = memory_journal::commit(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& x = *batch[i];
    if ((*outcomes)[i].refused) {
      log_.note("refused " + std::to_string(x.job_no));
      continue;
    }
    for (auto& fact : x.events) {
      log_.note("fact " + std::to_string(x.job_no) + "."
                + std::to_string(fact.seq) + " "
                + std::string{type_name(fact.body)});
      judge_.on_fact(x.job_no, fact);
    }
  }
  return outcomes;
}

result<std::vector<stored_event>> sim_journal::read(std::uint64_t job_no,
                                                    std::uint64_t after_seq,
                                                    std::size_t limit) {
  if (time_.now() < down_until_ || fails(trouble::read_fails, 4))
    return away();
  return memory_journal::read(job_no, after_seq, limit);
}

result<std::vector<job_row>> sim_journal::list(const row_filter& filter,
                                               std::uint64_t before,
                                               std::size_t limit) {
  if (time_.now() < down_until_ || fails(trouble::read_fails, 4))
    return away();
  return memory_journal::list(filter, before, limit);
}

result<std::optional<work_result>>
sim_journal::find_result(const std::string& key) {
  if (time_.now() < down_until_ || fails(trouble::read_fails, 4))
    return away();
  return memory_journal::find_result(key);
}

std::vector<job_row> sim_journal::unfinished() {
  row_filter filter;
  filter.unfinished = true;
  return *memory_journal::list(filter, 0, 1'000);
}

} // namespace dubber::sim
