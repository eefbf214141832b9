#include "clients/http/poller.hpp"

#include <boost/asio/post.hpp>

#include <cerrno>

namespace dubber::wire {

namespace {

int make_epoll() {
  auto fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0)
    throw std::system_error{errno, std::generic_category(), "epoll_create1"};
  return fd;
}

poller::readiness what_of(std::uint32_t events) {
  auto hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  return {hung_up || (events & EPOLLIN) != 0, (events & EPOLLOUT) != 0,
          hung_up};
}

} // namespace

poller::poller(boost::asio::io_context& io) : own_(io, make_epoll()) {
  wait();
}

std::error_code poller::add(int socket, watcher& who) {
  epoll_event wish{};
  wish.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wish.data.ptr = &who;
  if (::epoll_ctl(own_.native_handle(), EPOLL_CTL_ADD, socket, &wish) == 0)
    return {};
  return {errno, std::generic_category()};
}

void poller::remove(int socket, watcher& who) {
  // Fails only for what is not there.
  ::epoll_ctl(own_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (auto i = told_; i < count_; ++i)
    if (batch_[i].data.ptr == &who)
      batch_[i].data.ptr = nullptr;
}

void poller::wait() {
  own_.async_wait(own_.wait_read, [this](const auto& error) {
    if (!error)
      turn();
  });
}

void poller::turn() {
  auto got = ::epoll_wait(own_.native_handle(), batch_.data(),
                          static_cast<int>(batch_.size()), 0);
  count_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  for (told_ = 0; told_ < count_;) {
    auto& event = batch_[told_++];
    if (event.data.ptr != nullptr)
      static_cast<watcher*>(event.data.ptr)->on_ready(what_of(event.events));
  }
  if (count_ < batch_.size()) {
    count_ = 0;
    return wait();
  }
  count_ = 0;
  // There may be more, after others had their turn.
  boost::asio::post(own_.get_executor(), [this] { turn(); });
}

} // namespace dubber::wire
