#pragma once

#include "engines/options.hpp"

#include <memory>
#include <stdexcept>

namespace httplib {
class Server;
}

namespace dubber {

/// Thrown out of work that a stop interrupts: answered 503.
struct engine_stops : std::runtime_error {
  engine_stops() : std::runtime_error("the service stops") {
    // nop
  }
};

/// One of the four services: what it answers, without its socket.
class engine {
public:
  virtual ~engine() = default;

  /// Registers the service's routes.
  virtual void mount(httplib::Server& server) = 0;

  /// Requests in flight are to end soon, with an error if need be.
  virtual void stop() {
    // nop
  }
};

/// The service that `options.mode` names.
/// Throws std::runtime_error when a tool, model or folder is missing.
std::unique_ptr<engine> make_engine(const engine_options& options);

std::unique_ptr<engine> make_asr(const engine_options& options);
std::unique_ptr<engine> make_translate(const engine_options& options);
std::unique_ptr<engine> make_tts(const engine_options& options);
std::unique_ptr<engine> make_gateway(const engine_options& options);

} // namespace dubber
