#pragma once

#include "core/note.hpp"
#include "core/result.hpp"
#include "core/service_order.hpp"

namespace dubber {

/// Area of the orders to breakers; the name is the service's.
inline constexpr const char* order_area = "order";

/// Area of the definitions that jobs have begun with; the name is the
/// pipeline's `id`, the value its `definition`.
inline constexpr const char* pipeline_area = "pipeline";

note note_of(const service_order& order);

/// Fault `disk` when the value is damaged or unknown.
result<service_order> order_of(const note& kept);

} // namespace dubber
