#include "core/job/halving.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dubber {

bool may_be_too_much(const fault& why) {
  constexpr int content_too_large = 413;
  switch (why.code) {
  case fault_code::timeout:
  case fault_code::server_error:
  case fault_code::bad_answer:
  case fault_code::limit_exceeded:
    return true;
  default:
    return why.http_status == content_too_large;
  }
}

std::optional<double> where_to_halve(const job_state& state, work_ref work,
                                     const fault& why) {
  if (state.plan->stages[work.stage].kind != work_kind::transcribe
      || !state.media || work.item >= state.spans.size()
      || !may_be_too_much(why))
    return std::nullopt;
  auto& span = state.spans[work.item];
  if (span.length() < least_halved_seconds)
    return std::nullopt;
  auto middle = (span.start + span.end) / 2;
  auto best = middle;
  auto off = span.length() / 4;
  for (auto cut : state.media->cuts)
    if (auto away = std::abs(cut - middle); away <= off) {
      best = cut;
      off = away;
    }
  return best;
}

std::vector<transcript> in_order(std::vector<transcript> chunks,
                                 const std::vector<media_span>& spans) {
  if (chunks.size() != spans.size())
    return chunks;
  std::vector<std::size_t> order(chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return spans[a].start < spans[b].start;
  });
  std::vector<transcript> out;
  out.reserve(chunks.size());
  for (auto i : order)
    out.push_back(std::move(chunks[i]));
  return out;
}

} // namespace dubber
