#pragma once

#include "clients/gateway.hpp"
#include "tests/support/timeline.hpp"

#include <map>
#include <vector>

namespace dubber::test {

/// What becomes of one PATCH.
struct patch_fate {
  ms after{100}; ///< when it is answered
  std::optional<fault> error;
  bool written = true;
  /// When the row is written, counted from the call; unset: with the answer.
  std::optional<ms> written_after;
};

struct patch_seen {
  std::int64_t job_id = 0;
  gateway_update update;
  time_point at;
};

/// The gateway's double: holds rows, answers after 100 ms, or as scripted.
class scripted_gateway : public gateway {
public:
  using script_fn = std::function<patch_fate(const patch_seen&)>;

  explicit scripted_gateway(timeline& time) : time_(time) {
    // nop
  }

  call_handle get(std::int64_t job_id, ms,
                  std::function<void(result<gateway_state>)> on_end) override {
    ++gets;
    auto fault_now = get_fault;
    auto deed = time_.after(
      ms{100}, [this, job_id, fault_now, on_end = std::move(on_end)] {
        auto row = rows.find(job_id);
        if (fault_now)
          on_end(*fault_now);
        else if (row == rows.end())
          on_end(fault{fault_code::not_found, "Job not found", 404, {}});
        else
          on_end(row->second);
      });
    return call_handle{[this, deed] {
      time_.cancel(deed);
    }};
  }

  call_handle patch(std::int64_t job_id, const gateway_update& update,
                    ms deadline,
                    std::function<void(result<done>)> on_end) override {
    seen.push_back({job_id, update, time_.now()});
    auto fate = script ? script(seen.back()) : patch_fate{};
    if (!rows.count(job_id) && !fate.error)
      fate.error = fault{fault_code::server_error, "Job not found", 500, {}};
    if (fate.after > deadline) {
      fate.after = deadline;
      fate.error = fault{fault_code::timeout, "no answer in time", 0, {}};
    }
    if (fate.written)
      time_.after(fate.written_after.value_or(fate.after),
                  [this, job_id, update] { write(job_id, update); });
    auto answer = fate.error ? result<done>{*fate.error} : result<done>{done{}};
    auto deed = time_.after(
      fate.after, [on_end = std::move(on_end), answer] { on_end(answer); });
    return call_handle{[this, deed] {
      time_.cancel(deed);
    }};
  }

  void write(std::int64_t job_id, const gateway_update& update) {
    auto row = rows.find(job_id);
    if (row == rows.end())
      return;
    if (!update.status.empty())
      row->second.status = update.status;
    if (update.progress)
      row->second.progress = *update.progress;
    if (update.output_object_key)
      row->second.output_object_key = *update.output_object_key;
  }

  std::vector<patch_seen> of_status(std::string_view status) const {
    std::vector<patch_seen> out;
    for (auto& x : seen)
      if (x.update.status == status)
        out.push_back(x);
    return out;
  }

  std::map<std::int64_t, gateway_state> rows;
  script_fn script;
  std::optional<fault> get_fault;
  std::vector<patch_seen> seen;
  int gets = 0;

private:
  timeline& time_;
};

} // namespace dubber::test
