#include "actors/gate.hpp"
#include "journal/notes.hpp"
#include "metrics/log.hpp"

#include <caf/send.hpp>

namespace dubber {

void obey(gate_state& st, const service_order& order, time_point now,
          bool fresh) {
  st.order = order;
  if (order.what == order_verb::open)
    st.machine.force_open(now);
  else if (fresh && order.what == order_verb::close)
    st.machine.close(now);
  else if (fresh)
    st.machine.release(now);
  if (fresh)
    log::write(log::level::info, "service.ordered",
               {{"service", order.service},
                {"order", std::string{to_string(order.what)}},
                {"by", order.by},
                {"reason", order.reason}});
}

result<std::map<std::string, service_order>> read_orders(journal& store) {
  auto kept = store.notes(order_area);
  if (!kept)
    return kept.error();
  std::map<std::string, service_order> out;
  for (auto& x : *kept) {
    auto order = order_of(x);
    if (!order)
      return order.error();
    out[x.name] = std::move(*order);
  }
  return out;
}

void give_order(const context_ptr& ctx, order_command command,
                std::function<void(order_answer)> on_answer) {
  auto gate = ctx->gates.find(command.order.service);
  if (gate == ctx->gates.end())
    return on_answer(fault{fault_code::not_found,
                           "there is no service " + command.order.service,
                           0,
                           {}});
  // It would wait for the disk and come true when nobody thinks of it any more.
  if (auto trouble = ctx->health.trouble(); !trouble.empty())
    return on_answer(fault{fault_code::disk, trouble, 0, {}});
  auto notes = std::move(command.notes);
  notes.push_back(note_of(command.order));
  auto kept = [to = gate->second, order = std::move(command.order),
               on_answer](bool is_kept) {
    if (is_kept)
      caf::anon_send(to, gate_order{order, on_answer});
    else
      on_answer(fault{
        fault_code::disk, "another process owns the journal by now", 0, {}});
  };
  caf::anon_send(ctx->writer, note_request{std::move(notes), std::move(kept)});
}

} // namespace dubber
