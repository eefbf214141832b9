#include "clients/http_client.hpp"

#include "clients/http/client_loop.hpp"
#include "clients/http/request_head.hpp"

#include <thread>

namespace dubber {

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
  auto where = wire::parse_url(request.url);
  if (where) {
    what->where = std::move(*where);
    auto head = wire::make_head(request, what->where);
    if (head)
      what->head = std::move(*head);
    else
      what->unusable = head.error();
  } else {
    what->unusable = where.error();
  }
  what->request = std::move(request);
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
