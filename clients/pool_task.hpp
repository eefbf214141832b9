#pragma once

#include "clients/object_store.hpp"
#include "clients/store_calls.hpp"

#include <utility>

namespace dubber {

/// Has `work` (task_clock to result<T>) run on the pool, and its result told
/// unless it was cancelled.
template <class T, class F>
call_handle run_on(work_pool& pool, ms deadline,
                   object_store::callback<T> on_end, F work) {
  return pool.post([deadline, on_end = std::move(on_end),
                    work = std::move(work)](const cancel_flag& cancelled) {
    auto out = work(task_clock{deadline, cancelled});
    if (!*cancelled)
      on_end(std::move(out));
  });
}

} // namespace dubber
