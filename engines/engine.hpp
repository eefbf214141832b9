#pragma once

#include "engines/options.hpp"

#include <memory>

namespace httplib {
class Server;
}

namespace dubber {

/// One of the four services: what it answers, without its socket.
class engine {
public:
  virtual ~engine() = default;

  /// Registers the service's routes.
  virtual void mount(httplib::Server& server) = 0;
};

/// The service that `options.mode` names.
/// Throws std::runtime_error when a tool, model or folder is missing.
std::unique_ptr<engine> make_engine(const engine_options& options);

std::unique_ptr<engine> make_asr(const engine_options& options);
std::unique_ptr<engine> make_translate(const engine_options& options);
std::unique_ptr<engine> make_tts(const engine_options& options);
std::unique_ptr<engine> make_gateway(const engine_options& options);

} // namespace dubber
