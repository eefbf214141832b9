#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <functional>
#include <map>
#include <memory>

namespace dubber {

/// Has one kind of work done: by a neighbour, a child process, the store. The
/// actors know nothing else of the world.
class worker {
public:
  using callback = std::function<void(result<work_result>)>;

  virtual ~worker() = default;

  /// Starts one attempt and returns at once. `on_end` is called exactly once,
  /// from any thread, unless the handle was cancelled before; it does not
  /// block. The attempt ends by itself within `info.timeout` (fault `timeout`).
  /// A cancelled attempt leaves nothing running and no scratch behind.
  virtual call_handle start(std::shared_ptr<const work_order> order,
                            const attempt_info& info, callback on_end)
    = 0;
};

/// Who does what. Workers outlive the actors.
using worker_map = std::map<work_kind, worker*>;

} // namespace dubber
