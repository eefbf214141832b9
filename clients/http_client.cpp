#include "clients/http_client.hpp"

#include "clients/http/client_loop.hpp"
#include "clients/http/request_head.hpp"

#include <thread>

namespace dubber {

namespace {

/// What the call needs of the request.
void prepare(wire::call& what, http_request& request) {
  what.deadline = request.deadline;
  auto where = wire::parse_url(request.url);
  auto message = where ? wire::make_message(request, *where)
                       : result<std::string>{where.error()};
  if (where)
    what.where = std::make_unique<wire::url>(std::move(*where));
  if (!message) {
    what.unusable = std::make_unique<fault>(message.error());
    return;
  }
  what.message = std::move(*message);
  if (!wire::is_sent_at_once(request))
    what.body = std::make_unique<http_body>(std::move(request.body));
  if (!request.sink.empty())
    what.sink = std::make_unique<wire::answer_sink>(
      wire::answer_sink{std::move(request.sink), request.sink_offset});
  what.max_answer_bytes = request.max_answer_bytes;
  what.is_head = request.method == "HEAD";
  what.wants_length = wire::wants_length(request);
  what.may_repeat = wire::may_repeat(request);
}

} // namespace

std::string_view http_response::header(std::string_view name) const {
  for (auto& [key, value] : headers)
    if (wire::same_name(key, name))
      return value;
  return {};
}

class http_client::impl {
public:
  impl(http_client_limits limits, http_client_tls tls,
       http_client_observer* observer)
    : loop(limits, std::move(tls), observer), mail(loop.mail) {
    // nop
  }

  wire::client_loop loop;
  std::shared_ptr<wire::mailbox> mail;
  std::thread thread;
};

http_client::http_client(http_client_limits limits, http_client_tls tls,
                         http_client_observer* observer)
  : impl_(std::make_shared<impl>(limits, std::move(tls), observer)) {
  impl_->thread = std::thread{[self = impl_.get()] {
    self->loop.run();
  }};
}

http_client::~http_client() {
  impl_->loop.stop();
  if (impl_->thread.get_id() != std::this_thread::get_id()) {
    impl_->thread.join();
    return;
  }
  // Destroyed by a callback: the thread frees the loop after its last turn.
  auto thread = std::move(impl_->thread);
  std::thread{[last = std::move(impl_), old = std::move(thread)]() mutable {
    old.join();
    last.reset();
  }}.detach();
}

call_handle http_client::send(http_request request, callback on_end) {
  auto what = std::make_shared<wire::call>();
  what->started = std::chrono::steady_clock::now();
  what->on_end = std::move(on_end);
  prepare(*what, request);
  wire::client_loop::start(*impl_->mail, what);
  return call_handle{[what, mail = impl_->mail] {
    wire::client_loop::cancel(*mail, what);
  }};
}

void http_client::post(std::function<void()> what) {
  impl_->loop.later(std::move(what));
}

void http_client::post_at(std::chrono::steady_clock::time_point when,
                          std::function<void()> what) {
  impl_->loop.later_at(when, std::move(what));
}

bool http_client::is_own_thread() const {
  return impl_->loop.is_own_thread();
}

} // namespace dubber
