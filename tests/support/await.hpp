#pragma once

#include "clients/http_client.hpp"

#include <chrono>
#include <future>
#include <stdexcept>

namespace dubber::test {

/// A callback's single value, waited for at most 30 s.
template <class T>
class awaited {
public:
  std::function<void(T)> callback() {
    return [state = state_](T value) {
      state->set_value(std::move(value));
    };
  }

  T get() {
    auto future = state_->get_future();
    if (future.wait_for(std::chrono::seconds{30}) != std::future_status::ready)
      throw std::runtime_error("no callback within 30 s");
    return future.get();
  }

private:
  std::shared_ptr<std::promise<T>> state_ = std::make_shared<std::promise<T>>();
};

/// Sends and waits for the end.
inline result<http_response> call(http_client& client, http_request request) {
  awaited<result<http_response>> end;
  auto handle = client.send(std::move(request), end.callback());
  return end.get();
}

inline http_request get(std::string url) {
  http_request out;
  out.url = std::move(url);
  return out;
}

inline http_request post(std::string url, http_body body) {
  http_request out;
  out.method = "POST";
  out.url = std::move(url);
  out.body = std::move(body);
  return out;
}

} // namespace dubber::test
