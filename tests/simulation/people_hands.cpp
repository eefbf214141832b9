/// Operators open and close breakers by hand.
#include "tests/simulation/people_request.hpp"

#include <iterator>

namespace dubber::sim {

void people::plan_hands() {
  auto& d = plan_.chance;
  for (auto n = d.between(1, 4); n > 0; --n) {
    auto service
      = std::next(plan_.policies.begin(),
                  static_cast<std::ptrdiff_t>(d.below(plan_.policies.size())))
          ->first;
    auto what = static_cast<order_verb>(d.below(3));
    time_.after(d.between(ms{0}, plan_.healed_at), [this, service, what] {
      if (!healed_)
        order(service, what);
    });
  }
}

void people::order(const std::string& service, order_verb what) {
  if (!doors_)
    return;
  auto number = ++orders_;
  in_hand_[service] = number;
  order_command command;
  command.order.service = service;
  command.order.what = what;
  command.order.by = "somebody";
  auto asked
    = begin_request("order " + std::string{to_string(what)} + " " + service);
  doors_->order(std::move(command), [this, asked, service, what,
                                     number](const order_answer& answer) {
    asked->answered();
    log_.note("order answered " + std::to_string(answer.index()));
    auto view = std::get_if<service_view>(&answer);
    if (view)
      judge_.demand((view->breaker == "forced_open")
                      == (what == order_verb::open),
                    "an order is not obeyed: " + service);
    if (view && what == order_verb::automatic && in_hand_[service] == number)
      in_hand_.erase(service);
  });
}

/// Breakers that somebody has opened are left to themselves in the end.
void people::give_back() {
  auto all = in_hand_;
  for (auto& [service, number] : all)
    order(service, order_verb::automatic);
  time_.after(ms{20'000}, [this] { give_back(); });
}

} // namespace dubber::sim
