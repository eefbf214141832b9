#pragma once

#include "bench/http_stub.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace dubber::bench {

/// nginx with a configuration of its own, which answers every request at once;
/// ended with this object.
class nginx {
public:
  /// @param folder Its own, empty.
  /// @param answer JSON.
  nginx(const std::filesystem::path& binary,
        const std::filesystem::path& folder, const std::string& answer)
    : port(free_port()) {
    std::filesystem::create_directories(folder);
    auto where = folder.string();
    std::ofstream{folder / "nginx.conf"}
      << "daemon off;\nmaster_process off;\npid " << where
      << "/pid;\nerror_log stderr crit;\n"
         "events { worker_connections 8192; }\nhttp {\n"
         "  access_log off;\n  keepalive_requests 1000000000;\n"
         "  keepalive_timeout 1h;\n"
         "  client_body_temp_path "
      << where << "/body;\n  proxy_temp_path " << where
      << "/proxy;\n  fastcgi_temp_path " << where
      << "/fastcgi;\n  uwsgi_temp_path " << where
      << "/uwsgi;\n  scgi_temp_path " << where
      << "/scgi;\n  server {\n    listen 127.0.0.1:" << port
      << " backlog=4096;\n    location / {\n"
         "      default_type application/json;\n      return 200 '"
      << answer << "';\n    }\n  }\n}\n";
    auto config = where + "/nginx.conf";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL); // the parent may die first
      ::execl(binary.c_str(), "nginx", "-e", "stderr", "-p", where.c_str(),
              "-c", config.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; !listens(); ++i) {
      if (i == 500 || ::waitpid(pid_, nullptr, WNOHANG) != 0)
        give_up("nginx does not start: ./dev setup brings it");
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }
  nginx(const nginx&) = delete;
  nginx& operator=(const nginx&) = delete;

  ~nginx() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  const int port;

private:
  static int free_port() {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto where = reinterpret_cast<sockaddr*>(&at);
    if (::bind(fd, where, size) != 0 || ::getsockname(fd, where, &size) != 0)
      give_up("no port is free");
    ::close(fd);
    return ntohs(at.sin_port);
  }

  bool listens() const {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool out = ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    ::close(fd);
    return out;
  }

  pid_t pid_ = -1;
};

} // namespace dubber::bench
