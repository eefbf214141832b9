#pragma once

#include "bench/http_stub.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <unordered_map>

namespace dubber::bench {

/// What the program meets on the platform: the API gateway, and whoever has it
/// begin jobs. One thread; a job is done for it when the gateway is told so.
class platform {
public:
  using steady = std::chrono::steady_clock;

  platform() : poller_(::epoll_create1(EPOLL_CLOEXEC)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto where = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener_, where, size) != 0 || ::listen(listener_, 4'096) != 0
        || ::getsockname(listener_, where, &size) != 0)
      give_up("cannot listen");
    port = ntohs(at.sin_port);
    watch(listener_);
  }
  platform(const platform&) = delete;
  platform& operator=(const platform&) = delete;

  ~platform() {
    for (auto& [fd, x] : lines_)
      ::close(fd);
    ::close(listener_);
    ::close(poller_);
  }

  /// Jobs go there from now on.
  void use(int program_port) {
    for (int fd : free_) {
      lines_.erase(fd);
      ::close(fd);
    }
    free_.clear();
    open_ = 0;
    program_ = program_port;
  }

  struct figures {
    double seconds = 0; ///< from the first request to the last one's end
    std::vector<double> took_ms;
  };

  /// Begins that many jobs, at most `in_flight` at once, and waits for them.
  figures run(std::uint64_t jobs, std::uint64_t in_flight,
              const std::string& pipeline) {
    pipeline_ = pipeline;
    wanted_ = jobs_.size() + jobs;
    most_ = in_flight;
    figures out;
    took_ = &out.took_ms;
    auto began = steady::now();
    submit();
    turn_until([&] { return jobs_.size() == wanted_ && running_ == 0; });
    out.seconds = std::chrono::duration<double>(steady::now() - began).count();
    took_ = nullptr;
    return out;
  }

  /// Begins that many jobs that will not end; waits until all are accepted.
  void begin(std::uint64_t jobs, const std::string& pipeline) {
    pipeline_ = pipeline;
    wanted_ = jobs_.size() + jobs;
    most_ = running_ + jobs;
    submit();
    turn_until([&] { return jobs_.size() == wanted_ && posts_ == 0; });
    for (auto i = wanted_ - jobs; i < wanted_; ++i)
      jobs_[i].counts = false;
    running_ -= jobs;
  }

  /// Until the gateway was looked at as often as it is after a job's end.
  void settle() {
    turn_until([&] { return unsettled_ == 0; });
  }

  std::uint64_t jobs() const {
    return jobs_.size();
  }

  /// Requests that the gateway has had so far.
  std::uint64_t requests() const {
    return requests_;
  }

  int port = 0;

private:
  struct job {
    steady::time_point begun;
    bool done = false;
    bool counts = true;
    int looks = 0; ///< at its final state
  };

  struct line {
    bool ours = false; ///< to the program
    std::string in;
  };

  static constexpr int looks_of_a_report = 2;
  static constexpr std::size_t most_lines = 256;

  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event);
  }

  template <class F>
  void turn_until(F&& over) {
    epoll_event events[256];
    auto heard = steady::now();
    while (!over()) {
      int n = ::epoll_wait(poller_, events, 256, 1'000);
      if (n > 0)
        heard = steady::now();
      else if (steady::now() - heard > std::chrono::seconds{60})
        give_up("nothing happens any more");
      for (int i = 0; i < n; ++i) {
        if (events[i].data.fd == listener_)
          accept_one();
        else
          read(events[i].data.fd);
      }
      submit();
    }
  }

  void accept_one() {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      return;
    int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    lines_[fd];
    watch(fd);
  }

  void submit() {
    while (jobs_.size() < wanted_ && running_ < most_) {
      if (free_.empty()) {
        if (open_ == most_lines)
          return;
        int fd = connect_to(program_);
        ++open_;
        lines_[fd].ours = true;
        watch(fd);
        free_.push_back(fd);
      }
      int fd = free_.back();
      free_.pop_back();
      job begins;
      begins.begun = steady::now();
      jobs_.push_back(begins);
      ++running_;
      ++posts_;
      auto body = "{\"job_id\":" + std::to_string(jobs_.size())
                  + ",\"pipeline\":\"" + pipeline_ + "\"}";
      write_all(fd, "POST /orchestrate HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Type: application/json\r\nContent-Length: "
                      + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }

  void read(int fd) {
    auto& from = lines_.at(fd);
    char buffer[16'384];
    auto n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) {
      if (from.ours) {
        if (std::erase(free_, fd) == 0)
          give_up("the program hung up");
        --open_; // it was idle for too long
      }
      lines_.erase(fd);
      ::close(fd);
      return;
    }
    from.in.append(buffer, static_cast<std::size_t>(n));
    for (;;) {
      auto head = from.in.find("\r\n\r\n");
      if (head == std::string::npos)
        return;
      head += 4;
      auto at = from.in.find("Content-Length: ");
      auto length = at < head ? std::stoul(from.in.substr(at + 16, 12)) : 0;
      if (from.in.size() < head + length)
        return;
      std::string_view all{from.in.data(), head + length};
      if (from.ours)
        posted(fd, all, head);
      else
        answer(fd, all, head);
      from.in.erase(0, head + length);
    }
  }

  void posted(int fd, std::string_view text, std::size_t head) {
    if (!text.starts_with("HTTP/1.1 202"))
      give_up(
        ("a job is not accepted: " + std::string{text.substr(head)}).c_str());
    --posts_;
    free_.push_back(fd);
  }

  void answer(int fd, std::string_view text, std::size_t head) {
    ++requests_;
    auto id = std::stoul(std::string{text.substr(text.find("/job/") + 5, 12)});
    if (id == 0 || id > jobs_.size())
      give_up("the gateway is asked for a job that nobody has begun");
    auto& one = jobs_[id - 1];
    std::string body = "{}";
    if (text.starts_with("PATCH"))
      told(one, text.substr(head));
    else
      body = show(one, id);
    write_all(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  "Content-Length: "
                    + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void told(job& one, std::string_view body) {
    if (body.find("\"FAILED\"") != std::string_view::npos)
      give_up(("a job has failed: " + std::string{body}).c_str());
    if (one.done || body.find("\"COMPLETED\"") == std::string_view::npos)
      return;
    one.done = true;
    ++unsettled_;
    if (!one.counts)
      return;
    --running_;
    if (took_)
      took_->push_back(
        std::chrono::duration<double, std::milli>(steady::now() - one.begun)
          .count());
  }

  std::string show(job& one, std::uint64_t id) {
    if (one.done && ++one.looks == looks_of_a_report)
      --unsettled_;
    return "{\"id\":" + std::to_string(id)
           + ",\"sourceObjectKey\":\"film.mp4\",\"outputObjectKey\":null,"
             "\"targetLanguage\":\"hi\",\"optionsJson\":\"{}\",\"status\":\""
           + (one.done ? "COMPLETED" : "QUEUED") + "\",\"progress\":0}";
  }

  int poller_;
  int listener_ = -1;
  int program_ = 0;
  std::unordered_map<int, line> lines_;
  std::vector<int> free_; ///< lines to the program that nobody waits on
  std::size_t open_ = 0;
  std::vector<job> jobs_; ///< by id - 1
  std::string pipeline_;
  std::uint64_t wanted_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t running_ = 0;
  std::uint64_t posts_ = 0;
  std::uint64_t unsettled_ = 0;
  std::uint64_t requests_ = 0;
  std::vector<double>* took_ = nullptr;
};

} // namespace dubber::bench
