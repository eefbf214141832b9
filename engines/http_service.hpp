#pragma once

#include "engines/engine.hpp"
#include "engines/http_server.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

namespace dubber {

/// Runs an engine on a socket of its own. One request a connection: kept-alive
/// connections would each hold a thread of the pool.
class http_service {
public:
  /// Binds and listens; throws std::runtime_error when the port is taken.
  /// `queue` requests can be worked on at once, and more be refused.
  http_service(engine& what, const std::string& host, int port, unsigned queue);
  ~http_service();
  http_service(const http_service&) = delete;
  http_service& operator=(const http_service&) = delete;

  int port() const {
    return port_;
  }

  /// Stops accepting and reading, and waits for the requests in flight.
  void stop();

private:
  http_server server_;
  int port_ = 0;
  std::thread thread_;
};

/// Counts the requests being worked on; beyond the limit the answer is 503.
class admission {
public:
  explicit admission(unsigned limit) : limit_(limit) {
    // nop
  }

  /// A place for one request, given back by the destructor.
  class place {
  public:
    place(admission& owner, httplib::Response& response);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    explicit operator bool() const {
      return admitted_;
    }

  private:
    admission& owner_;
    bool admitted_;
  };

private:
  std::atomic<unsigned> used_ = 0;
  unsigned limit_;
};

void answer_json(httplib::Response& response, int status,
                 const nlohmann::json& body);

/// 422 in FastAPI's form, `{"detail": [{"loc", "msg", "type"}]}`, and in
/// `error` the same as a sentence for people.
void answer_invalid(httplib::Response& response, const std::string& field,
                    const std::string& message);

/// Reads a JSON object of at most 1 MiB and 64 levels; on a mistake it has
/// answered 413 or 422 and returns nothing.
std::optional<nlohmann::json> read_json(const httplib::Request& request,
                                        httplib::Response& response,
                                        const httplib::ContentReader& reader);

/// A multipart form whose part `file` went to disk as it came in.
struct received_form {
  bool has_file = false;
  std::string file_name;
  uint64_t bytes = 0;
  std::map<std::string, std::string> fields; // each at most 64 KiB
};

/// Streams the part `file` to `target`; on a mistake it has answered (413, 422,
/// 507 for a full disk) and returns nothing. The caller removes `target`.
std::optional<received_form> receive_form(const httplib::Request& request,
                                          httplib::Response& response,
                                          const httplib::ContentReader& reader,
                                          const std::filesystem::path& target,
                                          uint64_t limit);

/// Streams a file of the disk; false when it cannot be opened. `Range` is kept
/// inside the file, or answered 416.
bool answer_file(const httplib::Request& request, httplib::Response& response,
                 const std::filesystem::path& path, const std::string& type);

/// True when the client whose request this thread works on has closed its
/// connection, if only its own direction.
bool caller_is_gone();

/// 32 random hexadecimal digits.
std::string random_name();

} // namespace dubber
