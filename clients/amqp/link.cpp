#include "clients/amqp/link.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace dubber {

struct amqp_link::state {
  state(settings s, server f, observer& o)
    : how(std::move(s)), serve(std::move(f)), told(o),
      wakes(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    // nop
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    ::close(wakes);
  }

  settings how;
  server serve;
  observer& told;
  int wakes;

  mutable std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool connecting = false; ///< `serve` and `told` are not used
  bool over = false;
  std::string trouble = "not connected yet";

  bool is_stopping() const {
    std::lock_guard lock{mutex};
    return stopping;
  }

  void set_trouble(std::string what) {
    std::lock_guard lock{mutex};
    trouble = std::move(what);
  }

  /// @return nothing: it has to end, whether or not there is a connection.
  std::optional<result<std::unique_ptr<amqp_connection>>> connect() {
    {
      std::lock_guard lock{mutex};
      if (stopping)
        return std::nullopt;
      connecting = true;
    }
    auto out = amqp_connection::open(how.to, how.name, how.connect_timeout);
    std::lock_guard lock{mutex};
    if (stopping)
      return std::nullopt;
    connecting = false;
    return out;
  }

  void pause(ms length) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, length, [this] { return stopping; });
  }

  void run();
  /// @return what ended it, and whether the link was up meanwhile.
  std::pair<result<done>, bool> serve_one(amqp_connection& connection);
};

namespace {

template <class State>
class running_session : public amqp_link::session {
public:
  running_session(State& owner, amqp_connection& connection)
    : owner_(owner), connection_(connection) {
    // nop
  }

  amqp_connection& connection() override {
    return connection_;
  }

  void ready() override {
    was_up = true;
    owner_.set_trouble({});
    owner_.told.up(connection_.broker());
  }

  bool stopping() const override {
    return owner_.is_stopping();
  }

  void wait(ms longest) override {
    if (!connection_.has_more()) {
      std::array<pollfd, 2> on{pollfd{connection_.socket(), POLLIN, 0},
                               pollfd{owner_.wakes, POLLIN, 0}};
      ::poll(on.data(), on.size(), static_cast<int>(longest.count()));
    }
    std::uint64_t count = 0;
    while (::read(owner_.wakes, &count, sizeof count) > 0) {
      // nop
    }
  }

  bool was_up = false;

private:
  State& owner_;
  amqp_connection& connection_;
};

} // namespace

std::pair<result<done>, bool>
amqp_link::state::serve_one(amqp_connection& connection) {
  running_session now{*this, connection};
  auto end = serve(now);
  return {end, now.was_up};
}

void amqp_link::state::run() {
  auto next = how.first_pause;
  for (;;) {
    auto connection = connect();
    if (!connection)
      break;
    result<done> end = done{};
    if (*connection) {
      auto [how_it_ended, was_up] = serve_one(***connection);
      end = how_it_ended;
      if (was_up)
        next = how.first_pause;
    } else {
      end = connection->error();
    }
    connection.reset();
    if (end || is_stopping())
      break;
    auto length = end.error().retry_after.value_or(next);
    next = std::min(2 * next, how.longest_pause);
    set_trouble(end.error().message);
    told.down(end.error(), length);
    pause(length);
  }
  std::lock_guard lock{mutex};
  over = true;
  changed.notify_all();
}

amqp_link::amqp_link(settings how, server serve, observer& told)
  : state_(std::make_shared<state>(std::move(how), std::move(serve), told)) {
  std::thread{[s = state_] {
    s->run();
  }}.detach();
}

amqp_link::~amqp_link() {
  stop();
}

void amqp_link::wake() {
  std::uint64_t one = 1;
  // It can only fail when there are wakes enough.
  [[maybe_unused]] auto n = ::write(state_->wakes, &one, sizeof one);
}

void amqp_link::stop() {
  {
    std::lock_guard lock{state_->mutex};
    state_->stopping = true;
    state_->changed.notify_all();
  }
  wake();
  std::unique_lock lock{state_->mutex};
  state_->changed.wait(lock,
                       [this] { return state_->over || state_->connecting; });
}

std::string amqp_link::trouble() const {
  std::lock_guard lock{state_->mutex};
  return state_->trouble;
}

} // namespace dubber
