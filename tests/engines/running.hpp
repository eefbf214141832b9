#pragma once

#include "engines/child_process.hpp"
#include "engines/http_service.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <functional>

namespace dubber::test {

using nlohmann::json;

/// Within this all that engines do in a test has happened.
constexpr auto patience = std::chrono::seconds{60};

inline steady_point soon() {
  return std::chrono::steady_clock::now() + patience;
}

/// An engine on a free port of this process.
struct running {
  scratch folder;
  std::unique_ptr<engine> what;
  std::unique_ptr<http_service> service;

  using change = std::function<void(engine_options&)>;

  explicit running(const std::string& mode, const change& also = nullptr) {
    engine_options options;
    options.mode = mode;
    options.data = folder.file("data");
    options.store = folder.file("store");
    options.workers = 1;
    if (also)
      also(options);
    what = make_engine(options);
    service
      = std::make_unique<http_service>(*what, "127.0.0.1", 0, options.queue);
  }
  ~running() {
    what->stop();
    service.reset();
  }
  int port() const {
    return service->port();
  }
};

/// An engine as a process of its own.
class engine_process {
public:
  explicit engine_process(std::vector<std::string> arguments)
    : child_(command(std::move(arguments), folder_), {false, true}) {
    std::string line;
    for (char c = 0; c != '\n'; line += c)
      if (child_.read(&c, 1, soon()) != 1)
        throw std::runtime_error("the engine did not start: " + line);
    port_ = std::stoi(line.substr(line.rfind(':') + 1));
  }

  int port() const {
    return port_;
  }
  pid_t pid() const {
    return child_.pid();
  }
  std::filesystem::path folder() const {
    return folder_.file("data");
  }

  /// The most memory it ever held, in bytes.
  size_t peak_memory() const;

  /// SIGTERM; the exit code, -1 when it does not end within two seconds.
  int terminate();

private:
  static std::vector<std::string> command(std::vector<std::string> arguments,
                                          const scratch& folder);

  scratch folder_;
  child_process child_;
  int port_ = 0;
};

/// The groups whose leaders are children of a process.
std::vector<pid_t> child_groups(pid_t parent);

/// The processes of a group that run, without zombies.
std::vector<pid_t> members(pid_t group);

/// Waits for a condition, at most for `patience`; what it said at last.
bool eventually(const std::function<bool()>& condition);

struct reply {
  int status = 0; // 0: no answer
  std::string body;
  json parsed() const {
    return json::parse(body);
  }
};

reply get(int port, const std::string& path);
reply post(int port, const std::string& path, const std::string& body,
           const std::string& type = "application/json");
inline reply post(int port, const std::string& path, const json& body) {
  return post(port, path, body.dump());
}

/// A form with one file that is streamed from the disk, and text fields.
reply upload(int port, const std::string& path,
             const std::filesystem::path& file, const std::string& name,
             const std::vector<std::pair<std::string, std::string>>& fields
             = {});

/// Sends bytes as they are and reads to the end of the connection.
std::string raw(int port, std::string_view bytes);

/// A connected socket that closes itself.
class raw_client {
public:
  explicit raw_client(int port);
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  bool send(std::string_view bytes);
  std::string read_all();

private:
  int fd_;
};

/// Mono, 16 bit.
void write_wav(const std::filesystem::path& file,
               const std::vector<int16_t>& samples, int rate = 16000);

} // namespace dubber::test
