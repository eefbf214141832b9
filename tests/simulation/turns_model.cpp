#include "tests/simulation/turns_model.hpp"

#include <algorithm>

namespace dubber::sim {

void turns_model::asked(std::uint64_t ticket, const wish& what) {
  auto& mine = accounts_[what.job_no];
  if (mine.here++ == 0)
    mine.got = std::max(mine.got, level_);
  waiting_.push_back({ticket, what});
}

void turns_model::served(std::uint64_t ticket) {
  auto i = std::find_if(waiting_.begin(), waiting_.end(),
                        [&](auto& x) { return x.ticket == ticket; });
  auto& mine = accounts_.at(i->what.job_no);
  level_ = std::max(level_, mine.got);
  mine.got += i->what.cost;
  mine.turn = ++turns_;
  served_[ticket] = i->what;
  waiting_.erase(i);
}

void turns_model::gone(std::uint64_t ticket) {
  std::optional<std::uint64_t> job_no;
  if (auto was = served_.extract(ticket))
    job_no = was.mapped().job_no;
  std::erase_if(waiting_, [&](auto& x) {
    if (x.ticket == ticket)
      job_no = x.what.job_no;
    return x.ticket == ticket;
  });
  if (!job_no)
    return;
  auto& mine = accounts_.at(*job_no);
  // Nobody knows it any more when it has no more than a new one would.
  if (--mine.here == 0 && mine.got <= level_)
    accounts_.erase(*job_no);
}

turns_model::rank turns_model::rank_of(const wish& what) const {
  auto& mine = accounts_.at(what.job_no);
  return {-what.priority, mine.got, mine.turn, what.job_no, what.retry};
}

std::optional<std::uint64_t> turns_model::next(bool retries,
                                               bool probing) const {
  const entry* best = nullptr;
  auto fresh = std::any_of(waiting_.begin(), waiting_.end(),
                           [](auto& x) { return !x.what.retry; });
  for (auto& x : waiting_) {
    if (x.what.retry && (!retries || (probing && fresh)))
      continue;
    if (!best || rank_of(x.what) < rank_of(best->what))
      best = &x;
  }
  return best ? std::optional{best->ticket} : std::nullopt;
}

} // namespace dubber::sim
