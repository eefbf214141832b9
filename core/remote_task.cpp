#include "core/remote_task.hpp"

namespace dubber {

remote_step next_step(const std::vector<dispatch>& out,
                      const std::vector<task_news>& heard, time_point now) {
  using what = remote_step::what;
  remote_step step;
  for (auto i = out.size(); i-- > 0;) // the newest first
    if (!out[i].ended && heard[i] == task_news::done)
      return {what::take, i};
  if (auto last = out.size() - 1; !out.empty() && !out[last].ended
                                  && heard[last] == task_news::failed
                                  && out[last].deadline > now)
    return {what::fail, last};
  for (auto i = out.size(); i-- > 0;) {
    auto& x = out[i];
    if (x.ended || heard[i] == task_news::failed)
      continue;
    auto is_out = x.sent || heard[i] == task_news::running;
    if (!is_out)
      step.revoke.push_back(i);
    else if (step.kind == what::send && x.deadline > now) {
      step.kind = what::wait;
      step.which = i;
    }
  }
  return step;
}

void remember(std::vector<dispatch>& out, dispatch next) {
  if (out.size() >= most_dispatches)
    out.erase(out.begin());
  out.push_back(std::move(next));
}

} // namespace dubber
