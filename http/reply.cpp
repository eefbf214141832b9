#include "http/reply.hpp"

namespace dubber {

reply::ticket::ticket(sink where, make_answer if_lost)
  : give(std::move(where)), lost(std::move(if_lost)) {
  // nop
}

reply::ticket::~ticket() {
  if (!used && lost)
    give(std::move(lost));
}

reply::reply(sink give, make_answer lost)
  : ticket_(std::make_shared<ticket>(std::move(give), std::move(lost))) {
  // nop
}

void reply::operator()(http_answer answer) const {
  later([answer = std::move(answer)]() mutable { return std::move(answer); });
}

void reply::later(make_answer make) const {
  if (!ticket_->used.exchange(true))
    ticket_->give(std::move(make));
}

} // namespace dubber
